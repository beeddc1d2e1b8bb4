using Weir.Protocol.Batches;
using Weir.Routing.Ports;

namespace Weir.Node.Sqlite;

/// <summary>
/// The spool on disk: bodies in append-only segment files, and in SQLite what is owed to whom, the source positions
/// and the
/// dead letters.
/// </summary>
/// <remarks>
/// A commit writes the bodies, makes the segment durable, then commits the index: a row never points at bytes that
/// may be
/// gone. Acknowledgements alone are left to the disk's own time: losing one in a power failure means sending the
/// same bytes
/// again. Blocking calls run on the thread pool, one writer at a time.
/// </remarks>
/// <seealso href="docs/formats/spool.md"/>
/// <seealso href="docs/decisions/0003-spool-segments-and-sqlite.md"/>
public sealed class SqliteSpool : ISpool
{
    // Bodies that one resend transaction holds in memory.
    private const long ResendBytesMax = 4L << 20;

    private readonly Lock _writing = new();
    private readonly SpoolParts _parts;
    private readonly SpoolEvents _events;
    private readonly TimeProvider _time;
    private readonly IDisposable _watch;
    private bool _disposed;

    private SqliteSpool(SpoolParts parts, SpoolEvents events, TimeProvider time)
    {
        _parts = parts;
        _events = events;
        _time = time;
        _watch = events.Watch(() => Usage);
    }

    public SpoolUsage Usage
    {
        get
        {
            var index = _parts.Index;
            var bytes = _parts.Segments.Bytes + index.Fragments * SpoolIndex.RowBytes + index.LetterBytes;
            return new SpoolUsage(bytes, _parts.BytesMax, index.Fragments, index.Letters, index.LetterBytes);
        }
    }

    public IReadOnlyList<SourcePosition> PositionsAtOpen => _parts.Positions;

