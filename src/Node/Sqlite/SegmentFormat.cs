using System.Buffers.Binary;
using System.Text;
using Weir.Protocol.Checksums;
using Weir.Routing.Ports;

namespace Weir.Node.Sqlite;

/// <summary>A fragment as a segment file describes it: enough to owe it again when the index is lost.</summary>
internal sealed record SegmentRecord(
    FragmentKey Key, IReadOnlyList<string> Endpoints, FragmentFacts Facts, DateTimeOffset StoredAt,
    ReadOnlyMemory<byte> Body);

/// <summary>The bytes of segment files.</summary>
/// <seealso href="docs/formats/spool.md"/>
internal static class SegmentFormat
{
    /// <summary>Bytes before the first record.</summary>
    public const int FileHeaderBytes = 16;

    /// <summary>Bytes of a record's header before its names.</summary>
    public const int RecordHeaderBytes = 64;

    /// <summary>Longest header, names included: a destination, a tenant (at most 150 bytes for Loki) and endpoints'
    /// names.</summary>
    public const int RecordHeaderBytesMax = 64 * 1024;

    /// <summary>First bytes of a record, little-endian: <c>W R F 1</c>.</summary>
    public const uint RecordMagic = 0x31465257;

    private const ulong FileMagic = 0x3147455352494557; // "WEIRSEG1", little-endian

    public static void WriteFileHeader(Span<byte> destination, uint salt)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(destination, FileMagic);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[8..], salt);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[12..], Crc32C.Of(destination[..12]));
    }

    /// <returns>False when the header is damaged.</returns>
    public static bool TryReadFileHeader(ReadOnlySpan<byte> source, out uint salt)
    {
        salt = 0;
        if (source.Length < FileHeaderBytes
            || BinaryPrimitives.ReadUInt64LittleEndian(source) != FileMagic
            || BinaryPrimitives.ReadUInt32LittleEndian(source[12..]) != Crc32C.Of(source[..12])) return false;
        salt = BinaryPrimitives.ReadUInt32LittleEndian(source[8..]);
        return true;
    }

    /// <summary>Makes the header that goes before a fragment's body.</summary>
    /// <exception cref="ArgumentException">Its names need more than <see cref="RecordHeaderBytesMax"/>.</exception>
    public static byte[] MakeHeader(SealedFragment fragment, DateTimeOffset storedAt, uint salt)
    {
        var (destination, tenant, partition) = fragment.Key;
        var length = RecordHeaderBytes + NameBytes(destination) + NameBytes(tenant);
        foreach (var endpoint in fragment.Endpoints) length += NameBytes(endpoint);
        if (length > RecordHeaderBytesMax)
            throw new ArgumentException($"the names of a fragment take {length} bytes", nameof(fragment));

        var header = new byte[length];
        var facts = fragment.Facts;
        BinaryPrimitives.WriteUInt32LittleEndian(header, RecordMagic);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(8), length);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(12), fragment.Body.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(16), Crc32C.Append(salt, fragment.Body.Span));
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(20), facts.UncompressedLength);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(24), facts.Entries);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(28), facts.LineBytes);
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(32), facts.TimestampMin);
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(40), facts.TimestampMax);
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(48), storedAt.ToUnixTimeMilliseconds());
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(56), partition);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(60), fragment.Endpoints.Count);
        var rest = WriteName(header.AsSpan(RecordHeaderBytes), destination);
        rest = WriteName(rest, tenant);
        foreach (var endpoint in fragment.Endpoints) rest = WriteName(rest, endpoint);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(4), Crc32C.Append(salt, header.AsSpan(8)));
        return header;
    }

    /// <summary>Reads the record at the start of <paramref name="source"/> and checks both its sums.</summary>
    /// <param name="length">Of the whole record; the length that a sound header states when only the body is
    /// damaged; else 0.</param>
    /// <returns>False when it is cut short or damaged.</returns>
    public static bool TryRead(ReadOnlyMemory<byte> source, uint salt, out SegmentRecord? record, out long length)
    {
        record = null;
        length = 0;
        var bytes = source.Span;
        if (!TryReadLengths(bytes, salt, out var headerLength, out var bodyLength)) return false;
        length = (long)headerLength + bodyLength;
        if (length > bytes.Length) return false;
        var body = source.Slice(headerLength, bodyLength);
        if (BinaryPrimitives.ReadUInt32LittleEndian(bytes[16..]) != Crc32C.Append(salt, body.Span)) return false;
        return TryReadHeader(bytes[..headerLength], body, out record);
    }

    private static bool TryReadLengths(ReadOnlySpan<byte> bytes, uint salt, out int headerLength, out int bodyLength)
    {
        (headerLength, bodyLength) = (0, 0);
        if (bytes.Length < RecordHeaderBytes) return false;
        if (BinaryPrimitives.ReadUInt32LittleEndian(bytes) != RecordMagic) return false;
        headerLength = BinaryPrimitives.ReadInt32LittleEndian(bytes[8..]);
        bodyLength = BinaryPrimitives.ReadInt32LittleEndian(bytes[12..]);
        return headerLength is >= RecordHeaderBytes and <= RecordHeaderBytesMax
            && headerLength <= bytes.Length
            && bodyLength >= 0
            && BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]) == Crc32C.Append(salt, bytes[8..headerLength]);
    }

    private static bool TryReadHeader(ReadOnlySpan<byte> header, ReadOnlyMemory<byte> body, out SegmentRecord? record)
    {
        record = null;
        var rest = header[RecordHeaderBytes..];
        if (!TryReadName(ref rest, out var destination) || !TryReadName(ref rest, out var tenant)) return false;
        var endpoints = new List<string>();
        for (var count = BinaryPrimitives.ReadInt32LittleEndian(header[60..]); count > 0; count--)
        {
            if (!TryReadName(ref rest, out var endpoint)) return false;
            endpoints.Add(endpoint);
        }

        var facts = new FragmentFacts(
            BinaryPrimitives.ReadInt32LittleEndian(header[20..]),
            BinaryPrimitives.ReadInt32LittleEndian(header[24..]),
            BinaryPrimitives.ReadInt32LittleEndian(header[28..]),
            BinaryPrimitives.ReadInt64LittleEndian(header[32..]),
            BinaryPrimitives.ReadInt64LittleEndian(header[40..]));
        var key = new FragmentKey(destination, tenant, BinaryPrimitives.ReadInt32LittleEndian(header[56..]));
        var storedAt = DateTimeOffset.FromUnixTimeMilliseconds(BinaryPrimitives.ReadInt64LittleEndian(header[48..]));
        record = new SegmentRecord(key, endpoints, facts, storedAt, body);
        return true;
    }

    private static int NameBytes(string name) => sizeof(ushort) + Encoding.UTF8.GetByteCount(name);

    private static Span<byte> WriteName(Span<byte> destination, string name)
    {
        var length = Encoding.UTF8.GetBytes(name, destination[sizeof(ushort)..]);
        BinaryPrimitives.WriteUInt16LittleEndian(destination, checked((ushort)length));
        return destination[(sizeof(ushort) + length)..];
    }

    private static bool TryReadName(ref ReadOnlySpan<byte> source, out string name)
    {
        name = "";
        if (source.Length < sizeof(ushort)) return false;
        var length = BinaryPrimitives.ReadUInt16LittleEndian(source);
        if (source.Length < sizeof(ushort) + length) return false;
        name = Encoding.UTF8.GetString(source.Slice(sizeof(ushort), length));
        source = source[(sizeof(ushort) + length)..];
        return true;
    }
}
