using Weir.Protocol.Batches;
using Weir.Routing.Components;
using Weir.Routing.Enriching;

namespace Weir.Routing.Tests.Enriching;

public sealed class EnrichTests
{
    private readonly RecordingHost _host = new("loki.enrich.test");
    private readonly CollectingReceiver _receiver = new();

    private static readonly Dictionary<string, string>[] Targets =
    [
        new() { ["host"] = "a", ["env"] = "old" },
        new() { ["host"] = "a", ["env"] = "prod", ["rack"] = "1", ["empty"] = "" },
        new() { ["host"] = "", ["env"] = "nowhere" },
        new() { ["env"] = "nowhere" },
    ];

    private EnrichOptions Options(string logs = "", params string[] copied) => new()
    {
        ForwardTo = [_receiver], Targets = Targets, TargetMatchLabel = "host", LogsMatchLabel = logs,
        LabelsToCopy = copied,
    };

    private async Task<string> SendAsync(ILogsInlet inlet, params (string Name, string Value)[] labels)
    {
        var batch = new LogBatch();
        batch.Add(1, _host.Labels.Of([.. labels.Select(label => new Label(label.Name, label.Value))]), "line"u8, 0);
        await inlet.SendAsync(batch, default);
        return _receiver.Entries[^1].Stream;
    }

    [Fact]
    public async Task An_entry_gets_the_labels_of_its_target()
    {
        var component = new EnrichComponent(_host);
        await component.ApplyAsync(Options(), default);
        using var inlet = component.Open();

        Assert.Equal("""{env="prod", host="a", rack="1"}""", await SendAsync(inlet, ("host", "a"), ("env", "mine")));
        Assert.Equal("""{host="b"}""", await SendAsync(inlet, ("host", "b")));
        Assert.Equal("""{other="a"}""", await SendAsync(inlet, ("other", "a")));
        Assert.Equal("{}", await SendAsync(inlet));
    }

    [Fact]
    public async Task Entries_are_matched_by_another_label_and_get_some_labels_only()
    {
        var component = new EnrichComponent(_host);
        await component.ApplyAsync(Options("node", "rack", "empty", "missing"), default);
        using var inlet = component.Open();

        Assert.Equal("""{node="a", rack="1"}""", await SendAsync(inlet, ("node", "a")));
        Assert.Equal("""{host="a"}""", await SendAsync(inlet, ("host", "a")));
    }

    [Fact]
    public async Task An_open_inlet_follows_changed_targets()
    {
        var component = new EnrichComponent(_host);
        await component.ApplyAsync(Options(), default);
        using var inlet = component.Open();
        var before = await SendAsync(inlet, ("host", "a"));

        await component.ApplyAsync(
            Options() with { Targets = [new Dictionary<string, string> { ["host"] = "a", ["env"] = "new" }] }, default);

        Assert.Equal("""{env="prod", host="a", rack="1"}""", before);
        Assert.Equal("""{env="new", host="a"}""", await SendAsync(inlet, ("host", "a")));
    }

    [Fact]
    public void Known_label_sets_cost_no_allocation()
    {
        var table = new EnrichTable(Options());
        var inlet = new EnrichInlet(() => table, _host.Labels, new Nowhere());
        using var batch = new LogBatch();
        batch.Add(1, _host.Labels.Of([new Label("host", "a")]), "line"u8, 0);

        Allocations.AssertNone(() =>
        {
            var sent = inlet.SendAsync(batch, default);
            if (sent.IsCompleted) sent.GetAwaiter().GetResult();
        });
    }

    private sealed class Nowhere : ILogsInlet
    {
        public bool HoldsLines => false;

        public ValueTask SendAsync(LogBatch batch, CancellationToken cancel) => ValueTask.CompletedTask;

        public ValueTask ReleaseAsync(bool ending, CancellationToken cancel) => ValueTask.CompletedTask;

        public void Dispose()
        {
        }
    }
}
