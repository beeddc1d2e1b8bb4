namespace Weir.Routing.Membership;

/// <summary>A node in an answer of the API.</summary>
/// <param name="LastSeen">When it last said how it is, by the clock of the node that answers.</param>
/// <param name="Unhealthy">The first components that are, with the reason.</param>
/// <param name="Shards">How many it owns.</param>
public sealed record MemberView(
    string Id, string Name, IReadOnlyList<string> Roles, string Version, MemberCondition Condition, bool IsDraining,
    string Address, DateTimeOffset StartedAt, double UptimeSeconds, DateTimeOffset LastSeen, bool IsHealthy,
    IReadOnlyList<string> Unhealthy, int Components, SpoolView? Spool, MemberBrokerView? Broker, int Shards, int Lanes);

public sealed record SpoolView(long Bytes, long BytesMax, long Fragments, long DeadLetters, bool IsHealthy);

public sealed record MemberBrokerView(bool IsConnected, string Node, string BlockedBy, string LastError);

/// <param name="Owner">Id of a node; "" for none.</param>
/// <param name="AlsoClaimedBy">Nodes that have not noticed yet that they lost it.</param>
public sealed record ShardView(
    string Destination, int Shard, string Owner, long Ready, long Unacknowledged, double OldestAgeSeconds,
    DateTimeOffset? OwnedSince, int ParkedLanes, IReadOnlyList<string> AlsoClaimedBy);

/// <param name="Id">Names it to pause and resume it; the same on every node.</param>
/// <param name="Tenant">As the endpoint is told; "" for none.</param>
/// <param name="LagSeconds">Age of the oldest fragment that is owed.</param>
/// <param name="NextAttemptAt">Null while it does not wait.</param>
public sealed record LaneView(
    string Id, string Node, string Destination, string Endpoint, string Tenant, int Partition, string State,
    bool IsPaused, long BacklogFragments, long BacklogBytes, double LagSeconds, int InFlightFragments,
    double BytesPerSecond, string LastError, DateTimeOffset? NextAttemptAt);

public sealed record TenantView(
    string Tenant, int Lanes, int PausedLanes, long BacklogFragments, long BacklogBytes, double LagSeconds,
    double BytesPerSecond, string LastError);

/// <param name="IsDefined">Whether a writer knows its endpoints; until one does, fragments wait.</param>
/// <param name="WaitingFragments">In spools, shards and lanes.</param>
/// <param name="WaitingBytes">Compressed, in spools and lanes.</param>
public sealed record DestinationView(
    string Id, bool IsDefined, IReadOnlyList<string> Endpoints, IReadOnlyList<string> DefinedBy,
    IReadOnlyList<string> NamedBy, long WaitingFragments, long WaitingBytes, double LagSeconds);

/// <param name="Nodes">Brokers that members are connected to.</param>
/// <param name="Alarms">Why brokers take nothing.</param>
/// <param name="Disconnected">Members without a connection.</param>
public sealed record BrokerView(
    IReadOnlyList<string> Nodes, IReadOnlyList<string> Alarms, IReadOnlyList<string> Disconnected);
