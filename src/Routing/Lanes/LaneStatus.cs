using Weir.Routing.Ports;

namespace Weir.Routing.Lanes;

public enum LaneState : byte
{
    /// <summary>Nothing is owed.</summary>
    Idle,

    /// <summary>Pushing, or about to.</summary>
    Sending,

    /// <summary>The endpoint asked to wait (429).</summary>
    Throttled,

    /// <summary>The endpoint failed or was out of reach; tried again.</summary>
    Retrying,

    /// <summary>The endpoint does not know or not accept us: somebody has to look at credentials or address.</summary>
    Misconfigured,

    /// <summary>No configured endpoint has this name: its fragments wait for it to come back.</summary>
    Orphaned,

    /// <summary>An operator has paused it.</summary>
    Paused,

    /// <summary>Pushing what was parked while the endpoint took nothing; what comes queues up behind that.</summary>
    Draining,
}

/// <summary>How a lane does.</summary>
/// <param name="BacklogBytes">Compressed.</param>
/// <param name="OldestAge">How long the oldest fragment owed has been stored, to a second; zero when none is.</param>
/// <param name="BytesPerSecond">Compressed bytes acknowledged, averaged over about the last half minute.</param>
/// <param name="LastError">The last answer or failure that was no success; "" when there was none since the last
/// success.</param>
/// <param name="NextAttemptAt">When it tries again; null while it is not waiting.</param>
public sealed record LaneStatus(
    LaneKey Lane, LaneState State, long BacklogFragments, long BacklogBytes, TimeSpan OldestAge,
    int InFlightFragments, double BytesPerSecond, string LastError, DateTimeOffset? NextAttemptAt);
