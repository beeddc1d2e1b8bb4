using Weir.Protocol.Batches;
using Weir.Routing.Ports;

namespace Weir.Support;

/// <summary>A spool in memory that outlives its users, as a disk does.</summary>
public sealed class MemorySpool : ISpool
{
    private readonly Lock _gate = new();
    private readonly SortedDictionary<long, (StoredFragment Fragment, HashSet<string> Owed,
        DateTimeOffset At)> _fragments = [];
    private readonly Dictionary<SourceKey, SourcePosition> _positions = [];
    private readonly List<StoredDeadLetter> _letters = [];
    private readonly Dictionary<LaneKey, long> _begunTo = [];
    private long _lastId;
    private long _lastLetter;

    public long BytesMax { get; set; } = long.MaxValue;

    public TimeProvider Time { get; set; } = TimeProvider.System;

    /// <summary>Called at the start of each commit: may wait, throw, or be replaced by faults.</summary>
    public Func<SpoolTransaction, ValueTask> Committing { get; set; } = _ => ValueTask.CompletedTask;

    /// <summary>Called when a commit is durable and before its caller learns it.</summary>
    public Func<ValueTask> Committed { get; set; } = () => ValueTask.CompletedTask;

    public int Commits { get; private set; }

    /// <summary>Every fragment ever committed, also those acknowledged since.</summary>
    public List<StoredFragment> Journal { get; } = [];

    public IReadOnlyList<StoredDeadLetter> DeadLetters
    {
        get
        {
            lock (_gate) return [.. _letters];
        }
    }

    public IReadOnlyList<StoredFragment> Fragments
    {
        get
        {
            lock (_gate) return [.. _fragments.Values.Select(one => one.Fragment)];
        }
    }

    public SpoolUsage Usage
    {
        get
        {
            lock (_gate)
            {
                var letters = _letters.Sum(letter => (long)letter.Letter.Body.Length);
                var bytes = _fragments.Values.Sum(one => (long)one.Fragment.Body.Length);
                return new SpoolUsage(bytes + letters, BytesMax, _fragments.Count, _letters.Count, letters);
            }
        }
    }

    public IReadOnlyList<SourcePosition> PositionsAtOpen
    {
        get
        {
            lock (_gate) return [.. _positions.Values];
        }
    }

    public async ValueTask<IReadOnlyList<StoredFragment>> CommitAsync(
        SpoolTransaction transaction, CancellationToken cancel)
    {
        await Committing(transaction);
        var added = transaction.Fragments.Sum(fragment => (long)fragment.Body.Length);
        var usage = Usage;
        if (added > 0 && usage.Bytes + added > BytesMax) throw new SpoolFullException(usage);
        var stored = Apply(transaction);
        await Committed();
        return stored;
    }

    public ValueTask<IReadOnlyList<StoredFragment>> ReadAsync(
        LaneKey lane, long afterId, int fragmentsMax, long bytesMax, CancellationToken cancel)
    {
        var read = new List<StoredFragment>();
        var bytes = 0L;
        lock (_gate)
        {
            foreach (var (id, (fragment, owed, _)) in _fragments)
            {
                if (id <= afterId || !IsOf(lane, fragment.Key) || !owed.Contains(lane.Endpoint)) continue;
                bytes += fragment.Body.Length;
                if (read.Count == fragmentsMax || (read.Count > 0 && bytes > bytesMax)) break;
                read.Add(fragment);
            }
        }

        return ValueTask.FromResult<IReadOnlyList<StoredFragment>>(read);
    }

    public ValueTask<IReadOnlyList<LaneBacklog>> ListBacklogsAsync(CancellationToken cancel)
    {
        lock (_gate)
        {
            var owed = from one in _fragments.Values
                       from endpoint in one.Owed
                       let key = one.Fragment.Key
                       group one by new LaneKey(key.Destination, endpoint, key.Tenant, key.Partition) into lane
                       select new LaneBacklog(
                           lane.Key, lane.Count(), lane.Sum(one => (long)one.Fragment.Body.Length),
                           lane.Min(one => one.Fragment.Id), lane.Max(one => one.Fragment.Id), lane.Min(one => one.At))
                       {
                           BegunTo = _begunTo.GetValueOrDefault(lane.Key),
                       };
            return ValueTask.FromResult<IReadOnlyList<LaneBacklog>>([.. owed]);
        }
    }

    public void NoteSending(LaneKey lane, long fragmentId)
    {
        lock (_gate) _begunTo[lane] = fragmentId;
    }

    public ValueTask<IReadOnlyList<StoredDeadLetter>> ListDeadLettersAsync(
        long afterId, int countMax, CancellationToken cancel) =>
        ValueTask.FromResult<IReadOnlyList<StoredDeadLetter>>(
            [.. DeadLetters.Where(letter => letter.Id > afterId).Take(countMax)]);

    public ValueTask<int> ResendDeadLettersAsync(IReadOnlyList<long> ids, CancellationToken cancel)
    {
        lock (_gate)
        {
            var resent = _letters.FindAll(letter => ids.Contains(letter.Id));
            foreach (var (_, letter) in resent)
            {
                var key = new FragmentKey(letter.Lane.Destination, letter.Lane.Tenant, letter.Lane.Partition);
                Store(new SealedFragment(key, [letter.Lane.Endpoint], letter.Facts, letter.Body));
            }

            _letters.RemoveAll(resent.Contains);
            return ValueTask.FromResult(resent.Count);
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static bool IsOf(LaneKey lane, FragmentKey key) =>
        key == new FragmentKey(lane.Destination, lane.Tenant, lane.Partition);

    private List<StoredFragment> Apply(SpoolTransaction transaction)
    {
        lock (_gate)
        {
            Commits++;
            var stored = transaction.Fragments.Select(Store).ToList();
            foreach (var source in transaction.Forgotten) _positions.Remove(source);
            foreach (var position in transaction.Positions) _positions[position.Source] = position;
            foreach (var letter in transaction.DeadLetters)
                _letters.Add(new StoredDeadLetter(++_lastLetter, letter with { Body = letter.Body.ToArray() }));
            foreach (var (id, endpoint) in transaction.Acknowledged)
            {
                if (!_fragments.TryGetValue(id, out var fragment)) continue;
                fragment.Owed.Remove(endpoint);
                if (fragment.Owed.Count == 0) _fragments.Remove(id);
            }

            return stored;
        }
    }

    /// <returns>As the committer gets it back: with the caller's own memory. What is kept is a copy.</returns>
    private StoredFragment Store(SealedFragment fragment)
    {
        var stored = new StoredFragment(++_lastId, fragment.Key, fragment.Facts, fragment.Body);
        Journal.Add(stored with { Body = fragment.Body.ToArray() });
        _fragments[_lastId] = (Journal[^1], [.. fragment.Endpoints], Time.GetUtcNow());
        return stored;
    }
}
