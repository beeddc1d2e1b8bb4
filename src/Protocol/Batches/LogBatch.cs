using System.Buffers;
using System.Diagnostics;

namespace Weir.Protocol.Batches;

/// <summary>A log entry of a batch. Offsets point into the batch's arena.</summary>
public struct Entry
{
    /// <summary>Nanoseconds since the Unix epoch.</summary>
    public long Timestamp;

    /// <summary>Where the source must resume to read this entry again: a file's byte offset of the line's start, a
    /// container's nanosecond before it.</summary>
    public long Resume;

    public LabelSet Labels;

    public int LineStart;
    public int LineLength;

    /// <summary>Structured metadata, already in the wire form of EntryAdapter's field 3; empty when the length is
    /// 0.</summary>
    public int MetadataStart;
    public int MetadataLength;
}

/// <summary>Entries over one rented arena: what moves between actors inside a node.</summary>
/// <remarks>
/// One owner: posting hands it over, the last owner disposes. Not for use from two threads at once.
/// A source may read straight into <see cref="Reserve"/> and name the lines in place.
/// </remarks>
public sealed class LogBatch : IDisposable
{
    /// <summary>The arena a source asks for: 256 KiB keeps a batch and its protobuf form in the second-level
    /// cache.</summary>
    public const int ArenaDefault = 256 * 1024;

    private byte[] _bytes;
    private Entry[] _entries;
    private int _used;
    private int _count;

    public LogBatch(int bytes = ArenaDefault, int entries = 1024)
    {
        _bytes = ArrayPool<byte>.Shared.Rent(bytes);
        _entries = ArrayPool<Entry>.Shared.Rent(entries);
    }

    /// <summary>The position that this batch covers; null where the source keeps none (a listener).</summary>
    /// <remarks>The batch holds it once and releases it when disposed.</remarks>
    public Checkpoint? Checkpoint { get; set; }

    public int Count => _count;

    /// <summary>Arena bytes in use: what bounded mailboxes count.</summary>
    public int BytesUsed => _used;

    public Span<Entry> Entries => _entries.AsSpan(0, _count);

    public ref Entry this[int index] => ref _entries.AsSpan(0, _count)[index];

    /// <summary>The whole arena in use; entries' offsets index it.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, _used);

    public ReadOnlySpan<byte> Line(in Entry entry) => _bytes.AsSpan(entry.LineStart, entry.LineLength);

    public ReadOnlySpan<byte> Metadata(in Entry entry) => _bytes.AsSpan(entry.MetadataStart, entry.MetadataLength);

    /// <summary>Free memory behind what is in use, at least <paramref name="bytes"/>; <see cref="Advance"/> keeps what
    /// was written.</summary>
    /// <remarks>May move the arena: spans taken before are void, offsets stay valid.</remarks>
    public Memory<byte> Reserve(int bytes)
    {
        if (_bytes.Length - _used < bytes) ArrayPool<byte>.Shared.Return(Grow(bytes));
        return _bytes.AsMemory(_used);
    }

    /// <returns>The offset at which the kept bytes begin.</returns>
    public int Advance(int bytes)
    {
        Debug.Assert(bytes <= _bytes.Length - _used, "more than was reserved");
        var start = _used;
        _used += bytes;
        return start;
    }

    /// <summary>Copies bytes into the arena. They may lie in the arena itself.</summary>
    /// <returns>Their offset.</returns>
    public int Append(ReadOnlySpan<byte> bytes)
    {
        if (_bytes.Length - _used < bytes.Length)
        {
            var before = Grow(bytes.Length); // kept until the copy is done: the bytes may lie in it
            bytes.CopyTo(_bytes.AsSpan(_used));
            ArrayPool<byte>.Shared.Return(before);
        }
        else bytes.CopyTo(_bytes.AsSpan(_used));

        return Advance(bytes.Length);
    }

    /// <summary>Names bytes of the arena as an entry.</summary>
    public ref Entry Add(long timestamp, LabelSet labels, int lineStart, int lineLength, long resume)
    {
        if (_count == _entries.Length) GrowEntries();
        ref var entry = ref _entries[_count++];
        entry.Timestamp = timestamp;
        entry.Resume = resume;
        entry.Labels = labels;
        entry.LineStart = lineStart;
        entry.LineLength = lineLength;
        entry.MetadataStart = 0;
        entry.MetadataLength = 0;
        return ref entry;
    }

    /// <summary>Copies a line into the arena and adds it.</summary>
    public ref Entry Add(long timestamp, LabelSet labels, ReadOnlySpan<byte> line, long resume) =>
        ref Add(timestamp, labels, Append(line), line.Length, resume);

    /// <summary>Keeps the entries that <paramref name="live"/> lists, in that order; the others are dropped.</summary>
    public void Keep(ReadOnlySpan<int> live)
    {
        var ascending = true;
        for (var i = 0; i < live.Length && ascending; i++) ascending = live[i] >= i;
        if (ascending)
        {
            for (var i = 0; i < live.Length; i++) _entries[i] = _entries[live[i]];
        }
        else
        {
            var reordered = ArrayPool<Entry>.Shared.Rent(live.Length);
            for (var i = 0; i < live.Length; i++) reordered[i] = _entries[live[i]];
            ArrayPool<Entry>.Shared.Return(_entries, clearArray: true);
            _entries = reordered;
            _count = live.Length;
        }

        // The pool must keep no label set alive.
        if (live.Length < _count) _entries.AsSpan(live.Length, _count - live.Length).Clear();
        _count = live.Length;
    }

    /// <summary>A batch of its own with the same entries and, held once more, the same checkpoint: for a second
    /// receiver.</summary>
    public LogBatch Copy()
    {
        var copy = new LogBatch(Math.Max(_used, 1), Math.Max(_count, 1));
        copy.Append(Bytes);
        Entries.CopyTo(copy._entries);
        copy._count = _count;
        Checkpoint?.Retain();
        copy.Checkpoint = Checkpoint;
        return copy;
    }

    public void Dispose()
    {
        if (_bytes.Length == 0) return;
        ArrayPool<byte>.Shared.Return(_bytes);
        _entries.AsSpan(0, _count).Clear();
        ArrayPool<Entry>.Shared.Return(_entries);
        _bytes = [];
        _entries = [];
        _used = _count = 0;
        Checkpoint?.Release();
        Checkpoint = null;
    }

    /// <returns>The old arena, for the caller to return.</returns>
    private byte[] Grow(int bytes)
    {
        var grown = ArrayPool<byte>.Shared.Rent(Math.Max(_bytes.Length * 2, _used + bytes));
        _bytes.AsSpan(0, _used).CopyTo(grown);
        var before = _bytes;
        _bytes = grown;
        return before;
    }

    private void GrowEntries()
    {
        var grown = ArrayPool<Entry>.Shared.Rent(_entries.Length * 2);
        _entries.AsSpan(0, _count).CopyTo(grown);
        ArrayPool<Entry>.Shared.Return(_entries, clearArray: true);
        _entries = grown;
    }
}
