using Weir.Routing.Lanes;
using Weir.Routing.Ports;
using Weir.Routing.Writers;

namespace Weir.Routing.Sharding;

/// <summary>What the shard owners of a process share.</summary>
/// <param name="Node">Id of this node.</param>
internal sealed record ShardContext(
    IBroker Broker, ShardNames Names, string Node, RoutingEvents Events, TimeProvider Time, Random Random)
    : WriterContext(Events, Time)
{
    /// <summary>Shards of all destinations, whoever owns them: what memory is shared out over.</summary>
    public int Shards { get; set; }

    /// <summary>Bounds what all parked lanes together have in hand.</summary>
    public ByteGate Drains { get; } = new(ShardLimits.DrainsBytesMax, int.MaxValue);
}

/// <summary>Of one destination.</summary>
internal readonly record struct ShardId(string Destination, int Shard);
