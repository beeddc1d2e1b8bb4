using Weir.Protocol.Cluster;
using Weir.Routing.Lanes;

namespace Weir.Routing.Membership;

/// <summary>The cluster as one node sees it, put together from what all nodes said last. No number is trusted to be in
/// range.</summary>
/// <param name="members">Of <see cref="Members.All"/>.</param>
public sealed class ClusterView(IReadOnlyList<Member> members, LanePauses pauses)
{
    /// <summary>No cluster has more; a larger count is a mistake of its sender.</summary>
    private const int ShardsMax = 4096;

    private readonly Member[] _live = [.. members.Where(member => member.IsLive)];

    public IReadOnlyList<MemberView> Members => [.. members.Select(Describe)];

    /// <summary>By destination and number; those without an owner too, where somebody knows how many there
    /// are.</summary>
    public IReadOnlyList<ShardView> Shards
    {
        get
        {
            var owned = _live.SelectMany(member => member.State.Shards.Select(shard => (member, shard)))
                .GroupBy(one => (one.shard.Destination, one.shard.Shard))
                .ToDictionary(group => group.Key, group => Describe([.. group]));
            var counts = _live.Select(member => member.State.ShardCount).DefaultIfEmpty(0).Max();
            foreach (var destination in counts > 0 ? DestinationIds() : [])
            {
                for (var i = 0; i < Math.Min(counts, ShardsMax); i++)
                    owned.TryAdd((destination, i), new ShardView(destination, i, "", 0, 0, 0, null, 0, []));
            }

            return [.. owned.Values.OrderBy(shard => shard.Destination, StringComparer.Ordinal)
                .ThenBy(shard => shard.Shard)];
        }
    }

    public IReadOnlyList<LaneView> Lanes =>
    [
        .. _live.SelectMany(member => member.State.Lanes.Select(lane => Describe(member, lane)))
            .OrderBy(lane => lane.Destination, StringComparer.Ordinal)
            .ThenBy(lane => lane.Endpoint, StringComparer.Ordinal)
            .ThenBy(lane => lane.Tenant, StringComparer.Ordinal)
            .ThenBy(lane => lane.Node, StringComparer.Ordinal).ThenBy(lane => lane.Partition),
    ];

    public IReadOnlyList<TenantView> Tenants => [.. Lanes
        .GroupBy(lane => lane.Tenant, StringComparer.Ordinal)
        .OrderBy(group => group.Key, StringComparer.Ordinal)
        .Select(group => new TenantView(
            group.Key, group.Count(), group.Count(lane => lane.IsPaused), group.Sum(lane => lane.BacklogFragments),
            group.Sum(lane => lane.BacklogBytes), group.Max(lane => lane.LagSeconds),
            group.Sum(lane => lane.BytesPerSecond),
            group.FirstOrDefault(lane => lane.LastError.Length > 0)?.LastError ?? "")),
    ];

    public IReadOnlyList<DestinationView> Destinations
    {
        get
        {
            var lanes = Lanes.ToLookup(lane => lane.Destination, StringComparer.Ordinal);
            var shards = Shards.ToLookup(shard => shard.Destination, StringComparer.Ordinal);
            return [.. DestinationIds().Select(id => Describe(id, [.. lanes[id]], [.. shards[id]]))];
        }
    }

    /// <summary>Null: no node uses one.</summary>
    public BrokerView? Broker
    {
        get
        {
            var with = _live.Where(member => member.State.Broker is not null).ToArray();
            if (with.Length == 0) return null;
            return new BrokerView(
                [.. with.Select(member => member.State.Broker.Node).Where(node => node.Length > 0).Distinct().Order()],
                [.. with.Select(member => member.State.Broker.BlockedBy).Where(alarm => alarm.Length > 0).Distinct()
                    .Order()],
                [.. with.Where(member => !member.State.Broker.IsConnected).Select(member => member.Id)]);
        }
    }

    private static MemberView Describe(Member member)
    {
        var state = member.State;
        return new MemberView(
            member.Id, state.Name, [.. state.Roles], state.Version, member.Condition, state.IsDraining, state.Address,
            member.StartedAt, Seconds(state.UptimeMs), member.LastSeen,
            state.UnhealthyCount == 0, [.. state.Unhealthy], state.Components,
            state.Spool is null ? null : new SpoolView(
                state.Spool.Bytes, state.Spool.BytesMax, state.Spool.Fragments, state.Spool.DeadLetters,
                state.Spool.IsHealthy),
            state.Broker is null ? null : new MemberBrokerView(
                state.Broker.IsConnected, state.Broker.Node, state.Broker.BlockedBy, state.Broker.LastError),
            state.Shards.Count, state.Lanes.Count + state.LanesOmitted);
    }

    /// <summary>Nodes may believe for a while that they own the same one; the last to have got it is most likely
    /// right.</summary>
    private static ShardView Describe((Member Member, ShardState Shard)[] claims)
    {
        var (owner, shard) = claims.MaxBy(claim => claim.Shard.OwnedSinceMs);
        return new ShardView(
            shard.Destination, shard.Shard, owner.Id, shard.Ready, shard.Unacknowledged, Seconds(shard.OldestAgeMs),
            TimeOf(shard.OwnedSinceMs), shard.ParkedLanes,
            [.. claims.Select(claim => claim.Member.Id).Where(id => id != owner.Id)]);
    }

    private LaneView Describe(Member member, Protocol.Cluster.LaneState lane)
    {
        var id = LanePauses.IdOf(lane.Destination, lane.Endpoint, lane.Tenant);
        return new LaneView(
            id, member.Id, lane.Destination, lane.Endpoint, lane.PushedAs, lane.Partition, lane.State,
            pauses.IsPaused(id), lane.BacklogFragments, lane.BacklogBytes, Seconds(lane.OldestAgeMs),
            lane.InFlightFragments, double.IsFinite(lane.BytesPerSecond) ? Math.Round(lane.BytesPerSecond, 1) : 0,
            lane.LastError, lane.NextAttemptAtMs > 0 ? TimeOf(lane.NextAttemptAtMs) : null);
    }

    private DestinationView Describe(string id, LaneView[] lanes, ShardView[] shards)
    {
        var named = _live.Select(member => (member, destination: member.State.Destinations.FirstOrDefault(
            one => one.Id == id))).Where(one => one.destination is not null).ToArray();
        var defining = named.Where(one => one.member.IsWriter && one.destination!.Endpoints.Count > 0).ToArray();
        var lag = Math.Max(
            lanes.Select(lane => lane.LagSeconds).DefaultIfEmpty(0).Max(),
            shards.Select(shard => shard.OldestAgeSeconds).DefaultIfEmpty(0).Max());
        return new DestinationView(
            id, defining.Length > 0,
            [.. defining.SelectMany(one => one.destination!.Endpoints).Distinct().Order(StringComparer.Ordinal)],
            [.. defining.Select(one => one.member.Id)], [.. named.Select(one => one.member.Id)],
            lanes.Sum(lane => lane.BacklogFragments) + shards.Sum(shard => shard.Ready),
            lanes.Sum(lane => lane.BacklogBytes), lag);
    }

    private IEnumerable<string> DestinationIds() => _live
        .SelectMany(member => member.State.Destinations.Select(one => one.Id)
            .Concat(member.State.Lanes.Select(lane => lane.Destination))
            .Concat(member.State.Shards.Select(shard => shard.Destination)))
        .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);

    private static double Seconds(long milliseconds) => Math.Max(milliseconds, 0) / 1000.0;

    private static DateTimeOffset TimeOf(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(
        Math.Clamp(milliseconds, 0, DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()));
}
