using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Weir.Node.Sources;

/// <summary>Where a source listens: <c>host:port</c>; without a host, on every address.</summary>
internal sealed record ListenAddress(string Host, int Port)
{
    /// <param name="text">A host may be a name, an IPv4 address or an IPv6 address in brackets.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out ListenAddress? address)
    {
        address = null;
        var colon = text.LastIndexOf(':');
        if (colon < 0 || !ushort.TryParse(text[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture,
            out var port)) return false;
        var host = text[..colon];
        if (host.StartsWith('[') && host.EndsWith(']')) host = host[1..^1];
        else if (host.Contains(':', StringComparison.Ordinal)) return false;
        address = new ListenAddress(host, port);
        return true;
    }

    /// <exception cref="SocketException">The name has no address.</exception>
    public async Task<IPEndPoint> ResolveAsync(CancellationToken cancel)
    {
        if (Host.Length == 0) return new IPEndPoint(Socket.OSSupportsIPv6 ? IPAddress.IPv6Any : IPAddress.Any, Port);
        if (IPAddress.TryParse(Host, out var address)) return new IPEndPoint(address, Port);
        var addresses = await Dns.GetHostAddressesAsync(Host, cancel);
        // As most programs do: the IPv4 address of a name that has both.
        var chosen = Array.Find(addresses, one => one.AddressFamily == AddressFamily.InterNetwork) ?? addresses[0];
        return new IPEndPoint(chosen, Port);
    }

    /// <exception cref="SocketException">The address is taken, or not of this host.</exception>
    public static Socket Bind(IPEndPoint endpoint, SocketType type, ProtocolType protocol)
    {
        var socket = new Socket(endpoint.AddressFamily, type, protocol);
        try
        {
            if (endpoint.Address.Equals(IPAddress.IPv6Any)) socket.DualMode = true;
            socket.Bind(endpoint);
            return socket;
        }
        catch (SocketException)
        {
            socket.Dispose();
            throw;
        }
    }
}
