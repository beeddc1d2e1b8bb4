using Weir.Routing.Lanes;
using Weir.Routing.Writers;

namespace Weir.Routing.Sharding;

/// <summary>A lane of a shard with its writer, which can be stopped and begin anew.</summary>
internal sealed class LaneWork(ShardLane lane, EndpointSettings endpoint, IPushGate gate, ShardContext context)
    : IAsyncDisposable
{
    private LaneWriter _writer = new(lane, endpoint, context, gate, new Random(context.Random.Next()));
    private CancellationTokenSource? _stop;
    private Task _run = Task.CompletedTask;

    public ShardLane Lane => lane;

    public LaneStatus Status
    {
        get
        {
            var status = Volatile.Read(ref _writer).Status;
            return status.State is LaneState.Idle or LaneState.Sending && lane.Course != LaneCourse.Direct
                ? status with { State = LaneState.Draining } : status;
        }
    }

    /// <summary>A stop may wait for what it has in hand.</summary>
    public bool IsFinishing => lane.IsBusy && Status.State is not (
        LaneState.Throttled or LaneState.Retrying or LaneState.Misconfigured or LaneState.Paused);

    /// <summary>The parking of the lane, from its beginning to its end.</summary>
    public Task Parking { get; set; } = Task.CompletedTask;

    public void Start()
    {
        _stop = new CancellationTokenSource();
        _run = _writer.RunAsync(_stop.Token);
    }

    public ValueTask DisposeAsync() => StopAsync();

    /// <summary>What the writer had taken is given back.</summary>
    public async ValueTask StopAsync()
    {
        if (_stop is null) return;
        _stop.Cancel(); // CancelAsync leaves the scheduling context, by which a simulation orders all steps
        await _run.ConfigureAwait(
            ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        _stop.Dispose();
        _stop = null;
        Volatile.Write(ref _writer, new LaneWriter(lane, endpoint, context, gate, new Random(context.Random.Next())));
    }
}
