using Weir.Routing.Ports;

namespace Weir.Routing.Sharding;

/// <summary>Where a node of a cluster hands its fragments over: to the queues of the destination's shards.</summary>
/// <param name="Node">Id of this node; changes with its spool, for fragments are told apart by both.</param>
/// <param name="Shards">Of each destination; the same on all nodes.</param>
public sealed record ClusterRoute(IBroker Broker, ShardNames Names, string Node, int Shards)
{
    /// <summary>What fragments are owed to instead of an endpoint: writers know those.</summary>
    public const string Endpoint = "@broker";
}
