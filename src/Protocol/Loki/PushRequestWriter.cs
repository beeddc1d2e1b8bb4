using Weir.Protocol.Protobuf;

namespace Weir.Protocol.Loki;

/// <summary>Writes Loki's <c>PushRequest</c> field by field into the caller's memory. Allocates nothing.</summary>
/// <remarks>
/// A stream's length stands before its entries, so a writer adds up <see cref="EntryBytes"/> first, then writes
/// <see cref="WriteStreamHeader"/> and, right behind it, each entry. Requests written one after the other are one
/// request: the repeated fields append, the same stream may occur several times.
/// </remarks>
/// <seealso href="docs/formats/fragment.md"/>
public static class PushRequestWriter
{
    internal const int StreamsField = 1;
    internal const int LabelsField = 1;
    internal const int EntriesField = 2;
    internal const int TimestampField = 1;
    internal const int LineField = 2;
    internal const int MetadataField = 3;
    internal const int SecondsField = 1;
    internal const int NanosField = 2;
    internal const int NameField = 1;
    internal const int ValueField = 2;
    internal const long NanosecondsPerSecond = 1_000_000_000;

    private const int TagBytes = 1; // all field numbers here are below 16

    /// <summary>Bytes of one entry as a field of its stream, tag and length included.</summary>
    /// <param name="timestamp">Nanoseconds since the Unix epoch.</param>
    /// <param name="metadataLength">Bytes of metadata already in the form of <see cref="WriteMetadata"/>.</param>
    public static int EntryBytes(long timestamp, int lineLength, int metadataLength) =>
        FieldBytes(EntryContentBytes(timestamp, lineLength, metadataLength));

    /// <summary>Bytes of a stream as a field of the request: header plus entries.</summary>
    /// <param name="entriesBytes">The sum of <see cref="EntryBytes"/>.</param>
    public static int StreamBytes(int labelsLength, int entriesBytes) =>
        FieldBytes(LabelsBytes(labelsLength) + entriesBytes);

    /// <summary>Bytes of the stream's header alone: its tag, its length and its labels.</summary>
    public static int StreamHeaderBytes(int labelsLength, int entriesBytes) =>
        StreamBytes(labelsLength, entriesBytes) - entriesBytes;

    /// <summary>Writes what precedes a stream's entries.</summary>
    /// <param name="destination">At least <see cref="StreamHeaderBytes"/>.</param>
    /// <param name="labels">The stream's name, <c>{a="b", c="d"}</c> in UTF-8.</param>
    /// <returns>Bytes written.</returns>
    public static int WriteStreamHeader(Span<byte> destination, ReadOnlySpan<byte> labels, int entriesBytes)
    {
        var written = WriteTag(destination, StreamsField, LabelsBytes(labels.Length) + entriesBytes);
        return labels.IsEmpty ? written : written + WriteField(destination[written..], LabelsField, labels);
    }

    /// <summary>Writes one entry as a field of its stream.</summary>
    /// <param name="destination">At least <see cref="EntryBytes"/>.</param>
    /// <param name="timestamp">Nanoseconds since the Unix epoch.</param>
    /// <param name="metadata">Structured metadata in the form of <see cref="WriteMetadata"/>; may be empty.</param>
    /// <returns>Bytes written.</returns>
    public static int WriteEntry(
        Span<byte> destination, long timestamp, ReadOnlySpan<byte> line, ReadOnlySpan<byte> metadata)
    {
        var written = WriteTag(
            destination, EntriesField, EntryContentBytes(timestamp, line.Length, metadata.Length));
        written += WriteTimestamp(destination[written..], timestamp);
        if (!line.IsEmpty) written += WriteField(destination[written..], LineField, line);
        metadata.CopyTo(destination[written..]);
        return written + metadata.Length;
    }

    /// <summary>Bytes of one pair of structured metadata as a field of its entry.</summary>
    public static int MetadataBytes(int nameLength, int valueLength) =>
        FieldBytes(FieldBytes(nameLength) + FieldBytes(valueLength));

    /// <summary>Writes a pair of structured metadata as a field of its entry; several stand in a row.</summary>
    /// <param name="destination">At least <see cref="MetadataBytes"/>.</param>
    /// <returns>Bytes written.</returns>
    public static int WriteMetadata(Span<byte> destination, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        var written = WriteTag(destination, MetadataField, FieldBytes(name.Length) + FieldBytes(value.Length));
        written += WriteField(destination[written..], NameField, name);
        return written + WriteField(destination[written..], ValueField, value);
    }

    private static int LabelsBytes(int labelsLength) => labelsLength == 0 ? 0 : FieldBytes(labelsLength);

    private static int EntryContentBytes(long timestamp, int lineLength, int metadataLength) =>
        TagBytes + 1 + TimestampContentBytes(timestamp)
        + (lineLength == 0 ? 0 : FieldBytes(lineLength)) + metadataLength;

    private static int FieldBytes(int contentLength) => TagBytes + Varint.Bytes((uint)contentLength) + contentLength;

    private static int TimestampContentBytes(long timestamp)
    {
        var (seconds, nanos) = Split(timestamp);
        return (seconds == 0 ? 0 : TagBytes + Varint.Bytes((ulong)seconds))
            + (nanos == 0 ? 0 : TagBytes + Varint.Bytes((ulong)nanos));
    }

    private static int WriteTimestamp(Span<byte> destination, long timestamp)
    {
        var (seconds, nanos) = Split(timestamp);
        destination[0] = TimestampField << 3 | (int)WireType.Bytes;
        var written = 2;
        if (seconds != 0)
        {
            destination[written++] = SecondsField << 3;
            written += Varint.Write(destination[written..], (ulong)seconds);
        }

        if (nanos != 0)
        {
            destination[written++] = NanosField << 3;
            written += Varint.Write(destination[written..], (ulong)nanos);
        }

        destination[1] = (byte)(written - 2);
        return written;
    }

    /// <summary>Nanoseconds are counted forwards from the second below, before 1970 too.</summary>
    private static (long Seconds, long Nanos) Split(long timestamp)
    {
        var seconds = timestamp / NanosecondsPerSecond;
        var nanos = timestamp - seconds * NanosecondsPerSecond;
        return nanos < 0 ? (seconds - 1, nanos + NanosecondsPerSecond) : (seconds, nanos);
    }

    private static int WriteTag(Span<byte> destination, int field, int length)
    {
        destination[0] = (byte)(field << 3 | (int)WireType.Bytes);
        return TagBytes + Varint.Write(destination[TagBytes..], (uint)length);
    }

    private static int WriteField(Span<byte> destination, int field, ReadOnlySpan<byte> content)
    {
        var written = WriteTag(destination, field, content.Length);
        content.CopyTo(destination[written..]);
        return written + content.Length;
    }
}
