using System.Text;
using System.Threading.Channels;
using Weir.Protocol.Batches;
using Weir.Routing.Components;
using Weir.Routing.Ports;

namespace Weir.Node.Logging;

/// <summary>Sends Weir's own log lines to the receivers of <c>logging.write_to</c>.</summary>
/// <remarks>
/// The only source that may lose lines: a log that waited for its own delivery could stop the node. What does not fit
/// into the queue is counted.
/// </remarks>
internal sealed class OwnLogSource
{
    /// <summary>Lines that wait at the most.</summary>
    private const int LinesMax = 1000;

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
            if (_receivers.Count > 0) _lines.Writer.TryWrite((severity, line));
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

            await inlet.SendAsync(batch, cancel);
        }
    }
}
