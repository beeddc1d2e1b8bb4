using Weir.Protocol.Cluster;

namespace Weir.Routing.Membership;

public enum MemberCondition : byte
{
    Alive,

    /// <summary>Not heard of for <see cref="MembershipLimits.LateAfter"/>.</summary>
    Late,

    /// <summary>Not heard of for <see cref="MembershipLimits.GoneAfter"/>: it counts no more.</summary>
    Gone,

    /// <summary>It said goodbye.</summary>
    Left,
}

/// <summary>A node as it described itself last.</summary>
/// <param name="State">Never changed.</param>
/// <param name="LastSeen">When that came here, by this node's clock.</param>
public sealed record Member(
    string Id, DateTimeOffset StartedAt, MemberCondition Condition, DateTimeOffset LastSeen, NodeState State)
{
    /// <summary>Whether it counts as a part of the cluster.</summary>
    public bool IsLive => Condition is MemberCondition.Alive or MemberCondition.Late;

    public bool IsWriter => State.Roles.Contains(NodeSelf.Writer);
}
