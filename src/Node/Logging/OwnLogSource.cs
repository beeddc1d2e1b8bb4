using System.Text;
using System.Threading.Channels;
using Weir.Protocol.Batches;
using Weir.Routing.Components;
using Weir.Routing.Ports;

namespace Weir.Node.Logging;

/// <summary>Sends Weir's own log lines to the receivers of <c>logging.write_to</c>.</summary>
/// <remarks>
/// The only source that may lose lines: a log that waited for its own delivery could stop the node. What does not fit
/// into the queue is counted. What the receivers' stages log about these lines is not sent to them again, for that
/// would
/// never end; what their destinations log is throttled as all else.
/// </remarks>
internal sealed class OwnLogSource
{
    /// <summary>Lines that wait at the most.</summary>
    public const int LinesMax = 1000;

    /// <summary>This thread is in the receivers' synchronous part: their stages and rules.</summary>
    [ThreadStatic]
    private static bool _isSending;

    private readonly Channel<(LogSeverity Severity, string Line)> _lines;
    private readonly TimeProvider _time;
    private readonly LabelSet[] _labels;
    private volatile IReadOnlyList<ILogsReceiver> _receivers = [];

    public OwnLogSource(ProcessLog log, LabelSets labelSets, TimeProvider time, Routing.Metrics.MetricRegistry metrics)
    {
        _time = time;
        _labels = [.. Enum.GetValues<LogSeverity>().Select(severity => labelSets.Of([
            new Label("component", "weir"), new Label("level", severity.ToString().ToLowerInvariant())]))];
        var lost = metrics.Counter("weir_own_log_lines_dropped_total",
            "Lines of Weir's own log that logging.write_to did not get, for its receivers were full.").With();
        _lines = Channel.CreateBounded<(LogSeverity, string)>(
            new BoundedChannelOptions(LinesMax) { FullMode = BoundedChannelFullMode.DropOldest },
            _ => lost.Increment());
        log.Written = (severity, line) =>
        {
            if (_receivers.Count > 0 && !_isSending) _lines.Writer.TryWrite((severity, line));
        };
    }

    public IReadOnlyList<ILogsReceiver> Receivers
    {
        set => _receivers = value;
    }

    /// <summary>Works until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        using var inlet = new FanOut(() => _receivers);
        while (await _lines.Reader.WaitToReadAsync(cancel))
        {
            var batch = new LogBatch(16 * 1024, 64);
            while (batch.Count < LinesMax && _lines.Reader.TryRead(out var next))
            {
                var now = (_time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100 + batch.Count;
                batch.Add(now, _labels[(int)next.Severity], Encoding.UTF8.GetBytes(next.Line), resume: 0);
            }

            await StartSending(inlet, batch, cancel);
        }
    }

    private static ValueTask StartSending(FanOut inlet, LogBatch batch, CancellationToken cancel)
    {
        _isSending = true;
        try
        {
            return inlet.SendAsync(batch, cancel);
        }
        finally
        {
            _isSending = false;
        }
    }
}
