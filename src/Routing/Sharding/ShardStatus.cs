using Weir.Routing.Lanes;
using Weir.Routing.Membership;

namespace Weir.Routing.Sharding;

/// <summary>How a shard does that this node owns.</summary>
/// <param name="InHandBytes">Compressed.</param>
internal sealed record ShardStatus(OwnedShard Shard, long InHandBytes, IReadOnlyList<LaneStatus> Lanes);
