using System.Runtime.InteropServices;
using System.Text;
using Weir.Protocol.Checksums;
using Weir.Protocol.Loki;
using Weir.Protocol.Snappy;
using Weir.Routing.Lanes;
using Weir.Routing.Ports;

namespace Weir.Routing.Writers;

/// <summary>The entries of a push whose outcome is unknown, and which of them were found at the endpoint.</summary>
/// <remarks>Two entries that are the same in stream, timestamp, line and metadata are one: Loki keeps one of
/// them.</remarks>
internal sealed class DoubtfulEntries
{
    private const int None = -1;

    private readonly byte[] _request;
    private readonly List<Row> _rows = [];
    private readonly List<DoubtfulStream> _streams = [];
    private readonly Dictionary<(long Timestamp, uint Line), int> _firsts = [];

    private DoubtfulEntries(byte[] request) => _request = request;

    public IReadOnlyList<DoubtfulStream> Streams => _streams;

    public int Count => _rows.Count;

    public int Found { get; private set; }

    /// <summary>Decodes a push.</summary>
    /// <returns>False when it is damaged, or a stream's name is none that a query could ask for.</returns>
    public static bool TryRead(PushBody body, out DoubtfulEntries entries)
    {
        var block = new byte[body.Bytes];
        var used = 0;
        foreach (var piece in body.Pieces)
        {
            piece.Span.CopyTo(block.AsSpan(used));
            used += piece.Length;
        }

        entries = new DoubtfulEntries(new byte[body.Facts.UncompressedLength]);
        return SnappyDecoder.TryDecompress(block, entries._request, out var length)
            && length == entries._request.Length && entries.TryIndex();
    }

    /// <summary>Marks what is the same as an entry that the endpoint has.</summary>
    /// <param name="stream">Of <see cref="Streams"/>.</param>
    /// <param name="mayHaveMore">Metadata beyond ours is Loki's own; if not, such an entry is another one.</param>
    public void Mark(DoubtfulStream stream, StoredEntry stored, bool mayHaveMore)
    {
        var line = Encoding.UTF8.GetBytes(stored.Line);
        var at = _firsts.GetValueOrDefault((stored.Timestamp, Crc32C.Of(line)), None);
        for (; at != None; at = _rows[at].Next)
        {
            ref var row = ref CollectionsMarshal.AsSpan(_rows)[at];
            if (row.IsFound || !ReferenceEquals(row.Stream, stream)) continue;
            if (!_request.AsSpan(row.LineStart, row.LineLength).SequenceEqual(line)
                || !HasMetadata(_request.AsSpan(row.Start, row.Length), stream, stored, mayHaveMore)) continue;
            row.IsFound = true;
            Found++;
        }
    }

    /// <summary>A push of only what was not found; there must be some.</summary>
    public PushBody Missing(SnappyEncoders encoders)
    {
        var part = new byte[_request.Length];
        var isMissing = new bool[_rows.Count];
        for (var i = 0; i < isMissing.Length; i++) isMissing[i] = !_rows[i].IsFound;
        var length = PushRequestSlice.Write(_request, isMissing, part);
        var request = part.AsSpan(0, length);
        var shared = encoders.Compress(request);
        var block = shared.Memory.ToArray();
        shared.Release();
        return new PushBody([block], PushBody.FactsOf(request));
    }

    private static bool HasMetadata(
        ReadOnlySpan<byte> content, DoubtfulStream stream, StoredEntry stored, bool mayHaveMore)
    {
        var same = 0;
        var metadata = new MetadataReader(content);
        while (metadata.Read())
        {
            // Loki drops what is empty, and rewrites names that are none.
            if (metadata.Value.IsEmpty || !LabelText.IsName(metadata.Name)) continue;
            var name = Encoding.UTF8.GetString(metadata.Name);
            if (stream.Labels.ContainsKey(name)) continue;
            if (!stored.Metadata.TryGetValue(name, out var value)
                || value != Encoding.UTF8.GetString(metadata.Value)) return false;
            same++;
        }

        return mayHaveMore || same >= stored.Metadata.Count;
    }

    private bool TryIndex()
    {
        var streams = new Dictionary<string, DoubtfulStream>(StringComparer.Ordinal);
        DoubtfulStream? stream = null;
        var reader = new PushRequestReader(_request);
        while (true)
        {
            switch (reader.Read())
            {
                case PushToken.Stream:
                    var name = Encoding.UTF8.GetString(reader.Labels);
                    if (!streams.TryGetValue(name, out stream))
                    {
                        if (DoubtfulStream.Parse(reader.Labels) is not { } parsed) return false;
                        streams[name] = stream = parsed;
                        _streams.Add(parsed);
                    }

                    break;
                case PushToken.Entry:
                    Add(stream!, reader);
                    break;
                case PushToken.End:
                    return true;
                default:
                    return false;
            }
        }
    }

    private void Add(DoubtfulStream stream, in PushRequestReader reader)
    {
        _request.AsSpan().Overlaps(reader.EntryContent, out var start);
        _request.AsSpan().Overlaps(reader.Line, out var lineStart);
        var key = (reader.Timestamp, Crc32C.Of(reader.Line));
        ref var first = ref CollectionsMarshal.GetValueRefOrAddDefault(_firsts, key, out var isKnown);
        _rows.Add(new Row
        {
            Stream = stream,
            Start = start,
            Length = reader.EntryContent.Length,
            LineStart = lineStart,
            LineLength = reader.Line.Length,
            Next = isKnown ? first : None,
        });
        first = _rows.Count - 1;
        stream.Add(reader.Timestamp);
    }

    private struct Row
    {
        public DoubtfulStream Stream;
        public int Start;
        public int Length;
        public int LineStart;
        public int LineLength;
        public int Next;
        public bool IsFound;
    }
}
