using System.Globalization;
using Weir.Node.Logging;
using Weir.Protocol.Batches;
using Weir.Routing.Components;
using Weir.Routing.Metrics;
using Weir.Routing.Ports;
using Weir.Support;

namespace Weir.Node.Tests.Logging;

public sealed class OwnLogSourceTests : IAsyncDisposable
{
    private readonly StringWriter _output = new();
    private readonly MetricRegistry _metrics = new();
    private readonly ManualTime _time = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly CollectingReceiver _receiver = new();
    private readonly ProcessLog _log;
    private readonly OwnLogSource _source;
    private Task _running = Task.CompletedTask;

    public OwnLogSourceTests()
    {
        _log = new ProcessLog(_output, _time);
        _source = new OwnLogSource(_log, new LabelSets(), _time, _metrics);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
        await _output.DisposeAsync();
    }

    [Fact]
    public async Task Lines_reach_the_receivers_as_they_are_written_labelled_by_level()
    {
        _source.Receivers = [_receiver];
        Start();

        _log.Write(LogSeverity.Warn, "node", "look out");
        await _receiver.LinesAsync(1);

        var entry = Assert.Single(_receiver.Entries);
        Assert.Equal(_output.ToString().TrimEnd(), entry.Line);
        Assert.Equal("{component=\"weir\", level=\"warn\"}", entry.Stream);
        Assert.Equal(_time.GetUtcNow(), DateTimeOffset.UnixEpoch.AddTicks(entry.Timestamp / 100));
    }

    [Fact]
    public async Task Without_receivers_nothing_is_kept_for_later()
    {
        _log.Write(LogSeverity.Info, "node", "before");
        _source.Receivers = [_receiver];
        _log.Write(LogSeverity.Info, "node", "after");
        Start();

        var lines = await _receiver.LinesAsync(1);

        Assert.Contains("after", Assert.Single(lines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_does_not_fit_is_dropped_oldest_first_and_counted()
    {
        _source.Receivers = [_receiver];
        for (var i = 0; i < OwnLogSource.LinesMax + 7; i++)
            _log.Write(LogSeverity.Info, "node", $"line {i.ToString(CultureInfo.InvariantCulture)}");

        Start();
        var lines = await _receiver.LinesAsync(OwnLogSource.LinesMax);

        Assert.Contains("\"line 7\"", lines[0], StringComparison.Ordinal);
        Assert.Equal(7, _metrics.Sum("weir_own_log_lines_dropped_total"));
    }

    [Fact]
    public async Task A_receiver_that_logs_about_these_lines_does_not_get_its_own_words()
    {
        _source.Receivers = [new TalkingReceiver(_log, _receiver)];
        Start();

        _log.Write(LogSeverity.Info, "node", "one");
        await _receiver.LinesAsync(1);
        _log.Write(LogSeverity.Info, "node", "two");
        var lines = await _receiver.LinesAsync(2);

        Assert.All(lines, line => Assert.Contains("component=node", line, StringComparison.Ordinal));
        Assert.Contains("component=receiver", _output.ToString(), StringComparison.Ordinal);
    }

    private void Start() => _running = _source.RunAsync(_stop.Token);

    private sealed class TalkingReceiver(ProcessLog log, ILogsReceiver next) : ILogsReceiver
    {
        public ILogsInlet Open() => new Inlet(log, next.Open());

        private sealed class Inlet(ProcessLog log, ILogsInlet next) : ILogsInlet
        {
            public bool HoldsLines => false;

            public ValueTask SendAsync(LogBatch batch, CancellationToken cancel)
            {
                log.Write(LogSeverity.Warn, "receiver", "a stage has something to say");
                return next.SendAsync(batch, cancel);
            }

            public ValueTask ReleaseAsync(bool ending, CancellationToken cancel) => ValueTask.CompletedTask;

            public void Dispose() => next.Dispose();
        }
    }
}
