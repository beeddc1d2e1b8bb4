namespace Weir.Routing.Lanes;

/// <summary>What takes fragments off a lane: a writer that pushes them, or a forwarder that hands them to the
/// broker.</summary>
internal interface ILaneRunner
{
    /// <summary>Null where the lane ends at the broker.</summary>
    EndpointSettings? Endpoint { get; }

    LaneStatus Status { get; }

    /// <summary>Whether it has work and makes progress with it: a stop may wait for that.</summary>
    bool IsDraining { get; }

    Task RunAsync(CancellationToken cancel);
}
