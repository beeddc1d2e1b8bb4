using Weir.Routing.Lanes;

namespace Weir.Routing.Writers;

/// <summary>Whether a push may begin.</summary>
/// <param name="Wait">Zero: it may, and <see cref="IPushGate.Leave"/> follows it. Else: ask again after this
/// long.</param>
/// <param name="State">How a lane is shown that has to wait.</param>
/// <param name="Reason">Why it waits; "" where that is not worth showing.</param>
internal readonly record struct PushTurn(TimeSpan Wait, LaneState State = LaneState.Sending, string Reason = "");

/// <summary>Asked before each push of a lane. Any thread, never waits itself.</summary>
internal interface IPushGate
{
    PushTurn Enter(int lineBytes);

    /// <summary>Whether a push that has entered may still leave this node.</summary>
    bool IsOpen { get; }

    /// <summary>The push has ended, however it did.</summary>
    void Leave(int lineBytes);
}
