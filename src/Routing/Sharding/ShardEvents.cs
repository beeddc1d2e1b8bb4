using Weir.Routing.Metrics;
using Weir.Routing.Ports;
using Weir.Routing.Sharding;

namespace Weir.Routing;

/// <summary>What happens on the writer side of a cluster.</summary>
public sealed partial class RoutingEvents
{
    private readonly Metric _shardsTaken =
        metrics.Counter("weir_shard_taken_total", "Times that this node became the owner of a shard.").With();

    private readonly Metric _shardsLost = metrics.Counter(
        "weir_shard_lost_total", "Times that the ownership of a shard ended unasked.").With();

    private readonly Metric _shardDamaged = metrics.Counter(
        "weir_shard_damaged_messages_total", "Messages that could not be read; kept as dead letters.").With();

    private readonly Metric _lanesParked = metrics.Counter(
        "weir_shard_lanes_parked_total", "Times that a lane was parked so that it held up nobody.").With();

    private readonly Metric _fragmentsParked = metrics.Counter(
        "weir_shard_parked_fragments_total", "Fragments put into the parked queue of their lane.").With();

    internal void LaneParked(in LaneKey lane)
    {
        _lanesParked.Increment();
        Log.Write(LogSeverity.Info, lane.Destination,
            "a lane is parked: its fragments wait in a queue of their own and hold up nobody",
            new("shard", lane.Partition), new("endpoint", lane.Endpoint), new("tenant", lane.Tenant));
    }

    internal void FragmentParked() => _fragmentsParked.Increment();

    internal void LaneUnparked(in LaneKey lane) => Log.Write(
        LogSeverity.Info, lane.Destination, "what a lane had parked is delivered",
        new("shard", lane.Partition), new("endpoint", lane.Endpoint), new("tenant", lane.Tenant));

    internal void ParkingWaits(ShardId shard, string queue, PublishOutcome outcome) => Log.Write(
        LogSeverity.Warn, shard.Destination, "the broker does not take what is to be parked; it is tried again",
        new("shard", shard.Shard), new("queue", queue), new("outcome", outcome));

    internal void ShardTaken(ShardId shard)
    {
        _shardsTaken.Increment();
        Log.Write(LogSeverity.Info, shard.Destination, "owns a shard", new LogField("shard", shard.Shard));
    }

    /// <param name="lost">Why, where nobody asked for it.</param>
    internal void ShardLeft(ShardId shard, string? lost)
    {
        if (lost is null)
        {
            Log.Write(LogSeverity.Info, shard.Destination, "gave a shard back", new LogField("shard", shard.Shard));
            return;
        }

        _shardsLost.Increment();
        Log.Write(LogSeverity.Warn, shard.Destination, "lost a shard; what was in hand is in its queue",
            new("shard", shard.Shard), new("reason", lost));
    }

    internal void ShardMessageDamaged(ShardId shard, string fault, int bytes)
    {
        _shardDamaged.Increment();
        Log.Write(LogSeverity.Error, shard.Destination, "a message cannot be read; it is kept as a dead letter",
            new("shard", shard.Shard), new("fault", fault), new("bytes", bytes));
    }

    internal void DeadLetterWaits(string destination, PublishOutcome outcome) =>
        Log.Write(LogSeverity.Warn, destination, "the broker does not take a dead letter; it is tried again",
            new LogField("outcome", outcome));
}
