using Weir.Protocol.Cluster;
using Weir.Routing;
using Weir.Routing.Components;
using Weir.Routing.Lanes;
using Weir.Routing.Membership;
using Weir.Routing.Ports;

namespace Weir.Node.Cluster;

/// <summary>What the node says of itself to the others.</summary>
/// <param name="broker">Null: there is none.</param>
/// <param name="shards">Null: this node owns none.</param>
/// <param name="shardCount">Into how many a destination is parted; 0: into none.</param>
/// <param name="address">Where its admin endpoint listens.</param>
internal sealed class NodeDescription(
    Graph graph, Delivery delivery, RoutingEvents events, Func<BrokerStatus>? broker, IShardOwners? shards,
    int shardCount, Func<string> address)
{
    public NodeState Describe()
    {
        var components = graph.Components;
        var unhealthy = components.Where(one => one.Health.State == HealthState.Unhealthy).ToList();
        var spool = delivery.SpoolUsage;
        var state = new NodeState
        {
            Components = components.Count,
            UnhealthyCount = unhealthy.Count,
            Address = address(),
            ShardCount = shardCount,
            Spool = new SpoolState
            {
                Bytes = spool.Bytes,
                BytesMax = spool.BytesMax,
                Fragments = spool.Fragments,
                DeadLetters = spool.DeadLetters,
                IsHealthy = events.IsSpoolHealthy,
            },
        };
        foreach (var component in unhealthy.Take(MembershipLimits.UnhealthyMax))
            state.Unhealthy.Add(Cut($"{component.Id}: {component.Health.Message}"));
        var tenants = new Dictionary<(string Destination, string Endpoint), string>();
        foreach (var (id, settings) in delivery.Destinations)
        {
            state.Destinations.Add(new DestinationState
            {
                Id = id, Endpoints = { settings.Endpoints.Select(endpoint => endpoint.Name) },
            });
            foreach (var endpoint in settings.Endpoints) tenants[(id, endpoint.Name)] = endpoint.TenantId;
        }

        if (broker?.Invoke() is { } status) state.Broker = Describe(status);
        foreach (var shard in shards?.Owned ?? []) state.Shards.Add(Describe(shard));
        AddLanes(state, tenants);
        return state;
    }

    private void AddLanes(NodeState state, Dictionary<(string Destination, string Endpoint), string> tenants)
    {
        var lanes = delivery.Lanes.Concat(shards?.Lanes ?? [])
            .OrderByDescending(lane => lane.BacklogBytes).ToList();
        foreach (var lane in lanes.Take(MembershipLimits.LanesMax)) state.Lanes.Add(Describe(lane, tenants));
        state.LanesOmitted = lanes.Count - state.Lanes.Count;
    }

    private static Protocol.Cluster.LaneState Describe(
        LaneStatus lane, Dictionary<(string Destination, string Endpoint), string> tenants) => new()
    {
        Destination = lane.Lane.Destination,
        Endpoint = lane.Lane.Endpoint,
        Tenant = lane.Lane.Tenant,
        PushedAs = lane.Lane.Tenant.Length > 0 ? lane.Lane.Tenant
            : tenants.GetValueOrDefault((lane.Lane.Destination, lane.Lane.Endpoint), ""),
        Partition = lane.Lane.Partition,
        State = lane.State.ToString().ToLowerInvariant(),
        BacklogFragments = lane.BacklogFragments,
        BacklogBytes = lane.BacklogBytes,
        OldestAgeMs = (long)lane.OldestAge.TotalMilliseconds,
        InFlightFragments = lane.InFlightFragments,
        BytesPerSecond = lane.BytesPerSecond,
        LastError = Cut(lane.LastError),
        NextAttemptAtMs = lane.NextAttemptAt?.ToUnixTimeMilliseconds() ?? 0,
    };

    private static ShardState Describe(OwnedShard shard) => new()
    {
        Destination = shard.Destination,
        Shard = shard.Shard,
        Ready = shard.Ready,
        Unacknowledged = shard.Unacknowledged,
        OldestAgeMs = (long)shard.OldestAge.TotalMilliseconds,
        OwnedSinceMs = shard.OwnedSince.ToUnixTimeMilliseconds(),
        ParkedLanes = shard.ParkedLanes,
    };

    private static BrokerState Describe(BrokerStatus status) => new()
    {
        IsConnected = status.IsConnected,
        Node = status.Node,
        BlockedBy = status.BlockedBy,
        LastError = Cut(status.LastError),
    };

    private static string Cut(string text) =>
        text.Length <= MembershipLimits.ErrorLengthMax ? text : text[..MembershipLimits.ErrorLengthMax];
}