    /// <summary>Opens or makes a spool and repairs it; reads and writes files on the calling thread.</summary>
    /// <param name="random">Makes the salt of a new spool's checksums.</param>
    /// <param name="disk">Null for the real one.</param>
    /// <exception cref="SpoolException">Another process has it, or a newer build made it.</exception>
    /// <exception cref="IOException">The disk failed.</exception>
    public static SqliteSpool Open(
        SpoolOptions options, SpoolEvents events, TimeProvider time, Random random, SegmentDisk? disk = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.BytesMax, SpoolOptions.BytesMin);
        var parts = new SpoolRecovery(options, events, time, random).Open(disk ?? new SegmentDisk());
        var spool = new SqliteSpool(parts, events, time);
        events.Opened(options.Directory, spool.Usage, SqliteNative.Load());
        return spool;
    }

    public ValueTask<IReadOnlyList<StoredFragment>> CommitAsync(
        SpoolTransaction transaction, CancellationToken cancel) =>
        new(Task.Run(() => Commit(transaction, []), cancel));

    public ValueTask<IReadOnlyList<StoredFragment>> ReadAsync(
        LaneKey lane, long afterId, int fragmentsMax, long bytesMax, CancellationToken cancel) =>
        new(Task.Run(() => Read(lane, afterId, fragmentsMax, bytesMax, cancel), cancel));

    public ValueTask<IReadOnlyList<LaneBacklog>> ListBacklogsAsync(CancellationToken cancel) =>
        new(Task.Run(ListBacklogs, cancel));

    public void NoteSending(LaneKey lane, long fragmentId)
    {
        if (_parts.Index.Find(lane) is not { } found) return;
        try
        {
            _parts.Marks.Note(found.Id, fragmentId);
        }
        catch (IOException fault)
        {
            // The push must go out all the same: without the note a killed process sends it again without asking.
            _events.NoteFailed(fault.Message);
        }
    }

    public ValueTask<IReadOnlyList<StoredDeadLetter>> ListDeadLettersAsync(
        long afterId, int countMax, CancellationToken cancel) =>
        new(Task.Run(() => _parts.Reader.ListLetters(afterId, countMax), cancel));

    /// <exception cref="SpoolFullException">There was no room for all; those that found room are on their
    /// way.</exception>
    public ValueTask<int> ResendDeadLettersAsync(IReadOnlyList<long> ids, CancellationToken cancel) =>
        new(Task.Run(() => Resend(ids, cancel), cancel));

    public ValueTask DisposeAsync() => new(Task.Run(Close));

    private IReadOnlyList<StoredFragment> Commit(SpoolTransaction transaction, IReadOnlyList<long> lettersRemoved)
    {
        lock (_writing)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            var placed = Place(transaction.Fragments);
            // Losing an acknowledgement with its dead letter is losing nothing: the endpoint is asked again.
            var durable = placed.Count + lettersRemoved.Count > 0
                || transaction.Positions.Count + transaction.Forgotten.Count > 0;
            var change = WriteIndex(transaction, placed, lettersRemoved, durable);
            if (change.DiscardedLetters > 0)
                _events.DeadLettersDiscarded(change.DiscardedLetters, change.DiscardedEntries);
            if (_parts.Segments.HasIdle() || (durable && _parts.Holes.IsDue)) FreeSpace(durable);
            return Stored(transaction.Fragments, placed);
        }
    }

    private List<PlacedFragment> Place(IReadOnlyList<SealedFragment> fragments)
    {
        var placed = new List<PlacedFragment>(fragments.Count);
        if (fragments.Count == 0) return placed;
        var storedAt = _time.GetUtcNow();
        var pieces = new List<ReadOnlyMemory<byte>>(2 * fragments.Count);
        var length = 0L;
        foreach (var fragment in fragments)
        {
            if (fragment.Endpoints.Count == 0)
                throw new ArgumentException("a fragment is owed to at least one endpoint", nameof(fragments));
            var header = SegmentFormat.MakeHeader(fragment, storedAt, _parts.Segments.Salt);
            pieces.Add(header);
            pieces.Add(fragment.Body);
            length += header.Length + fragment.Body.Length;
        }

        MakeRoom(length + fragments.Count * SpoolIndex.RowBytes);
        var (segment, offset) = _parts.Segments.Append(pieces, length);
        for (var i = 0; i < fragments.Count; i++)
        {
            var fragment = fragments[i];
            var record = new SegmentRecord(fragment.Key, fragment.Endpoints, fragment.Facts, storedAt, fragment.Body);
            var recordLength = pieces[2 * i].Length + fragment.Body.Length;
            placed.Add(new PlacedFragment(FragmentId.Of(segment, offset), recordLength, record));
            offset += recordLength;
        }

        return placed;
    }

    /// <exception cref="SpoolFullException">There is no room.</exception>
    private void MakeRoom(long bytes)
    {
        if (Usage.Bytes + bytes <= _parts.BytesMax) return;
        if (_parts.Segments.TryEndIdle() || _parts.Holes.HasFreed) FreeSpace(durable: false);
        var usage = Usage;
        if (usage.Bytes + bytes > usage.BytesMax) throw new SpoolFullException(usage);
    }

    private SpoolChange WriteIndex(
        SpoolTransaction transaction, List<PlacedFragment> placed, IReadOnlyList<long> lettersRemoved, bool durable)
    {
        try
        {
            var change = _parts.Index.Write(transaction, placed, lettersRemoved, durable);
            _events.Committed(placed.Sum(fragment => (long)fragment.Length));
            return change;
        }
        catch (DatabaseException fault) when (placed.Count > 0)
        {
            var first = placed[0].Id;
            _parts.Segments.Abandon(FragmentId.SegmentOf(first), FragmentId.OffsetOf(first), fault.IsDiskFull);
            throw;
        }
    }

    private static StoredFragment[] Stored(IReadOnlyList<SealedFragment> fragments, List<PlacedFragment> placed)
    {
        var stored = new StoredFragment[placed.Count];
        for (var i = 0; i < stored.Length; i++)
            stored[i] = new StoredFragment(placed[i].Id, fragments[i].Key, fragments[i].Facts, fragments[i].Body);
        return stored;
    }

    private void FreeSpace(bool durable)
    {
        try
        {
            if (!durable) _parts.Index.Barrier();
            _parts.Segments.DeleteIdle();
            _parts.Holes.PunchFreed();
        }
        catch (IOException fault)
        {
            // What was to be committed is; the space is freed with the next one.
            _events.DeletionFailed(fault.Message);
        }
    }

    private IReadOnlyList<StoredFragment> Read(
        LaneKey key, long afterId, int fragmentsMax, long bytesMax, CancellationToken cancel)
    {
        if (_parts.Index.Find(key) is not { } lane) return [];
        var lost = new List<LostFragment>();
        for (; ; cancel.ThrowIfCancellationRequested())
        {
            var rows = _parts.Reader.ListOwed(lane, afterId, fragmentsMax, bytesMax);
            if (rows.Count == 0) return [];
            var found = _parts.Reader.ReadBodies(rows, lost);
            if (lost.Count > 0) MoveOut(lost);
            if (found.Count > 0) return found;
            afterId = rows[^1].Id; // all of them were lost: an empty answer would mean that nothing is owed
            lost.Clear();
        }
    }

    private void MoveOut(List<LostFragment> lost)
    {
        lock (_writing)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            foreach (var (id, reason, file) in lost)
            {
                var entries = _parts.Index.MoveToLost(id, reason, _time.GetUtcNow());
                if (entries >= 0) _events.FragmentLost(id, entries, reason, file);
            }
        }
    }

    private IReadOnlyList<LaneBacklog> ListBacklogs()
    {
        var backlogs = new List<LaneBacklog>();
        foreach (var lane in _parts.Index.Lanes)
        {
            if (lane.Fragments == 0) continue;
            var (firstId, lastId, oldestAt) = _parts.Reader.SpanOf(lane);
            if (firstId > 0)
            {
                backlogs.Add(new LaneBacklog(lane.Key, lane.Fragments, lane.Bytes, firstId, lastId, oldestAt)
                {
                    BegunTo = _parts.Marks.Of(lane.Id),
                });
            }
        }

        return backlogs;
    }

    private int Resend(IReadOnlyList<long> ids, CancellationToken cancel)
    {
        var resent = 0;
        var fragments = new List<SealedFragment>();
        var removed = new List<long>();
        for (var (i, bytes) = (0, 0L); i < ids.Count; i++)
        {
            cancel.ThrowIfCancellationRequested();
            if (!removed.Contains(ids[i]) && _parts.Reader.FindLetter(ids[i]) is { } found)
            {
                var (lane, facts, body) = (found.Letter.Lane, found.Letter.Facts, found.Letter.Body);
                var key = new FragmentKey(lane.Destination, lane.Tenant, lane.Partition);
                fragments.Add(new SealedFragment(key, [lane.Endpoint], facts, body));
                removed.Add(ids[i]);
                bytes += body.Length;
            }

            if (removed.Count == 0 || (bytes < ResendBytesMax && i < ids.Count - 1)) continue;
            Commit(new SpoolTransaction { Fragments = fragments }, removed);
            resent += removed.Count;
            (fragments, removed, bytes) = ([], [], 0);
        }

        return resent;
    }

    private void Close()
    {
        lock (_writing)
        {
            if (_disposed) return;
            _disposed = true;
            _watch.Dispose();
            _parts.Reader.Dispose();
            _parts.Segments.Dispose();
            _parts.Marks.Dispose();
            _parts.Database.Dispose(); // the last connection copies SQLite's log into the database
            _parts.Lock.Dispose();
        }
    }
}
