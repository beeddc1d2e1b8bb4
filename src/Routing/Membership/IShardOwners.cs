using Weir.Routing.Lanes;

namespace Weir.Routing.Membership;

/// <summary>A shard that this node owns.</summary>
/// <param name="Ready">Fragments in its queue that nobody has in hand.</param>
/// <param name="Unacknowledged">Fragments in this node's hand.</param>
/// <param name="OldestAge">Of what is in hand; zero when nothing is.</param>
public sealed record OwnedShard(
    string Destination, int Shard, long Ready, long Unacknowledged, TimeSpan OldestAge, DateTimeOffset OwnedSince,
    int ParkedLanes);

/// <summary>The shards of this node, as operators see and steer them.</summary>
public interface IShardOwners
{
    IReadOnlyList<OwnedShard> Owned { get; }

    /// <summary>The lanes within the shards.</summary>
    IReadOnlyList<LaneStatus> Lanes { get; }

    /// <summary>Gives back every shard that another live writer should own.</summary>
    /// <returns>How many.</returns>
    int Rebalance();
}
