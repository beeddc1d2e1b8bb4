using System.Buffers;
using System.Text;
using Weir.Protocol.Batches;
using Weir.Protocol.Syslog;
using Weir.Routing.Components;
using Weir.Routing.Ports;

namespace Weir.Node.Sources.Syslog;

/// <summary>Reads one sender's connection: no more is read until what came before is handed over.</summary>
internal sealed class SyslogConnection(
    SyslogContext context, Stream stream, SyslogPeer peer, Func<SyslogForm> form)
{
    /// <summary>Bytes read at once at the least.</summary>
    private const int ReadBytes = 64 * 1024;

    private static readonly TimeSpan ReleaseInterval = TimeSpan.FromSeconds(1);

    private readonly SyslogLines _lines = new(context.Host, form);
    private readonly ListenerOptions _options = form().Options;
    private int _filled;

    /// <summary>Runs until the sender closes the connection, is silent for too long, or makes no sense.</summary>
    /// <exception cref="IOException">The connection broke.</exception>
    public async Task RunAsync(CancellationToken cancel)
    {
        using var inlet = new FanOut(context.ForwardTo);
        using var handOver = new HandOverTime(cancel);
        var frames = new SyslogFrames(_options.MessageBytes, _options.Delimiter);
        var buffer = ArrayPool<byte>.Shared.Rent(_options.MessageBytes + SyslogFrames.OverheadMax + ReadBytes);
        var reading = Task.FromResult(0);
        try
        {
            while (true)
            {
                reading = stream.ReadAsync(buffer.AsMemory(_filled), cancel).AsTask();
                if (!await WaitAsync(reading, inlet, cancel)) break;
                var read = await reading;
                _filled += read;
                if (!await SendAsync(frames, buffer, atEnd: read == 0, inlet, handOver.Token) || read == 0) break;
            }
        }
        finally
        {
            await stream.DisposeAsync();
            await ((Task)reading).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            ArrayPool<byte>.Shared.Return(buffer);
            await inlet.ReleaseAsync(ending: true, handOver.Token);
        }
    }

    /// <returns>False: nothing came for too long.</returns>
    private async ValueTask<bool> WaitAsync(Task reading, FanOut inlet, CancellationToken cancel)
    {
        var since = context.Host.Time.GetTimestamp();
        while (!reading.IsCompleted)
        {
            var left = form().Options.Idle - context.Host.Time.GetElapsedTime(since);
            if (left <= TimeSpan.Zero)
            {
                context.Metrics.ClosedForIdleness.Increment();
                return false;
            }

            var isHolding = inlet.HoldsLines;
            var wait = isHolding && ReleaseInterval < left ? ReleaseInterval : left;
            await reading.WaitAsync(wait, context.Host.Time, cancel)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancel.ThrowIfCancellationRequested();
            if (isHolding && !reading.IsCompleted) await inlet.ReleaseAsync(ending: false, cancel);
        }

        return true;
    }

    /// <returns>False: where messages begin cannot be told any more.</returns>
    private async ValueTask<bool> SendAsync(
        SyslogFrames frames, byte[] buffer, bool atEnd, FanOut inlet, CancellationToken cancel)
    {
        LogBatch? batch = new(Math.Max(_filled, 1));
        try
        {
            _lines.Begin();
            var isSound = SyslogStream.Take(
                frames, _lines, batch, peer, buffer.AsSpan(0, _filled), atEnd, out var consumed);
            buffer.AsSpan(consumed, _filled - consumed).CopyTo(buffer);
            _filled -= consumed;
            if (!isSound) ReportFraming();
            context.Metrics.Add(_lines.TakeCounts());
            if (batch.Count == 0) return isSound;
            var filled = batch;
            batch = null;
            await inlet.SendAsync(filled, cancel);
            return isSound;
        }
        finally
        {
            batch?.Dispose();
        }
    }

    private void ReportFraming()
    {
        context.Metrics.ClosedForFraming.Increment();
        context.Host.Events.Log.Write(LogSeverity.Warn, context.Host.Id,
            "a connection is closed, for it cannot be told where messages begin: each must have its length before it, "
            + "or begin with <priority> and end with a line feed",
            new LogField("listener", _options.Address),
            new LogField("sender", Encoding.UTF8.GetString(peer.Address)));
    }
}
