namespace Weir.Routing.Membership;

/// <summary>Who this node is, for the life of its process.</summary>
/// <param name="Id">Made once and kept: tells nodes apart. At most <see cref="MembershipLimits.IdLengthMax"/>.</param>
/// <param name="Name">Of the host, for people.</param>
/// <param name="Roles"><see cref="Agent"/>, <see cref="Writer"/>.</param>
/// <param name="StartedAt">Tells the runs of a node apart.</param>
public sealed record NodeSelf(
    string Id, string Name, IReadOnlyList<string> Roles, string Version, DateTimeOffset StartedAt)
{
    /// <summary>Role of a node that collects.</summary>
    public const string Agent = "agent";

    /// <summary>Role of a node that owns shards and pushes.</summary>
    public const string Writer = "writer";
}
