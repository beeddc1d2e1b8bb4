using System.Globalization;
using System.Net;

namespace Weir.Node.Http;

/// <summary>Which servers are reached without the proxy, as curl and Go read <c>no_proxy</c>.</summary>
/// <remarks>Parts: <c>*</c>, an address, a CIDR range, a domain (with what is below it), <c>.domain</c> (only what is
/// below it); each but a range may end in <c>:port</c>.</remarks>
public sealed class NoProxyList
{
    private readonly List<(string Host, int Port, bool BelowOnly)> _hosts = [];
    private readonly List<IPNetwork> _networks = [];
    private readonly bool _all;

    /// <param name="text">Parts separated by commas; what cannot be read as one matches nothing.</param>
    public NoProxyList(string text)
    {
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (part == "*") _all = true;
            else if (part.Contains('/', StringComparison.Ordinal) && IPNetwork.TryParse(part, out var network))
                _networks.Add(network);
            else _hosts.Add(ReadHost(part));
        }
    }

    public bool Contains(Uri server)
    {
        if (_all) return true;
        var host = server.IdnHost.Trim('[', ']').TrimEnd('.').ToLowerInvariant();
        if (IPAddress.TryParse(host, out var address))
        {
            foreach (var network in _networks)
                if (network.Contains(address)) return true;
        }

        foreach (var (known, port, belowOnly) in _hosts)
        {
            if (port != 0 && port != server.Port) continue;
            if (!belowOnly && host == known) return true;
            if (host.EndsWith("." + known, StringComparison.Ordinal)) return true;
        }

        return false;
    }

    private static (string Host, int Port, bool BelowOnly) ReadHost(string part)
    {
        var host = part.ToLowerInvariant();
        var port = 0;
        var colon = host.LastIndexOf(':');
        // More than one colon without brackets is an IPv6 address.
        var hasPort = colon > 0 && (host.IndexOf(':', StringComparison.Ordinal) == colon || host[colon - 1] == ']');
        if (hasPort && int.TryParse(host[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out port))
            host = host[..colon];
        host = host.Trim('[', ']');
        if (host.StartsWith("*.", StringComparison.Ordinal)) host = host[1..];
        return host.StartsWith('.') ? (host[1..], port, true) : (host, port, false);
    }
}
