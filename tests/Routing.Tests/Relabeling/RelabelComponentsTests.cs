using Weir.Protocol.Batches;
using Weir.Routing.Relabeling;

namespace Weir.Routing.Tests.Relabeling;

public sealed class RelabelComponentsTests
{
    private readonly RecordingHost _host = new("loki.relabel.test");
    private readonly CollectingReceiver _receiver = new();

    [Fact]
    public async Task Entries_are_relabelled_dropped_and_counted()
    {
        var component = new LokiRelabelComponent(_host);
        await component.ApplyAsync(Options(Drop("a", "2"), Copy("a", "b")), default);
        using var inlet = component.Open();

        await inlet.SendAsync(Batch("a=1", "a=2", "a=1", ""), default);

        var expected = new[] { "{a=\"1\", b=\"1\"}", "{a=\"1\", b=\"1\"}" };
        Assert.Equal(expected, _receiver.Entries.Select(entry => entry.Stream));
        var metrics = _host.Metrics.Render();
        Assert.Contains("loki_relabel_entries_processed{component_id=\"loki.relabel.test\"} 4", metrics,
            StringComparison.Ordinal);
        Assert.Contains("loki_relabel_entries_written{component_id=\"loki.relabel.test\"} 2", metrics,
            StringComparison.Ordinal);
        Assert.Contains("loki_relabel_cache_misses{component_id=\"loki.relabel.test\"} 3", metrics,
            StringComparison.Ordinal);
        Assert.Contains("loki_relabel_cache_size{component_id=\"loki.relabel.test\"} 3", metrics,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_open_inlet_follows_changed_rules()
    {
        var component = new LokiRelabelComponent(_host);
        await component.ApplyAsync(Options(Copy("a", "b")), default);
        using var inlet = component.Open();
        await inlet.SendAsync(Batch("a=1"), default);

        await component.ApplyAsync(Options(Copy("a", "c")), default);
        await inlet.SendAsync(Batch("a=1"), default);

        Assert.Equal("{a=\"1\", c=\"1\"}", _receiver.Entries[^1].Stream);
        var exports = await _host.ExportedAsync<LokiRelabelExports>("rules", _ => true);
        Assert.Equal(new RelabelRules([Copy("a", "c")]), exports.Rules);
        Assert.Same(component, exports.Receiver);
    }

    [Fact]
    public async Task Targets_are_relabelled_or_dropped()
    {
        var component = new DiscoveryRelabelComponent(_host);
        var targets = new[] { "1", "2" }.Select(value => new Dictionary<string, string> { ["a"] = value }).ToArray();

        await component.ApplyAsync(
            new DiscoveryRelabelOptions { Targets = targets, Rules = [Drop("a", "2"), Copy("a", "b")] }, default);

        var exports = await _host.ExportedAsync<DiscoveryRelabelExports>("targets", _ => true);
        var target = Assert.Single(exports.Output);
        Assert.Equal("1", target["b"]);
    }

    private static RuleOptions Copy(string from, string to) => new() { SourceLabels = [from], TargetLabel = to };

    private static RuleOptions Drop(string label, string regex) =>
        new() { Action = RelabelAction.Drop, SourceLabels = [label], Regex = regex };

    private LokiRelabelOptions Options(params RuleOptions[] rules) => new() { ForwardTo = [_receiver], Rules = rules };

    private LogBatch Batch(params string[] labels)
    {
        var batch = new LogBatch();
        foreach (var text in labels)
        {
            var pair = text.Split('=');
            var set = pair.Length == 2 ? _host.Labels.Of([new Label(pair[0], pair[1])]) : _host.Labels.Empty;
            batch.Add(1, set, "line"u8, 0);
        }

        return batch;
    }
}
