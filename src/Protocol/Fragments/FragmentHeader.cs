using System.Buffers.Binary;
using Weir.Protocol.Checksums;

namespace Weir.Protocol.Fragments;

/// <summary>What a fragment's payload is, once decompressed.</summary>
public enum FragmentKind : byte
{
    /// <summary>A Loki <c>PushRequest</c>.</summary>
    LokiPush = 1,

    /// <summary>A Prometheus remote-write 1.0 <c>WriteRequest</c>.</summary>
    RemoteWrite = 2,
}

/// <summary>Why bytes are no readable fragment header.</summary>
public enum FragmentFault
{
    None,

    /// <summary>The bytes end inside the header: a torn tail, or more to come.</summary>
    Incomplete,

    /// <summary>The bytes do not begin as a fragment does.</summary>
    NotAFragment,

    /// <summary>Written by a later version that this one cannot read.</summary>
    UnknownVersion,

    /// <summary>The header's checksum does not match it.</summary>
    Corrupt,

    /// <summary>A length above <see cref="FragmentHeader.BytesMax"/>.</summary>
    TooLarge,
}

/// <summary>Stands before each fragment's Snappy block, in storage and in transport.</summary>
/// <remarks>Whose fragment it is (tenant, destination) is the business of what stores or carries it.</remarks>
/// <seealso href="docs/formats/fragment.md"/>
public readonly record struct FragmentHeader
{
    /// <summary>Bytes of the fixed part; <see cref="FragmentFields"/> may follow it.</summary>
    public const int Bytes = 48;

    /// <summary>Longest payload, compressed or not: 64 MiB. Cut at 1 MiB; a huge line may exceed that.</summary>
    public const int BytesMax = 64 * 1024 * 1024;

    /// <summary>Longest header, fields included.</summary>
    public const int HeaderBytesMax = 4096;

    private const uint Magic = 0x47_46_52_57; // "WRFG"
    private const byte Version = 1;
    private const int HeaderChecksumAt = 44;

    public FragmentHeader() => HeaderLength = Bytes;

    /// <summary>Of a message that holds no entries that could be counted: none at all, or what cannot be
    /// read.</summary>
    public static FragmentHeader WithoutEntries(int payloadLength) => new()
    {
        Kind = FragmentKind.LokiPush,
        PayloadLength = payloadLength,
        UncompressedLength = 0,
        EntryCount = 0,
        LineBytes = 0,
        TimestampMin = 0,
        TimestampMax = 0,
        PayloadChecksum = 0,
    };

    public required FragmentKind Kind { get; init; }

    /// <summary>Bytes of the Snappy block that follows the header.</summary>
    public required int PayloadLength { get; init; }

    /// <summary>Bytes of the block once decompressed.</summary>
    public required int UncompressedLength { get; init; }

    /// <summary>Log entries, or samples.</summary>
    public required int EntryCount { get; init; }

    /// <summary>Bytes of the lines alone, what Loki's limits count; 0 for samples.</summary>
    public required int LineBytes { get; init; }

    /// <summary>Earliest timestamp, nanoseconds since the Unix epoch.</summary>
    public required long TimestampMin { get; init; }

    /// <summary>Latest timestamp, nanoseconds since the Unix epoch.</summary>
    public required long TimestampMax { get; init; }

    /// <summary>CRC-32C of the Snappy block.</summary>
    public required uint PayloadChecksum { get; init; }

    /// <summary>Bytes of the header as read: where the payload begins.</summary>
    public int HeaderLength { get; private init; }

    /// <summary>Whether these are the payload's bytes, whole and unharmed.</summary>
    public bool IsIntact(ReadOnlySpan<byte> payload) =>
        payload.Length == PayloadLength && Crc32C.Of(payload) == PayloadChecksum;

    /// <param name="destination">At least <see cref="Bytes"/> bytes.</param>
    public void Write(Span<byte> destination) => Write(destination[..Bytes], Bytes);

    /// <summary>Completes a header whose fields stand in <paramref name="header"/> already, behind the fixed
    /// part.</summary>
    /// <param name="header">The whole of it, <see cref="HeaderBytesMax"/> at the most.</param>
    public void WriteAround(Span<byte> header) => Write(header, header.Length);

    /// <param name="source">Begins with a header; what follows it is not looked at.</param>
    /// <param name="fault">Why not, <see cref="FragmentFault.None"/> when the header is good.</param>
    /// <returns>False, with an empty header, when there is a fault.</returns>
    public static bool TryRead(ReadOnlySpan<byte> source, out FragmentHeader header, out FragmentFault fault)
    {
        header = default;
        fault = Check(source, out var length);
        if (fault != FragmentFault.None) return false;

        header = new FragmentHeader
        {
            Kind = (FragmentKind)source[5],
            PayloadLength = BinaryPrimitives.ReadInt32LittleEndian(source[8..]),
            UncompressedLength = BinaryPrimitives.ReadInt32LittleEndian(source[12..]),
            EntryCount = BinaryPrimitives.ReadInt32LittleEndian(source[16..]),
            LineBytes = BinaryPrimitives.ReadInt32LittleEndian(source[20..]),
            TimestampMin = BinaryPrimitives.ReadInt64LittleEndian(source[24..]),
            TimestampMax = BinaryPrimitives.ReadInt64LittleEndian(source[32..]),
            PayloadChecksum = BinaryPrimitives.ReadUInt32LittleEndian(source[40..]),
            HeaderLength = length,
        };
        if (header.PayloadLength is >= 0 and <= BytesMax && header.UncompressedLength is >= 0 and <= BytesMax
            && header.EntryCount >= 0 && header.LineBytes >= 0) return true;

        header = default;
        fault = FragmentFault.TooLarge;
        return false;
    }

    private void Write(Span<byte> destination, int length)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(destination, Magic);
        destination[4] = Version;
        destination[5] = (byte)Kind;
        BinaryPrimitives.WriteUInt16LittleEndian(destination[6..], checked((ushort)length));
        BinaryPrimitives.WriteInt32LittleEndian(destination[8..], PayloadLength);
        BinaryPrimitives.WriteInt32LittleEndian(destination[12..], UncompressedLength);
        BinaryPrimitives.WriteInt32LittleEndian(destination[16..], EntryCount);
        BinaryPrimitives.WriteInt32LittleEndian(destination[20..], LineBytes);
        BinaryPrimitives.WriteInt64LittleEndian(destination[24..], TimestampMin);
        BinaryPrimitives.WriteInt64LittleEndian(destination[32..], TimestampMax);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[40..], PayloadChecksum);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[HeaderChecksumAt..], Checksum(destination));
    }

    private static FragmentFault Check(ReadOnlySpan<byte> source, out int length)
    {
        length = 0;
        if (source.Length < Bytes) return FragmentFault.Incomplete;
        if (BinaryPrimitives.ReadUInt32LittleEndian(source) != Magic) return FragmentFault.NotAFragment;
        if (source[4] != Version) return FragmentFault.UnknownVersion;

        length = BinaryPrimitives.ReadUInt16LittleEndian(source[6..]);
        if (length is < Bytes or > HeaderBytesMax) return FragmentFault.Corrupt;
        if (source.Length < length) return FragmentFault.Incomplete;
        if (Checksum(source[..length]) != BinaryPrimitives.ReadUInt32LittleEndian(source[HeaderChecksumAt..]))
            return FragmentFault.Corrupt;

        return source[5] is (byte)FragmentKind.LokiPush or (byte)FragmentKind.RemoteWrite
            ? FragmentFault.None
            : FragmentFault.UnknownVersion;
    }

    /// <summary>Of the header without the four bytes of the checksum itself.</summary>
    private static uint Checksum(ReadOnlySpan<byte> header) =>
        Crc32C.Append(Crc32C.Of(header[..HeaderChecksumAt]), header[(HeaderChecksumAt + sizeof(uint))..]);
}
