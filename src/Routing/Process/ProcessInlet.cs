using Weir.Protocol.Batches;
using Weir.Routing.Components;
using Weir.Routing.Stages;

namespace Weir.Routing.Process;

/// <summary>One source's way through a <c>loki.process</c>: the stages with this source's state, then the
/// receivers.</summary>
/// <param name="pipeline">Read once a batch; a changed one replaces this source's instance.</param>
public sealed class ProcessInlet(Func<CompiledPipeline> pipeline, ILogsInlet next, TimeProvider time) : ILogsInlet
{
    private CompiledPipeline? _compiled;
    private PipelineInstance? _instance;

    // The last checkpoint that was held back: what lets lines go without a batch of the source goes on from there.
    private Checkpoint? _held;

    public bool HoldsLines => _instance is { HoldsLines: true } || next.HoldsLines;

    public async ValueTask SendAsync(LogBatch batch, CancellationToken cancel)
    {
        var sent = false;
        try
        {
            var instance = await FollowAsync(batch.Checkpoint, cancel);
            var delay = instance.Run(batch, Now(), ending: false);
            if (!instance.HoldsLines) _held = null;
            else if (batch.Checkpoint is { } checkpoint) _held = checkpoint.HeldBackTo(instance.EarliestHeld);
            if (delay > TimeSpan.Zero) await Task.Delay(delay, time, cancel);
            sent = true;
            await next.SendAsync(batch, cancel);
        }
        finally
        {
            if (!sent) FanOut.Abandon(batch);
        }
    }

    public async ValueTask ReleaseAsync(bool ending, CancellationToken cancel)
    {
        if (_instance is { HoldsLines: true } instance) await ReleaseAsync(instance, ending, null, cancel);
        await next.ReleaseAsync(ending, cancel);
    }

    public void Dispose() => next.Dispose();

    private async ValueTask<PipelineInstance> FollowAsync(Checkpoint? current, CancellationToken cancel)
    {
        var compiled = pipeline();
        if (ReferenceEquals(compiled, _compiled)) return _instance!;
        if (_instance is { HoldsLines: true } before) await ReleaseAsync(before, ending: true, current, cancel);
        _compiled = compiled;
        return _instance = compiled.Instantiate();
    }

    /// <summary>Sends on what the stages let go of, with a position that passes no line still held.</summary>
    /// <param name="current">The checkpoint of the batch that follows: it then covers these lines too. Null without
    /// one.</param>
    private async ValueTask ReleaseAsync(
        PipelineInstance instance, bool ending, Checkpoint? current, CancellationToken cancel)
    {
        var earliest = instance.EarliestHeld;
        var batch = new LogBatch();
        var sent = false;
        try
        {
            var delay = instance.Run(batch, Now(), ending);
            if (batch.Count == 0 && instance.EarliestHeld == earliest) return;
            batch.Checkpoint = current ?? (instance.HoldsLines ? _held?.NextHeld() : _held?.NextReleased());
            current?.Retain();
            if (!instance.HoldsLines) _held = null;
            if (delay > TimeSpan.Zero) await Task.Delay(delay, time, cancel);
            sent = true;
            await next.SendAsync(batch, cancel);
        }
        finally
        {
            if (!sent) FanOut.Abandon(batch);
        }
    }

    private long Now() => (time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100;
}
