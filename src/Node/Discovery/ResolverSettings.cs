using System.Globalization;
using System.Net;

namespace Weir.Node.Discovery;

/// <summary>Which name servers to ask, and how: what <c>/etc/resolv.conf</c> says.</summary>
/// <param name="Servers">In order.</param>
/// <param name="Search">Domains that names without enough dots are tried in.</param>
/// <param name="Dots">A name with this many dots is tried as it is first.</param>
/// <param name="Timeout">For one answer.</param>
/// <param name="Attempts">How often all servers are asked.</param>
public sealed record ResolverSettings(
    IReadOnlyList<IPEndPoint> Servers, IReadOnlyList<string> Search, int Dots, TimeSpan Timeout, int Attempts)
{
    private const string SystemFile = "/etc/resolv.conf";

    private const int Port = 53;

    // As the C library bounds them.
    private const int DotsMax = 15;
    private const int TimeoutMax = 30;
    private const int AttemptsMax = 5;

    /// <summary>What the system says now; this host's own name server where it says nothing.</summary>
    public static ResolverSettings OfSystem()
    {
        try
        {
            return Parse(File.ReadAllText(SystemFile));
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return Parse("");
        }
    }

    /// <summary>Reads a file's text; what is not understood counts for nothing.</summary>
    public static ResolverSettings Parse(string text)
    {
        var servers = new List<IPEndPoint>();
        IReadOnlyList<string> search = [];
        var (dots, timeout, attempts) = (1, 5, 2);
        foreach (var line in text.Split('\n'))
        {
            var words = line.Split('#', ';')[0].Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            switch (words)
            {
                case ["nameserver", var address, ..] when IPAddress.TryParse(address, out var parsed):
                    servers.Add(new IPEndPoint(parsed, Port));
                    break;
                case ["search" or "domain", .. var domains]: search = domains; break;
                case ["options", .. var options]:
                    foreach (var option in options)
                    {
                        dots = Number(option, "ndots:", DotsMax) ?? dots;
                        timeout = Number(option, "timeout:", TimeoutMax) ?? timeout;
                        attempts = Number(option, "attempts:", AttemptsMax) ?? attempts;
                    }

                    break;
            }
        }

        if (servers.Count == 0) servers.Add(new IPEndPoint(IPAddress.Loopback, Port));
        return new ResolverSettings(
            servers, search, dots, TimeSpan.FromSeconds(Math.Max(1, timeout)), Math.Max(1, attempts));
    }

    /// <summary>The full names that a name may mean, in the order in which they are to be tried.</summary>
    public IEnumerable<string> NamesOf(string name)
    {
        if (name.EndsWith('.')) return [name];
        var domains = Search.Select(domain => domain.Trim('.')).Where(domain => domain.Length > 0);
        var searched = domains.Select(domain => $"{name}.{domain}.");
        var isLong = name.Count(character => character == '.') >= Dots;
        return isLong ? [$"{name}.", .. searched] : [.. searched, $"{name}."];
    }

    private static int? Number(string option, string name, int most) =>
        option.StartsWith(name, StringComparison.Ordinal)
        && int.TryParse(option.AsSpan(name.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? Math.Min(number, most) : null;
}
