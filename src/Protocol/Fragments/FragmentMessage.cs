using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using Weir.Protocol.Checksums;

namespace Weir.Protocol.Fragments;

/// <summary>A fragment on its way between nodes: header, fields, payload.</summary>
/// <param name="Payload">The Snappy block, checked against the header.</param>
public sealed record FragmentMessage(FragmentHeader Header, FragmentFields Fields, ReadOnlyMemory<byte> Payload)
{
    /// <summary>Writes the message; length and checksum of the payload in <paramref name="header"/> are set
    /// here.</summary>
    /// <returns>The bytes, the caller's.</returns>
    /// <exception cref="ArgumentException">Fields are too long for a header: a tenant of kilobytes.</exception>
    public static byte[] Write(in FragmentHeader header, FragmentFields fields, ReadOnlySpan<byte> payload)
    {
        var head = new List<byte>(FragmentHeader.Bytes * 4);
        CollectionsMarshal.SetCount(head, FragmentHeader.Bytes);
        fields.Write(head);
        if (head.Count > FragmentHeader.HeaderBytesMax)
        {
            throw new ArgumentException(
                $"node, destination, tenant and endpoint need {head.Count} bytes; a fragment's header takes "
                + $"{FragmentHeader.HeaderBytesMax}", nameof(fields));
        }

        var message = new byte[head.Count + payload.Length];
        CollectionsMarshal.AsSpan(head).CopyTo(message);
        payload.CopyTo(message.AsSpan(head.Count));
        var whole = header with { PayloadLength = payload.Length, PayloadChecksum = Crc32C.Of(payload) };
        whole.WriteAround(message.AsSpan(0, head.Count));
        return message;
    }

    /// <param name="fault">Why not; <see cref="FragmentFault.None"/> when it is whole.</param>
    public static bool TryRead(
        ReadOnlyMemory<byte> bytes, [NotNullWhen(true)] out FragmentMessage? message, out FragmentFault fault)
    {
        message = null;
        if (!FragmentHeader.TryRead(bytes.Span, out var header, out fault)) return false;
        var payload = bytes[header.HeaderLength..];
        if (payload.Length < header.PayloadLength) fault = FragmentFault.Incomplete;
        else if (!header.IsIntact(payload.Span)) fault = FragmentFault.Corrupt;
        else if (!FragmentFields.TryRead(bytes.Span[FragmentHeader.Bytes..header.HeaderLength], out var fields))
            fault = FragmentFault.Corrupt;
        else message = new FragmentMessage(header, fields, payload);
        return message is not null;
    }
}
