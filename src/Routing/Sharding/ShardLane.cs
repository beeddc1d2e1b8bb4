using Weir.Routing.Actors;
using Weir.Routing.Lanes;
using Weir.Routing.Ports;

namespace Weir.Routing.Sharding;

/// <summary>Which way the fragments of a lane go.</summary>
internal enum LaneCourse : byte
{
    /// <summary>From the shard's queue to the writer.</summary>
    Direct,

    /// <summary>From the shard's queue into the parked queue, and from there to the writer.</summary>
    Parked,

    /// <summary>The parked queue seems to be empty: what comes waits until that is certain.</summary>
    Returning,
}

/// <param name="Stuck">How long nothing was done although there was something to do.</param>
/// <param name="Oldest">How long the oldest fragment of the shard's queue has been in hand.</param>
/// <param name="Held">How long the oldest fragment with the writer, or ready for it, has been in hand.</param>
internal readonly record struct LanePressure(TimeSpan Stuck, TimeSpan Oldest, TimeSpan Held, bool IsIdle);

/// <summary>What one shard owes to one endpoint for one tenant: in hand, in order. The owner adds, the writer takes; of
/// what is parked, see <see cref="LaneParking"/>.</summary>
internal sealed class ShardLane(
    LaneKey key, HandledFragments handled, Action<IReadOnlyList<DeadLetter>, Action> bury, TimeProvider time)
    : ILaneQueue
{
    private readonly Lock _gate = new();
    private readonly Queue<LaneEntry> _ready = new();
    private readonly SortedDictionary<long, LaneEntry> _taken = [];
    private readonly Queue<LaneEntry> _later = new(); // to be parked, or held while it returns
    private readonly Signal _more = new();
    private readonly Signal _moreLater = new();
    private long _readyLineBytes;
    private int _burying;
    private long _progressAt = time.GetTimestamp();
    private long _parkedUnread;
    private DateTimeOffset _parkedSince;
    private bool _isClosed;

    public LaneKey Key => key;

    public LaneCourse Course { get; private set; }

    /// <summary>Set whenever something was done, and when it is parked.</summary>
    public Signal Progressed { get; } = new();

    public bool IsEmpty
    {
        get
        {
            lock (_gate) return IsQuiet && _later.Count == 0;
        }
    }

    /// <summary>Something is with the writer, or on its way to the dead letters.</summary>
    public bool IsBusy
    {
        get
        {
            lock (_gate) return _taken.Count + _burying > 0;
        }
    }

    private bool IsQuiet => _ready.Count + _taken.Count + _burying == 0;

    /// <summary>A fragment of the shard's queue.</summary>
    public void Add(ShardMessage message)
    {
        if (handled.Contains(message.Content.Fields)) return;
        message.Hold();
        lock (_gate)
        {
            NoteWork();
            if (Course == LaneCourse.Direct) Ready(new LaneEntry(message, isDrained: false));
            else _later.Enqueue(new LaneEntry(message, isDrained: false));
        }

        _more.Set();
        _moreLater.Set();
    }

    /// <summary>A fragment of the parked queue; the lane takes over the caller's hold.</summary>
    public void AddDrained(ShardMessage message)
    {
        if (handled.Contains(message.Content.Fields))
        {
            message.Release();
            return;
        }

        lock (_gate)
        {
            NoteWork();
            Ready(new LaneEntry(message, isDrained: true));
        }

        _more.Set();
    }

    public async ValueTask TakeAsync(List<LaneItem> items, int lineBytesMax, CancellationToken cancel)
    {
        while (true)
        {
            TimeSpan wait;
            lock (_gate)
            {
                wait = Linger(lineBytesMax);
                if (wait == TimeSpan.Zero)
                {
                    Take(items, lineBytesMax);
                    if (items.Count > 0) return;
                    continue;
                }
            }

            await _more.WaitAsync(wait, time, cancel);
        }
    }

    public void Acknowledge(List<LaneItem> items, IReadOnlyList<DeadLetter> letters)
    {
        var entries = new List<LaneEntry>(items.Count);
        lock (_gate)
        {
            foreach (var item in items)
                if (_taken.Remove(item.Fragment.Id, out var entry)) entries.Add(entry);
            _burying += entries.Count;
        }

        if (letters.Count == 0) Finish(entries);
        else bury(letters, () => Finish(entries));
    }

    public void Rewind(List<LaneItem> items)
    {
        lock (_gate)
        {
            var rest = _ready.ToArray();
            _ready.Clear();
            _readyLineBytes = 0;
            foreach (var entry in _taken.Values)
            {
                entry.IsInDoubt = true; // a push may have begun
                Ready(entry);
            }

            _taken.Clear();
            foreach (var entry in rest) Ready(entry);
        }
    }

    public void Release()
    {
        // The owner sees that nothing is done, and parks what waits.
    }

    public (long Fragments, long Bytes, TimeSpan OldestAge) Backlog()
    {
        lock (_gate)
        {
            var (fragments, bytes) = (_parkedUnread, 0L);
            long? since = null;
            foreach (var entry in _taken.Values.Concat(_ready).Concat(_later))
            {
                if (entry.HasCopy) continue; // counted there
                fragments++;
                bytes += entry.Message.Fragment.Body.Length;
                since = Math.Min(since ?? long.MaxValue, entry.Message.Since);
            }

            var age = Age(since);
            if (_parkedUnread > 0 && Course != LaneCourse.Direct) age = time.GetUtcNow() - _parkedSince;
            return (fragments, bytes, age);
        }
    }

    /// <summary>Gives the writer nothing more: the owner ends.</summary>
    public void Close()
    {
        lock (_gate) _isClosed = true;
    }

    public LanePressure Pressure()
    {
        lock (_gate)
        {
            long? oldest = null, held = null;
            foreach (var entry in _taken.Values.Concat(_ready.Take(1)))
            {
                held = Math.Min(held ?? long.MaxValue, entry.Message.Since);
                if (!entry.IsDrained) oldest = Math.Min(oldest ?? long.MaxValue, entry.Message.Since);
            }

            if (_later.TryPeek(out var first)) oldest = Math.Min(oldest ?? long.MaxValue, first.Message.Since);
            var isIdle = IsQuiet;
            var stuck = isIdle ? TimeSpan.Zero : time.GetElapsedTime(_progressAt);
            return new LanePressure(stuck, Age(oldest), Age(held), isIdle);
        }
    }

    /// <summary>Sends what comes, and what waits, to the parked queue from now on.</summary>
    /// <returns>Whether it was direct until now.</returns>
    public bool Park()
    {
        bool wasDirect;
        lock (_gate)
        {
            wasDirect = Course == LaneCourse.Direct;
            if (wasDirect)
            {
                _parkedSince = time.GetUtcNow();
                while (_ready.TryDequeue(out var entry)) _later.Enqueue(entry);
                _readyLineBytes = 0;
            }

            Course = LaneCourse.Parked;
        }

        _moreLater.Set();
        Progressed.Set();
        return wasDirect;
    }

    /// <summary>With the writer now, and not from the parked queue: has to be in there before all that waits.</summary>
    public IReadOnlyList<LaneEntry> Taken()
    {
        lock (_gate) return [.. _taken.Values.Concat(_ready).Where(entry => !entry.IsDrained)];
    }

    /// <summary>Reads the entry's memory, if it is still in hand.</summary>
    public byte[]? CopyOf(LaneEntry entry, Func<LaneEntry, byte[]> write)
    {
        lock (_gate) return entry.IsDone ? null : write(entry);
    }

    /// <summary>Waits for the next entry to park; it stays the first until <see cref="Parked"/>.</summary>
    /// <returns>Null when the lane is direct again.</returns>
    public async ValueTask<LaneEntry?> NextToParkAsync(CancellationToken cancel)
    {
        while (true)
        {
            lock (_gate)
            {
                if (Course == LaneCourse.Direct) return null;
                if (Course == LaneCourse.Parked && _later.TryPeek(out var entry)) return entry;
            }

            await _moreLater.WaitAsync(cancel);
        }
    }

    /// <summary>The parked queue has the first of what was to be parked.</summary>
    public void Parked()
    {
        LaneEntry entry;
        lock (_gate) entry = _later.Dequeue();
        entry.Message.Release();
    }

    /// <summary>What the parked queue holds beside what is in hand, as far as known.</summary>
    public void NoteParked(long unread)
    {
        lock (_gate) _parkedUnread = unread;
    }

    /// <returns>True when nothing is in hand and nothing to be parked: what comes now waits for certainty.</returns>
    public bool TryBeginReturning()
    {
        lock (_gate)
        {
            if (Course != LaneCourse.Parked || !IsQuiet || _later.Count > 0) return false;
            Course = LaneCourse.Returning;
            return true;
        }
    }

    /// <summary>Once the parked queue is known to be empty.</summary>
    /// <returns>False while something of it is still in hand, or the lane was parked again.</returns>
    public bool TryReturn()
    {
        lock (_gate)
        {
            if (Course != LaneCourse.Returning || !IsQuiet) return false;
            Course = LaneCourse.Direct;
            _parkedUnread = 0;
            NoteWork();
            while (_later.TryDequeue(out var entry)) Ready(entry);
        }

        _more.Set();
        _moreLater.Set();
        return true;
    }

    /// <summary>Gives up what came from the parked queue, and what is there too. The writer is stopped.</summary>
    public void ForgetDrained()
    {
        List<LaneEntry> copied = [];
        lock (_gate)
        {
            foreach (var entry in _ready)
            {
                if (entry.HasCopy) copied.Add(entry);
                else entry.Message.Forget();
            }

            _ready.Clear();
            _readyLineBytes = 0;
        }

        foreach (var entry in copied) entry.Message.Release();
    }

    private void Finish(List<LaneEntry> entries)
    {
        foreach (var entry in entries) handled.Add(entry.Message.Content.Fields);
        lock (_gate)
        {
            foreach (var entry in entries) entry.IsDone = true; // from here on its memory is not its own
            _burying -= entries.Count;
            _progressAt = time.GetTimestamp();
        }

        foreach (var entry in entries) entry.Message.Release();
        Progressed.Set();
    }

    private TimeSpan Age(long? since) => since is { } at ? time.GetElapsedTime(at) : TimeSpan.Zero;

    private void NoteWork()
    {
        if (IsQuiet) _progressAt = time.GetTimestamp();
    }

    private void Ready(LaneEntry entry)
    {
        _ready.Enqueue(entry);
        _readyLineBytes += entry.Message.Fragment.Facts.LineBytes;
    }

    /// <returns>How long to wait for company; zero when it is time to send, infinite when nothing is there.</returns>
    private TimeSpan Linger(int lineBytesMax)
    {
        if (_isClosed || !_ready.TryPeek(out var first)) return Timeout.InfiniteTimeSpan;
        if (_readyLineBytes >= lineBytesMax / 2 || first.IsInDoubt || first.IsDrained) return TimeSpan.Zero;
        var left = ShardLimits.LingerMax - time.GetElapsedTime(first.Message.Since);
        return left <= TimeSpan.Zero ? TimeSpan.Zero : TimeSpan.FromMilliseconds(Math.Ceiling(left.TotalMilliseconds));
    }

    private void Take(List<LaneItem> items, int lineBytesMax)
    {
        var bytes = 0L;
        while (items.Count < ShardLimits.PushFragmentsMax && _ready.TryPeek(out var entry))
        {
            var fragment = entry.Message.Fragment;
            if (handled.Contains(entry.Message.Content.Fields)) // a copy of what was sent meanwhile
            {
                _ready.Dequeue();
                _readyLineBytes -= fragment.Facts.LineBytes;
                entry.Message.Release();
                Progressed.Set();
                continue;
            }

            bytes += fragment.Facts.LineBytes;
            // A copy of what goes with this very push waits for its outcome.
            if (items.Count > 0 && (bytes > lineBytesMax || entry.IsInDoubt != items[0].IsInDoubt
                || (entry.IsInDoubt && _taken.Values.Any(entry.IsCopyOf)))) return;
            _ready.Dequeue();
            _readyLineBytes -= fragment.Facts.LineBytes;
            _taken[entry.Id] = entry;
            items.Add(new LaneItem(fragment, null, entry.IsInDoubt));
        }
    }
}
