using Weir.Routing.Actors;
using Weir.Routing.Lanes;
using Weir.Routing.Ports;

namespace Weir.Routing.Writers;

/// <summary>Takes fragments off a lane until it is stopped: a writer that pushes them, or a forwarder that hands them
/// to the broker.</summary>
/// <remarks>After a fault it begins anew with what it had not acknowledged.</remarks>
/// <param name="role">What it is, for the log.</param>
/// <param name="endpoint">Null where the lane ends at the broker.</param>
/// <param name="lineBytesMax">How much it takes at a time; 0: one fragment.</param>
internal abstract class LaneRunner(
    string role, ILaneQueue lane, EndpointSettings? endpoint, int lineBytesMax, WriterContext context)
{
    // Waiting longer than this, the lane leaves the memory window to others.
    private static readonly TimeSpan ReleaseAfter = TimeSpan.FromSeconds(1);

    private readonly string _id = LanePauses.IdOf(lane.Key);

    public EndpointSettings? Endpoint => endpoint;

    public LaneStatus Status => Progress.Status(lane);

    /// <summary>Whether it has work and makes progress with it: a stop may wait for that.</summary>
    public bool IsDraining => !lane.IsEmpty && Progress.State is LaneState.Idle or LaneState.Sending;

    protected LaneProgress Progress { get; } = new(lane.Key, context.Events, context.Time);

    /// <summary>What was taken and is not acknowledged.</summary>
    protected List<LaneItem> Items { get; } = [];

    public async Task RunAsync(CancellationToken cancel)
    {
        await Task.Yield(); // whoever starts it may hold a lock
        await Supervision.RunAsync(
            $"{lane.Key.Destination} {role}", RunOnceAsync, RestartPolicy.Forever, context.Events, context.Time,
            cancel);
    }

    /// <summary>Brings <see cref="Items"/> to their end, acknowledges them and takes them off the list.</summary>
    protected abstract ValueTask DeliverAsync(CancellationToken cancel);

    /// <summary>Returns at once unless an operator has paused the lane.</summary>
    protected async ValueTask ResumedAsync(CancellationToken cancel)
    {
        if (!context.Pauses.IsPaused(_id)) return;
        Progress.Paused();
        lane.Release();
        await context.Pauses.ResumedAsync(_id, cancel);
        Progress.Sending(Items.Count);
    }

    protected Task DelayAsync(TimeSpan delay, CancellationToken cancel)
    {
        if (delay >= ReleaseAfter) lane.Release();
        return Task.Delay(delay, context.Time, cancel);
    }

    private async Task RunOnceAsync(CancellationToken cancel)
    {
        try
        {
            while (true)
            {
                Progress.Waiting();
                await lane.TakeAsync(Items, lineBytesMax, cancel);
                await DeliverAsync(cancel);
            }
        }
        finally
        {
            lane.Rewind(Items);
            Items.Clear();
        }
    }
}
