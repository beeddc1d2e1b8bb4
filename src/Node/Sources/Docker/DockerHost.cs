using System.Net.Sockets;
using Weir.Routing.Components;

namespace Weir.Node.Sources.Docker;

/// <summary>Where an engine listens: <c>unix://</c>, <c>tcp://</c>, <c>http://</c> or <c>https://</c>.</summary>
/// <param name="Address">What requests are sent to.</param>
/// <param name="SocketPath">The unix socket behind it; null for a network address.</param>
public sealed record DockerHost(Uri Address, string? SocketPath)
{
    private const string UnixScheme = "unix://";

    /// <summary>What can be written as a host.</summary>
    public const string Hint =
        "write unix:///var/run/docker.sock, tcp://HOST:PORT, http://HOST:PORT or https://HOST:PORT";

    /// <returns>What is wrong with a configured host; null: nothing.</returns>
    public static string? ProblemOf(string host) =>
        TryParse(host, secure: false) is null ? $"{host} is not an address of a Docker engine" : null;

    /// <param name="host">As configured.</param>
    /// <param name="secure">TLS is configured, which makes <c>tcp://</c> mean HTTPS, as Docker's own clients
    /// do.</param>
    /// <exception cref="ComponentException">No such kind of address.</exception>
    public static DockerHost Parse(string host, bool secure) =>
        TryParse(host, secure) ?? throw new ComponentException($"{ProblemOf(host)}: {Hint}");

    /// <summary>Opens the unix socket, whatever host and port the request names.</summary>
    /// <exception cref="IOException">It cannot be opened; the message says what to do.</exception>
    public async ValueTask<Stream> OpenSocketAsync(CancellationToken cancel)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        var connected = false;
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(SocketPath!), cancel);
            connected = true;
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch (SocketException fault)
        {
            throw new IOException(TextOf(fault), fault);
        }
        finally
        {
            if (!connected) socket.Dispose();
        }
    }

    private string TextOf(SocketException fault) => fault.SocketErrorCode switch
    {
        // What the framework makes of a path that is not there.
        SocketError.AddressNotAvailable =>
            $"there is no {SocketPath}; start the engine, or mount the socket into Weir's container",
        SocketError.AccessDenied => $"this user may not open {SocketPath}; add it to the group that owns the socket "
            + "(usermod -aG docker USER; in a container --group-add with that group's number)",
        SocketError.ConnectionRefused => $"nothing listens on {SocketPath}; start the engine",
        _ => fault.Message,
    };

    private static DockerHost? TryParse(string host, bool secure)
    {
        if (host.StartsWith(UnixScheme, StringComparison.Ordinal))
        {
            // 108 bytes with the final zero: the kernel's limit for the name of a socket.
            var path = host[UnixScheme.Length..];
            return path.Length is > 0 and < 108 ? new DockerHost(new Uri("http://docker/"), path) : null;
        }

        if (!Uri.TryCreate(host, UriKind.Absolute, out var address) || address.Host.Length == 0) return null;
        if (address.Scheme is "http" or "https") return new DockerHost(WithSlash(address), null);
        if (address.Scheme != "tcp") return null;
        // Docker's own ports: 2375 in the clear, 2376 with TLS.
        var port = address.Port > 0 ? address.Port : secure ? 2376 : 2375;
        var scheme = secure ? Uri.UriSchemeHttps : Uri.UriSchemeHttp;
        return new DockerHost(WithSlash(new UriBuilder(scheme, address.Host, port, address.AbsolutePath).Uri), null);
    }

    private static Uri WithSlash(Uri address) => address.AbsolutePath.EndsWith('/')
        ? address
        : new UriBuilder(address) { Path = address.AbsolutePath + "/" }.Uri;
}
