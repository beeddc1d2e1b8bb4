using Weir.Protocol.Batches;
using Weir.Routing.Components;

namespace Weir.Node.Sources.Docker;

/// <summary>Moves the lines of one container from its connection to the pipeline, one batch a read.</summary>
internal sealed class LogPump(
    TailContext context, SourceKey source, ContainerLines lines, FanOut inlet, ContainerTail tail)
{
    /// <summary>Stages that hold lines back are asked this often to let go of those whose time is over.</summary>
    private static readonly TimeSpan ReleaseInterval = TimeSpan.FromSeconds(1);

    private IOException? _fault;

    /// <summary>How a connection ended.</summary>
    public enum Ending : byte
    {
        /// <summary>It brought new lines, so that the next one may, too.</summary>
        More,

        /// <summary>It brought nothing new.</summary>
        Nothing,

        /// <summary>There was none: the container is gone.</summary>
        Gone,
    }

    /// <summary>Reads one connection to its end.</summary>
    /// <exception cref="IOException">It broke; what had come is handed on.</exception>
    public async Task<Ending> ReadAsync(bool isTerminal, CancellationToken cancel)
    {
        var now = (context.Host.Time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100;
        using var answer = await context.Engine.OpenLogAsync(tail.Id, lines.Place.Since(isTerminal, now), cancel);
        if (answer is null) return Ending.Gone;
        await using var stream = await answer.Content.ReadAsStreamAsync(cancel);
        lines.Begin(isTerminal);
        await DrainAsync(stream, cancel);
        return lines.HasNew ? Ending.More : Ending.Nothing;
    }

    /// <summary>The container has stopped: its last line may lack a line break, and its log has been read to the end.
    /// </summary>
    /// <param name="finished">When it stopped, in Unix nanoseconds.</param>
    public async Task FinishAsync(long finished, CancellationToken cancel)
    {
        await inlet.ReleaseAsync(ending: true, cancel);
        LogBatch? batch = new();
        try
        {
            while (!lines.Fill(batch, tail.Labels, ended: true))
            {
                var full = batch;
                batch = null;
                await SendAsync(full, cancel);
                batch = new LogBatch();
            }

            lines.Finish(finished);
            var last = batch;
            batch = null;
            await SendAsync(last, cancel, evenIfEmpty: true);
            await inlet.ReleaseAsync(ending: true, cancel);
        }
        finally
        {
            batch?.Dispose();
        }
    }

    private async Task DrainAsync(Stream stream, CancellationToken cancel)
    {
        LogBatch? batch = null;
        try
        {
            // A read of no bytes waits for data without holding memory: most containers are quiet most of the time.
            var ready = stream.ReadAsync(Memory<byte>.Empty, cancel).AsTask();
            for (var read = 1; read > 0;)
            {
                lines.Trim();
                await ReleaseUntilAsync(ready, cancel);
                do
                {
                    read = await ReadAsync(stream, ready, cancel);
                    if (read <= 0) break;
                    lines.Advance(read);
                    batch ??= new LogBatch();
                    while (!lines.Fill(batch, tail.Labels, ended: false))
                    {
                        var full = batch;
                        batch = null;
                        await SendAsync(full, cancel);
                        batch = new LogBatch();
                    }

                    if (lines.Fault.Length > 0) _fault = new DockerException($"the log of {tail.Id}: {lines.Fault}");
                    else ready = stream.ReadAsync(Memory<byte>.Empty, cancel).AsTask();
                }
                while (_fault is null && ready.IsCompleted);

                var filled = batch;
                batch = null;
                if (filled is not null) await SendAsync(filled, cancel);
                ThrowIfBroken();
            }
        }
        finally
        {
            batch?.Dispose();
        }
    }

    /// <returns>Bytes read; 0: the connection has ended; -1: it broke, which is told after what came before is sent.
    /// </returns>
    private async ValueTask<int> ReadAsync(Stream stream, Task<int> ready, CancellationToken cancel)
    {
        try
        {
            await ready;
            return await stream.ReadAsync(lines.Reserve(), cancel);
        }
        catch (IOException fault)
        {
            _fault = new DockerException($"the log of {tail.Id} broke off: {fault.Message}", cause: fault);
            return -1;
        }
    }

    private void ThrowIfBroken()
    {
        if (_fault is not { } fault) return;
        _fault = null;
        throw fault;
    }

    /// <summary>Waits for data while stages hold lines back whose time will come.</summary>
    private async Task ReleaseUntilAsync(Task<int> data, CancellationToken cancel)
    {
        while (!data.IsCompleted && inlet.HoldsLines)
        {
            using var timer = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            await Task.WhenAny(data, Task.Delay(ReleaseInterval, context.Host.Time, timer.Token));
            await timer.CancelAsync();
            if (!data.IsCompleted) await inlet.ReleaseAsync(ending: false, cancel);
        }
    }

    private async Task SendAsync(LogBatch batch, CancellationToken cancel, bool evenIfEmpty = false)
    {
        context.Metrics.Add(lines.TakeCounts());
        if (lines.TakeComplaint() is { Length: > 0 } complaint) tail.Complain(complaint);
        var place = lines.Place;
        if (batch.Count == 0 && !evenIfEmpty)
        {
            batch.Dispose();
            return;
        }

        batch.Checkpoint = context.Positions.Begin(place.ToPosition(source));
        await inlet.SendAsync(batch, cancel);
        tail.Moved(place.Resume);
        if (tail.Id == context.OwnId) await Task.Delay(ContainerTail.OwnPause, context.Host.Time, cancel);
    }
}
