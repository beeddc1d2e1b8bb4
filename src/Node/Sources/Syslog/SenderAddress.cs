using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Weir.Node.Sources.Syslog;

/// <summary>A sender's IP address, without its port, in a form that costs nothing to compare.</summary>
internal readonly record struct SenderAddress(UInt128 Bits, bool IsV6)
{
    // struct sockaddr_in: family, port, address; sockaddr_in6: family, port, flow, address.
    private const int V4Offset = 4;
    private const int V6Offset = 8;

    public static SenderAddress Of(SocketAddress socket)
    {
        var bytes = socket.Buffer.Span;
        return socket.Family == AddressFamily.InterNetworkV6
            ? new(BinaryPrimitives.ReadUInt128BigEndian(bytes[V6Offset..]), true)
            : new(BinaryPrimitives.ReadUInt32BigEndian(bytes[V4Offset..]), false);
    }

    public IPAddress ToIPAddress()
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, Bits);
        return new IPAddress(IsV6 ? bytes : bytes[12..]);
    }
}
