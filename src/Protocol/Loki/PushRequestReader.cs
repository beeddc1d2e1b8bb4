using Weir.Protocol.Protobuf;

namespace Weir.Protocol.Loki;

/// <summary>What <see cref="PushRequestReader.Read"/> came to.</summary>
public enum PushToken
{
    /// <summary>A stream begins: <see cref="PushRequestReader.Labels"/> is its name.</summary>
    Stream,

    /// <summary>An entry of the current stream.</summary>
    Entry,

    /// <summary>The whole request was read.</summary>
    End,

    /// <summary>Malformed: <see cref="PushRequestReader.Fault"/> says what, Offset where.</summary>
    Fault,
}

/// <summary>Walks streams and entries of a Loki <c>PushRequest</c> in wire order, allocating nothing.</summary>
/// <remarks>
/// Trusts nothing: every length is checked. Unknown fields are skipped, as protobuf asks. All spans point into the
/// request. Joined requests read as one.
/// </remarks>
public ref struct PushRequestReader
{
    private readonly ReadOnlySpan<byte> _request;
    private FieldReader _streams;
    private FieldReader _entries;
    private int _entriesStart;
    private bool _inStream;

    public PushRequestReader(ReadOnlySpan<byte> request)
    {
        _request = request;
        _streams = new FieldReader(request);
        Fault = "";
    }

    /// <summary>Name of the current stream, <c>{a="b"}</c> in UTF-8; empty when the stream has none.</summary>
    public ReadOnlySpan<byte> Labels { get; private set; }

    /// <summary>Nanoseconds since the Unix epoch of the current entry.</summary>
    public long Timestamp { get; private set; }

    /// <summary>Line of the current entry.</summary>
    public ReadOnlySpan<byte> Line { get; private set; }

    /// <summary>The current entry's content as it stands on the wire, without its tag and length.</summary>
    public ReadOnlySpan<byte> EntryContent { get; private set; }

    /// <summary>Walks the current entry's structured metadata.</summary>
    public readonly MetadataReader Metadata => new(EntryContent);

    /// <summary>What is wrong, "" unless <see cref="PushToken.Fault"/> was returned.</summary>
    public string Fault { get; private set; }

    /// <summary>Offset in the request of the fault, or of what is read next.</summary>
    public int Offset { get; private set; }

    /// <summary>Goes to the next stream or entry.</summary>
    public PushToken Read()
    {
        if (Fault.Length > 0) return PushToken.Fault;

        while (true)
        {
            if (_inStream)
            {
                while (_entries.TryRead())
                {
                    Offset = _entriesStart + _entries.Offset;
                    if (_entries.Field != PushRequestWriter.EntriesField) continue;

                    return _entries.Type == WireType.Bytes ? ReadEntry() : Fail("an entry that is no message");
                }

                if (!_entries.AtEnd) return Fail("a malformed stream");
                _inStream = false;
            }

            if (!_streams.TryRead()) return _streams.AtEnd ? PushToken.End : Fail("a malformed request");

            Offset = _streams.BytesOffset;
            if (_streams.Field != PushRequestWriter.StreamsField) continue;

            return _streams.Type == WireType.Bytes ? ReadStream() : Fail("a stream that is no message");
        }
    }

    /// <summary>Finds the labels first: they may stand behind the entries, and the last ones count.</summary>
    private PushToken ReadStream()
    {
        _entriesStart = _streams.BytesOffset;
        _entries = new FieldReader(_streams.Bytes);
        _inStream = true;
        Labels = default;
        var fields = new FieldReader(_streams.Bytes);
        while (fields.TryRead())
        {
            if (fields.Field != PushRequestWriter.LabelsField) continue;
            if (fields.Type != WireType.Bytes) return Fail("labels that are no string");
            Labels = fields.Bytes;
        }

        if (fields.AtEnd) return PushToken.Stream;

        Offset = _entriesStart + fields.Offset;
        return Fail("a malformed stream");
    }

    private PushToken ReadEntry()
    {
        EntryContent = _entries.Bytes;
        Line = default;
        Timestamp = 0;
        var start = _entriesStart + _entries.BytesOffset;
        var fields = new FieldReader(EntryContent);
        while (fields.TryRead())
        {
            Offset = start + fields.Offset;
            switch (fields.Field)
            {
                case PushRequestWriter.LineField:
                    if (fields.Type != WireType.Bytes) return Fail("a line that is no string");
                    Line = fields.Bytes;
                    break;
                case PushRequestWriter.TimestampField:
                    if (fields.Type != WireType.Bytes || !TryReadTimestamp(fields.Bytes, out var timestamp))
                        return Fail("a malformed timestamp");
                    Timestamp = timestamp;
                    break;
                case PushRequestWriter.MetadataField:
                    if (fields.Type != WireType.Bytes || !MetadataReader.IsPair(fields.Bytes))
                        return Fail("malformed structured metadata");
                    break;
            }
        }

        if (fields.AtEnd) return PushToken.Entry;

        Offset = start + fields.Offset;
        return Fail("a malformed entry");
    }

    /// <returns>False when malformed, or outside what nanoseconds in 64 bits can hold (1677 to 2262).</returns>
    private static bool TryReadTimestamp(ReadOnlySpan<byte> content, out long timestamp)
    {
        timestamp = 0;
        long seconds = 0, nanos = 0;
        var fields = new FieldReader(content);
        while (fields.TryRead())
        {
            if (fields.Field > PushRequestWriter.NanosField) continue;
            if (fields.Type != WireType.Varint) return false;
            if (fields.Field == PushRequestWriter.SecondsField) seconds = (long)fields.Number;
            else nanos = (long)fields.Number;
        }

        const long SecondsMax = long.MaxValue / PushRequestWriter.NanosecondsPerSecond - 1;
        if (!fields.AtEnd || seconds is < -SecondsMax or > SecondsMax) return false;
        if (nanos is < 0 or >= PushRequestWriter.NanosecondsPerSecond) return false;

        timestamp = seconds * PushRequestWriter.NanosecondsPerSecond + nanos;
        return true;
    }

    private PushToken Fail(string fault)
    {
        Fault = fault;
        Offset = Math.Min(Offset, _request.Length);
        return PushToken.Fault;
    }
}
