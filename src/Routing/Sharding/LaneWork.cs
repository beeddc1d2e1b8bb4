using Weir.Routing.Lanes;
using Weir.Routing.Writers;

namespace Weir.Routing.Sharding;

/// <summary>A lane of a shard with its writer, which can be stopped and begin anew.</summary>
internal sealed class LaneWork(ShardLane lane, EndpointSettings endpoint, LaneGate gate, ShardContext context)
    : IAsyncDisposable
{
    private readonly Lock _starting = new();
    private LaneWriter _writer = new(lane, endpoint, context, gate, new Random(context.Random.Next()));
    private CancellationTokenSource? _stop;
    private Task _run = Task.CompletedTask;
    private bool _isEnded;
    private bool _isDisposed;

    public ShardLane Lane => lane;

    public LaneGate Gate => gate;

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

    /// <summary>Where it is stopped, the writer begins; not after the end.</summary>
    public void Start()
    {
        lock (_starting)
        {
            if (_isEnded || _stop is { IsCancellationRequested: false }) return;
            _stop?.Dispose();
            _stop = new CancellationTokenSource();
            _run = RunAsync(_stop.Token);
        }
    }

    /// <summary>Returns when the writer uses nothing any more; what it had taken is given back.</summary>
    public async ValueTask StopAsync()
    {
        Task run;
        lock (_starting)
        {
            // CancelAsync leaves the scheduling context, by which a simulation orders all steps.
            if (!_isDisposed) _stop?.Cancel();
            run = _run;
        }

        await run.ConfigureAwait(
            ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
    }

    /// <summary>The endpoint may have asked the writer before to wait; it does not notice that there is another
    /// one.</summary>
    private async Task RunAsync(CancellationToken cancel)
    {
        await Task.Yield(); // whoever starts it holds a lock
        if (_writer.Status.NextAttemptAt - context.Time.GetUtcNow() is { } wait && wait > TimeSpan.Zero)
            await Task.Delay(wait, context.Time, cancel);
        var writer = new LaneWriter(lane, endpoint, context, gate, new Random(context.Random.Next()));
        Volatile.Write(ref _writer, writer);
        await writer.RunAsync(cancel);
    }

    public async ValueTask DisposeAsync()
    {
        lock (_starting) _isEnded = true;
        await StopAsync();
        lock (_starting) _isDisposed = true;
        _stop?.Dispose();
    }
}
