using Weir.Protocol.Batches;
using Weir.Protocol.Loki;

namespace Weir.Routing.Lanes;

/// <summary>Groups entries of one batch by stream, in order, without allocating once it is warm.</summary>
internal sealed class StreamGroups
{
    // What a stream's header takes beside its labels: two tags and two lengths of at most 5 bytes.
    private const int HeaderBytesMax = 12;
    private const int None = -1;

    private readonly Dictionary<LabelSet, int> _index = [];
    private Group[] _groups = new Group[16];
    private int[] _next = new int[1024];
    private int _count;
    private LabelSet? _last;
    private int _lastGroup;

    /// <summary>Most bytes that <see cref="Write"/> takes.</summary>
    public int BytesMax { get; private set; }

    public int Entries { get; private set; }

    public int LineBytes { get; private set; }

    public long TimestampMin { get; private set; }

    public long TimestampMax { get; private set; }

    public void Begin(LogBatch batch)
    {
        _groups.AsSpan(0, _count).Clear();
        _index.Clear();
        _count = BytesMax = Entries = LineBytes = 0;
        _last = null;
        TimestampMin = long.MaxValue;
        TimestampMax = long.MinValue;
        if (_next.Length < batch.Count) _next = new int[batch.Count + batch.Count / 2];
    }

    /// <returns>False, nothing changed, when the bytes would pass a limit; the first entry always fits.</returns>
    public bool TryAdd(int index, in Entry entry, int bytesMax, int lineBytesMax)
    {
        var bytes = PushRequestWriter.EntryBytes(entry.Timestamp, entry.LineLength, entry.MetadataLength);
        var isKnown = TryFind(entry.Labels, out var found);
        var added = bytes + (isKnown ? 0 : HeaderBytesMax + entry.Labels.Stream.Length);
        if (Entries > 0 && (BytesMax + added > bytesMax || LineBytes + entry.LineLength > lineBytesMax)) return false;

        if (!isKnown) found = AddGroup(entry.Labels);
        ref var group = ref _groups[found];
        if (group.First == None) group.First = index;
        else _next[group.Last] = index;
        group.Last = index;
        _next[index] = None;
        group.EntriesBytes += bytes;
        BytesMax += added;
        LineBytes += entry.LineLength;
        Entries++;
        TimestampMin = Math.Min(TimestampMin, entry.Timestamp);
        TimestampMax = Math.Max(TimestampMax, entry.Timestamp);
        return true;
    }

    /// <summary>Writes the groups as streams of a push request.</summary>
    /// <returns>Bytes written.</returns>
    public int Write(LogBatch batch, Span<byte> destination)
    {
        var written = 0;
        var entries = batch.Entries;
        foreach (ref var group in _groups.AsSpan(0, _count))
        {
            written += PushRequestWriter.WriteStreamHeader(
                destination[written..], group.Labels.Stream, group.EntriesBytes);
            for (var i = group.First; i != None; i = _next[i])
            {
                ref var entry = ref entries[i];
                written += PushRequestWriter.WriteEntry(
                    destination[written..], entry.Timestamp, batch.Line(entry), batch.Metadata(entry));
            }
        }

        return written;
    }

    public void AddStreamsTo(HashSet<LabelSet> streams)
    {
        foreach (ref var group in _groups.AsSpan(0, _count)) streams.Add(group.Labels);
    }

    private bool TryFind(LabelSet labels, out int group)
    {
        group = _lastGroup;
        if (ReferenceEquals(labels, _last)) return true;
        if (!_index.TryGetValue(labels, out group)) return false;
        _last = labels;
        _lastGroup = group;
        return true;
    }

    private int AddGroup(LabelSet labels)
    {
        if (_count == _groups.Length) Array.Resize(ref _groups, _count * 2);
        _groups[_count] = new Group { Labels = labels, First = None };
        _index[labels] = _count;
        _last = labels;
        _lastGroup = _count;
        return _count++;
    }

    private struct Group
    {
        public LabelSet Labels;
        public int First;
        public int Last;
        public int EntriesBytes;
    }
}
