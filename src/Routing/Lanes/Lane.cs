using Weir.Routing.Actors;
using Weir.Routing.Ports;

namespace Weir.Routing.Lanes;

/// <summary>A fragment on its way to the writer.</summary>
/// <param name="Body">The shared memory that it holds once; null when it was read from the spool.</param>
/// <param name="IsInDoubt">A push that carried it may have begun before, and nobody knows how it ended.</param>
internal readonly record struct LaneItem(StoredFragment Fragment, FragmentBody? Body, bool IsInDoubt = false);

/// <summary>What is owed to one endpoint for one tenant and partition, in order: a window in memory, the rest in the
/// spool.</summary>
/// <remarks>
/// Committed fragments stay in the window while there is room. Once one did not fit, all that follow are read from the
/// spool until the writer has caught up with it, so that the order is the same either way. The committer adds, one
/// writer takes.
/// </remarks>
internal sealed class Lane(LaneKey key, ISpool spool, Committer committer, Window window, TimeProvider time)
    : ILaneQueue
{
    /// <summary>Compressed bytes read from the spool at once: about what one push of 1 MiB takes.</summary>
    private const int ReadBytesMax = 512 * 1024;

    private const int ReadFragmentsMax = 256;

    private readonly Lock _gate = new();
    private readonly Queue<LaneItem> _ready = new();
    private readonly AgeMarks _ages = new();
    private readonly Signal _more = new();
    private long _taken; // the last id that went into the window or to the writer
    private long _begunTo; // what is taken up to here was taken before: it may have reached the endpoint
    private long _acknowledged;
    private long _spilledTo; // ids up to here that are above _taken have to be read from the spool
    private long _fragments;
    private long _bytes;

    public LaneKey Key => key;

    public bool IsEmpty
    {
        get
        {
            lock (_gate) return _fragments == 0;
        }
    }

    /// <summary>Takes over what the spool holds for it from before this process.</summary>
    public void Resume(LaneBacklog backlog)
    {
        lock (_gate)
        {
            _acknowledged = _taken = backlog.FirstId - 1;
            _begunTo = backlog.BegunTo;
            _spilledTo = backlog.LastId;
            _fragments = backlog.Fragments;
            _bytes = backlog.Bytes;
            _ages.Add(backlog.FirstId, backlog.OldestAt);
        }

        _more.Set();
    }

    /// <summary>Fragments may have come to the spool that did not pass by here: it looks.</summary>
    public void Extend(LaneBacklog backlog)
    {
        lock (_gate)
        {
            if (backlog.LastId <= Math.Max(_spilledTo, _taken)) return;
            _spilledTo = backlog.LastId;
            _fragments = backlog.Fragments;
            _bytes = backlog.Bytes;
        }

        _more.Set();
    }

    /// <summary>A fragment became durable. Never fails, never waits.</summary>
    public void Add(StoredFragment fragment, FragmentBody body)
    {
        lock (_gate)
        {
            if (fragment.Id <= Math.Max(_spilledTo, _taken)) return; // listed by the spool before it came here
            if (_fragments == 0) _ages.Clear();
            _ages.Add(fragment.Id, time.GetUtcNow());
            _fragments++;
            _bytes += fragment.Body.Length;
            if (_spilledTo <= _taken && window.TryTake(fragment.Body.Length))
            {
                body.Retain();
                _ready.Enqueue(new LaneItem(fragment, body));
                _taken = fragment.Id;
            }
            else _spilledTo = fragment.Id;
        }

        _more.Set();
    }

    public async ValueTask TakeAsync(List<LaneItem> items, int lineBytesMax, CancellationToken cancel)
    {
        while (true)
        {
            long after, until;
            bool isTaken;
            lock (_gate)
            {
                isTaken = TryTake(items, lineBytesMax);
                (after, until) = (_taken, _spilledTo);
            }

            if (isTaken)
            {
                if (!items[0].IsInDoubt) spool.NoteSending(key, items[^1].Fragment.Id);
                return;
            }

            if (after >= until) await _more.WaitAsync(cancel);
            else await ReadAsync(after, until, cancel);
        }
    }

    public void Acknowledge(List<LaneItem> items, IReadOnlyList<DeadLetter> letters)
    {
        committer.Acknowledge(
            items.ConvertAll(item => new Acknowledgement(item.Fragment.Id, key.Endpoint)), letters);
        lock (_gate)
        {
            foreach (var item in items)
            {
                _fragments = Math.Max(_fragments - 1, 0);
                _bytes = Math.Max(_bytes - item.Fragment.Body.Length, 0);
                _acknowledged = Math.Max(_acknowledged, item.Fragment.Id);
                Release(item);
            }
        }
    }

    public void Rewind(List<LaneItem> items)
    {
        lock (_gate)
        {
            foreach (var item in items) Release(item);
            Spill();
            _spilledTo = Math.Max(_spilledTo, _taken);
            _taken = _acknowledged;
        }
    }

    public void Release()
    {
        lock (_gate)
        {
            if (_ready.Count == 0) return;
            var first = _ready.Peek().Fragment.Id;
            Spill();
            _spilledTo = Math.Max(_spilledTo, _taken);
            _taken = first - 1;
        }
    }

    public (long Fragments, long Bytes, TimeSpan OldestAge) Backlog()
    {
        lock (_gate)
        {
            if (_fragments == 0) return (0, 0, TimeSpan.Zero);
            var age = time.GetUtcNow() - (_ages.OldestAfter(_acknowledged) ?? time.GetUtcNow());
            return (_fragments, _bytes, age > TimeSpan.Zero ? age : TimeSpan.Zero);
        }
    }

    private bool TryTake(List<LaneItem> items, int lineBytesMax)
    {
        var bytes = 0L;
        while (_ready.TryPeek(out var item))
        {
            item = item with { IsInDoubt = item.Fragment.Id <= _begunTo };
            bytes += item.Fragment.Facts.LineBytes;
            if (items.Count > 0 && (bytes > lineBytesMax || item.IsInDoubt != items[0].IsInDoubt)) break;
            _ready.Dequeue();
            items.Add(item);
        }

        if (items.Count == 0) return false;
        _begunTo = Math.Max(_begunTo, items[^1].Fragment.Id);
        return true;
    }

    private async ValueTask ReadAsync(long after, long until, CancellationToken cancel)
    {
        var read = await spool.ReadAsync(key, after, ReadFragmentsMax, ReadBytesMax, cancel);
        lock (_gate)
        {
            var before = _ready.Count;
            foreach (var fragment in read)
            {
                // What was committed since is on its way here by itself.
                if (fragment.Id <= until) _ready.Enqueue(new LaneItem(fragment, null));
                else fragment.Memory?.Dispose();
            }

            // Nothing left up to there: what was acknowledged before a restart is no longer in the spool.
            var isNone = _ready.Count == before;
            _taken = isNone ? until : Math.Min(read[^1].Id, until);
            if (isNone && _spilledTo == until) _fragments = _bytes = 0;
        }
    }

    private void Spill()
    {
        foreach (var item in _ready) Release(item);
        _ready.Clear();
    }

    private void Release(LaneItem item)
    {
        item.Fragment.Memory?.Dispose();
        if (item.Body is null) return;
        window.Return(item.Fragment.Body.Length);
        item.Body.Release();
    }
}
