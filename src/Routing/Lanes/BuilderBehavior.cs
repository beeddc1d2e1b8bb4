using Weir.Protocol.Batches;
using Weir.Routing.Actors;
using Weir.Routing.Components;
using Weir.Routing.Ports;

namespace Weir.Routing.Lanes;

/// <summary>Appends batches to the open fragment; seals it when it is full or its oldest entry has waited
/// enough.</summary>
internal sealed class BuilderBehavior : IBehavior<BuilderMessage>
{
    /// <summary>Uncompressed bytes of a fragment at the most, save that one entry always makes a fragment.</summary>
    public const int FragmentBytesMax = 1024 * 1024;

    /// <summary>Longest line sent: 8 MiB, 32 times what Loki takes by default. A longer one is a dead letter.</summary>
    public const int LineBytesMax = 8 * 1024 * 1024;

    private readonly FragmentKey _key;
    private readonly Destination _destination;
    private readonly DeliveryContext _context;
    private readonly OpenFragment _open = new();
    private readonly StreamGroups _groups = new();
    private readonly HashSet<LabelSet> _streams = []; // of the open fragment, where their number is limited
    private readonly ITimer _timer;
    private long _openedAt;

    public BuilderBehavior(FragmentKey key, Destination destination, DeliveryContext context, Action lookAtClock)
    {
        _key = key;
        _destination = destination;
        _context = context;
        _timer = context.Time.CreateTimer(
            _ => lookAtClock(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public async ValueTask HandleAsync(BuilderMessage message, CancellationToken cancel)
    {
        if (message.Batch is { } batch) await AppendAsync(batch, cancel);
        if (message.Sealed is { } done)
        {
            try
            {
                await SealAsync(cancel);
            }
            finally
            {
                done.TrySetResult();
            }
        }

        if (_open.IsEmpty) return;
        var left = _destination.Limits.BatchWait - _context.Time.GetElapsedTime(_openedAt);
        if (left <= TimeSpan.Zero) await SealAsync(cancel);
        else if (message == default) _timer.Change(WholeMilliseconds(left), Timeout.InfiniteTimeSpan); // a little early
    }

    public async ValueTask DisposeAsync()
    {
        await _timer.DisposeAsync();
        _open.Abandon(); // nothing after an orderly stop, which seals first
    }

    private async ValueTask AppendAsync(LogBatch batch, CancellationToken cancel)
    {
        var charge = Destination.ChargeOf(batch);
        var done = false;
        try
        {
            var wasSplit = false;
            for (var next = 0; next < batch.Count;)
            {
                var limits = _destination.Limits;
                next = Plan(batch, next, limits);
                wasSplit |= next < batch.Count;
                if (!_open.IsEmpty && !Fits(limits)) await SealAsync(cancel);
                if (_open.IsEmpty && _groups.Entries > 0) Open(limits);
                _open.Append(_groups, batch);
            }

            // The parts of one batch become durable together: the last one must not wait for company.
            if (wasSplit) await SealAsync(cancel);
            done = true;
        }
        finally
        {
            _destination.Gate.Exit(charge);
            if (done) batch.Dispose();
            else FanOut.Abandon(batch);
        }
    }

    /// <summary>Groups entries from <paramref name="next"/> on, as many as one fragment takes.</summary>
    /// <returns>The first entry that is left.</returns>
    private int Plan(LogBatch batch, int next, DestinationLimits limits)
    {
        _groups.Begin(batch);
        var entries = batch.Entries;
        for (; next < entries.Length; next++)
        {
            ref var entry = ref entries[next];
            if (entry.LineLength > LineBytesMax)
            {
                Refuse(batch, next);
                continue;
            }

            if (limits.StreamsMax > 0 && !_streams.Contains(entry.Labels))
            {
                if (_streams.Count >= limits.StreamsMax)
                {
                    _destination.Dropped(_key.Tenant, DropReason.StreamLimited, 1, entry.LineLength);
                    continue;
                }

                _streams.Add(entry.Labels);
            }

            if (!_groups.TryAdd(next, entry, FragmentBytesMax, limits.BatchBytes)) break;
        }

        return next;
    }

    private bool Fits(DestinationLimits limits) =>
        _open.BytesUsed + _groups.BytesMax <= FragmentBytesMax
        && _open.LineBytes + _groups.LineBytes <= limits.BatchBytes;

    private void Open(DestinationLimits limits)
    {
        _streams.Clear();
        if (limits.StreamsMax > 0) _groups.AddStreamsTo(_streams);
        _openedAt = _context.Time.GetTimestamp();
        _timer.Change(limits.BatchWait, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Timers count whole milliseconds: a rest of less must not become none.</summary>
    private static TimeSpan WholeMilliseconds(TimeSpan left) =>
        TimeSpan.FromMilliseconds(Math.Ceiling(left.TotalMilliseconds));

    private async ValueTask SealAsync(CancellationToken cancel)
    {
        _streams.Clear();
        if (_open.IsEmpty) return;
        _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        var pending = _open.Seal(_key, _destination.Limits.Endpoints, _context.Encoders);
        try
        {
            await _context.Committer.SubmitAsync(pending, cancel);
        }
        catch (OperationCanceledException)
        {
            pending.Abandon();
            throw;
        }
    }

    /// <summary>A dead letter for each endpoint; committed before the position of its line can be.</summary>
    private void Refuse(LogBatch batch, int index)
    {
        var alone = new StreamGroups();
        alone.Begin(batch);
        alone.TryAdd(index, batch[index], int.MaxValue, int.MaxValue);
        var fragment = new OpenFragment();
        fragment.Append(alone, batch);
        var pending = fragment.Seal(_key, _destination.Limits.Endpoints, _context.Encoders);
        var body = pending.Body.Memory.ToArray();
        var at = _context.Time.GetUtcNow();
        var detail = $"a line of {batch[index].LineLength} bytes; the longest sent has {LineBytesMax}";
        _context.Committer.Acknowledge([],
        [
            .. pending.Fragment.Endpoints.Select(endpoint => new DeadLetter(
                new LaneKey(_key.Destination, endpoint, _key.Tenant, _key.Partition),
                pending.Fragment.Facts, body, DropReason.LineTooLong, 0, detail, at)),
        ]);
        _destination.Dropped(_key.Tenant, DropReason.LineTooLong, 1, batch[index].LineLength);
        foreach (var checkpoint in pending.Checkpoints) checkpoint.Release();
        pending.Body.Release();
    }
}
