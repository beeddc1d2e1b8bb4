using Weir.Routing.Ports;

namespace Weir.Routing.Lanes;

/// <summary>What is owed to one endpoint for one tenant, in order, as the writer sees it: from the spool of this node,
/// or from a shard of the cluster.</summary>
/// <remarks>One writer takes; each item taken is acknowledged or given back exactly once.</remarks>
internal interface ILaneQueue
{
    LaneKey Key { get; }

    bool IsEmpty { get; }

    /// <summary>Waits for fragments, then takes as many as fit in a push of <paramref name="lineBytesMax"/>: at least
    /// one, and all of them in doubt or none (<see cref="LaneItem.IsInDoubt"/>).</summary>
    ValueTask TakeAsync(List<LaneItem> items, int lineBytesMax, CancellationToken cancel);

    /// <summary>They were delivered, or became <paramref name="letters"/>, which are kept before the items are
    /// forgotten. Never waits.</summary>
    void Acknowledge(List<LaneItem> items, IReadOnlyList<DeadLetter> letters);

    /// <summary>Gives back what was taken and not acknowledged: the writer begins anew, or stays away.</summary>
    void Rewind(List<LaneItem> items);

    /// <summary>Leaves memory to other lanes: the endpoint takes nothing for a while.</summary>
    void Release();

    (long Fragments, long Bytes, TimeSpan OldestAge) Backlog();
}
