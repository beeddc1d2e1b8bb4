using System.Text;
using Weir.Protocol.Fragments;
using Weir.Routing.Lanes;
using Weir.Routing.Ports;
using Weir.Routing.Writers;

namespace Weir.Routing.Sharding;

/// <summary>Hands the fragments of a lane to the broker, in order: each is the spool's until the broker has confirmed
/// it.</summary>
/// <remarks>One at a time: a queue that is full may refuse one and take the next, which would overtake it.</remarks>
internal sealed class LaneForwarder : LaneRunner
{
    private static readonly Backoff Pause = new(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(5));

    private readonly ILaneQueue _lane;
    private readonly ClusterRoute _route;
    private readonly WriterContext _context;
    private readonly Random _random;
    private readonly ForwarderMetrics _metrics;
    private readonly int _shard;
    private readonly string _queue;
    private bool _isDeclared;

    public LaneForwarder(ILaneQueue lane, ClusterRoute route, WriterContext context, Random random)
        : base("forwarder", lane, endpoint: null, lineBytesMax: 0, context)
    {
        _lane = lane;
        _route = route;
        _context = context;
        _random = random;
        _metrics = context.Events.ForwarderMetricsOf(lane.Key.Destination);
        _shard = ShardHash.ShardOf(route.Node, lane.Key.Tenant, lane.Key.Partition, route.Shards);
        _queue = route.Names.Shard(lane.Key.Destination, _shard);
    }

    protected override async ValueTask DeliverAsync(CancellationToken cancel)
    {
        while (Items.Count > 0)
        {
            Progress.Sending(Items.Count);
            var item = Items[0];
            var letters = Refuse(item.Fragment);
            if (letters.Count == 0) await HandOverAsync(item, cancel);
            _lane.Acknowledge([item], letters);
            Items.RemoveAt(0);
        }
    }

    /// <summary>Returns when the broker has it.</summary>
    private async ValueTask HandOverAsync(LaneItem item, CancellationToken cancel)
    {
        var isResent = item.IsInDoubt;
        var message = Message(item.Fragment, isResent);
        for (var failures = 1; ; failures++)
        {
            await ResumedAsync(cancel);
            var outcome = await PublishAsync(message, cancel);
            if (outcome == PublishOutcome.Confirmed) break;
            var delay = Pause.Delay(failures, _random);
            Progress.Troubled(LaneState.Retrying, Describe(outcome), delay);
            if (outcome == PublishOutcome.Unknown && !isResent)
                message = Message(item.Fragment, isResent = true);
            await DelayAsync(delay, cancel);
            _metrics.Retries.Increment();
        }

        Progress.Settled(item.Fragment.Body.Length);
        _metrics.Fragments.Increment();
        _metrics.Entries.Add((long)item.Fragment.Facts.Entries);
        _metrics.Bytes.Add((long)item.Fragment.Body.Length);
    }

    /// <summary>Never waits for a connection: a lane that does so is in trouble, shows it, and holds up no
    /// stop.</summary>
    private async ValueTask<PublishOutcome> PublishAsync(byte[] message, CancellationToken cancel)
    {
        if (!_route.Broker.Status.IsConnected) return PublishOutcome.NotSent;
        if (!_isDeclared)
        {
            await _route.Broker.DeclareAsync(_queue, QueueUse.Shard, cancel);
            _isDeclared = true;
        }

        return await _route.Broker.PublishAsync(_queue, message, cancel);
    }

    private byte[] Message(StoredFragment fragment, bool isResent)
    {
        var fields = new FragmentFields
        {
            Node = _route.Node,
            Destination = fragment.Key.Destination,
            Tenant = fragment.Key.Tenant,
            Partition = fragment.Key.Partition,
            Sequence = fragment.Id,
            IsResent = isResent,
        };
        return FragmentMessage.Write(fragment.Facts.ToHeader(), fields, fragment.Body.Span);
    }

    /// <returns>A dead letter of what no writer could take; usually none.</returns>
    private List<DeadLetter> Refuse(StoredFragment fragment)
    {
        string reason, detail;
        if (!PushBody.IsWhole(fragment)) (reason, detail) = (DropReason.Damaged, $"fragment {fragment.Id} is damaged");
        else if (Encoding.UTF8.GetByteCount(fragment.Key.Tenant) > ShardLimits.TenantBytesMax)
        {
            (reason, detail) = (DropReason.TenantTooLong,
                $"the tenant's name has more than {ShardLimits.TenantBytesMax} bytes");
        }
        else return [];

        var facts = fragment.Facts;
        _context.Events.EntriesDropped(
            _lane.Key.Destination, ClusterRoute.Endpoint, _lane.Key.Tenant, reason, facts.Entries, facts.LineBytes);
        _context.Events.EntriesRefused(_lane.Key, reason, 0, detail, facts.Entries);
        return
        [
            new DeadLetter(
                _lane.Key, facts, fragment.Body.ToArray(), reason, 0, detail, _context.Time.GetUtcNow()),
        ];
    }

    private string Describe(PublishOutcome outcome)
    {
        var status = _route.Broker.Status;
        return outcome switch
        {
            PublishOutcome.Refused => $"the queue of shard {_shard} takes nothing: it is full, or its broker is ailing",
            PublishOutcome.Unknown => "the connection broke before the broker had confirmed",
            _ when status.BlockedBy.Length > 0 => $"the broker takes nothing: {status.BlockedBy}",
            _ => $"no connection to the broker: {status.LastError}",
        };
    }
}
