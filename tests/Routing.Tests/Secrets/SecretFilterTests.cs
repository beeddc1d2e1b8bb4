using System.Text;
using Weir.Protocol.Batches;
using Weir.Routing.Components;
using Weir.Routing.Secrets;

namespace Weir.Routing.Tests.Secrets;

public sealed class SecretFilterTests
{
    private const string Rules = """
        [[rules]]
        id = "tok"
        regex = 'tok_(\w+)'
        [[rules]]
        id = "pin"
        regex = 'pin=(\d+)'
        """;

    private readonly ManualTime _time = new();
    private readonly RecordingHost _host;
    private readonly CollectingReceiver _receiver = new();

    public SecretFilterTests() => _host = new RecordingHost("loki.secretfilter.test", _time);

    private async Task<SecretFilterComponent> MakeAsync(SecretFilterOptions options, string rules = Rules)
    {
        var component = new SecretFilterComponent(_host, _ => Encoding.UTF8.GetBytes(rules), new Random(1));
        await component.ApplyAsync(options with { ForwardTo = [_receiver], GitleaksConfig = "rules.toml" }, default);
        return component;
    }

    private async Task<IReadOnlyList<string>> FilterAsync(SecretFilterOptions options, params string[] lines)
    {
        using var inlet = (await MakeAsync(options)).Open();
        await inlet.SendAsync(Batch(lines), default);
        return _receiver.Lines;
    }

    private LogBatch Batch(params string[] lines)
    {
        var batch = new LogBatch();
        var labels = _host.Labels.Of([new Label("app", "shop")]);
        foreach (var line in lines) batch.Add(1, labels, Encoding.UTF8.GetBytes(line), 0);
        return batch;
    }

    [Theory]
    [InlineData(80u, "tok_0123456789", "tok_01...")]
    [InlineData(0u, "tok_0123456789", "tok_01...")]
    [InlineData(100u, "tok_0123456789 x", "tok_REDACTED x")]
    [InlineData(50u, "tok_012", "tok_01...")]
    [InlineData(1u, "tok_a", "tok_a...")]
    [InlineData(50u, "tok_0123 and 0123 again", "tok_01... and 01... again")]
    [InlineData(80u, "no secret", "no secret")]
    public async Task A_part_of_a_secret_stays(uint percent, string line, string expected) =>
        Assert.Equal([expected], await FilterAsync(new SecretFilterOptions { RedactPercent = percent }, line));

    [Fact]
    public async Task A_template_takes_the_place_of_every_secret()
    {
        var lines = await FilterAsync(
            new SecretFilterOptions { RedactWith = "<$SECRET_NAME:$SECRET_HASH>" },
            "tok_abc pin=1234 tok_abc", "plain");

        Assert.Equal(
        [
            "tok_<tok:a9993e364706816aba3e25717850c26c9cd0d89d> pin=<pin:7110eda4d09e062aa5e4a390b0a572ac0d2c0220> "
            + "tok_<tok:a9993e364706816aba3e25717850c26c9cd0d89d>", "plain",
        ], lines);
    }

    [Fact]
    public async Task Secrets_are_counted_by_rule_and_origin()
    {
        await FilterAsync(new SecretFilterOptions { OriginLabel = "app" }, "tok_abc pin=1234", "tok_x tok_y", "plain");

        var metrics = _host.Metrics.Render();
        Assert.Equal(4, _host.Metrics.Sum("loki_secretfilter_secrets_redacted_total"));
        Assert.Equal(3, _host.Metrics.Sum("loki_secretfilter_processing_duration_seconds_count"));
        Assert.Contains("by_category_total{component_id=\"loki.secretfilter.test\",rule=\"tok\",origin=\"shop\"} 3",
            metrics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_sampling_leaves_out_goes_on_as_it_is()
    {
        var lines = await FilterAsync(
            new SecretFilterOptions { Rate = 0.5, RedactPercent = 100 }, [.. Enumerable.Repeat("tok_abc", 1000)]);

        var redacted = lines.Count(line => line == "tok_REDACTED");
        Assert.Equal(1000, lines.Count);
        Assert.InRange(redacted, 400, 600);
        Assert.Equal(1000 - redacted, _host.Metrics.Sum("loki_secretfilter_entries_bypassed_total"));
    }

    [Theory]
    [InlineData(false, false, 1, "{app=\"shop\"}")]
    [InlineData(false, true, 1, "{app=\"shop\", secretfilter=\"timed-out\"}")]
    [InlineData(true, true, 0, null)]
    public async Task What_takes_too_long_goes_on_as_it_is_or_is_dropped(
        bool drops, bool labels, int count, string? stream)
    {
        var options = new SecretFilterOptions
        {
            ProcessingTimeout = TimeSpan.FromTicks(1), DropOnTimeout = drops, LabelTimedOut = labels,
        };
        var slow = new SlowTime();
        var host = new RecordingHost("loki.secretfilter.test", slow);
        var component = new SecretFilterComponent(host, _ => Encoding.UTF8.GetBytes(Rules), new Random(1));
        await component.ApplyAsync(options with { ForwardTo = [_receiver], GitleaksConfig = "x" }, default);
        using var inlet = component.Open();

        await inlet.SendAsync(Batch("tok_abc"), default);

        Assert.Equal(count, _receiver.Entries.Count);
        Assert.Equal(stream, _receiver.Entries is [var entry, ..] ? entry.Stream : null);
        Assert.Equal(1, host.Metrics.Sum("loki_secretfilter_lines_timed_out_total"));
        Assert.Equal(drops ? 1 : 0, host.Metrics.Sum("loki_secretfilter_lines_dropped_total"));
        if (!drops) Assert.Equal("tok_abc", Assert.Single(_receiver.Lines));
    }

    [Fact]
    public async Task Rules_that_cannot_be_used_are_refused_and_open_inlets_keep_theirs()
    {
        var component = await MakeAsync(new SecretFilterOptions { RedactPercent = 100 });
        using var inlet = component.Open();
        var wrong = new SecretFilterComponent(_host, _ => "["u8.ToArray(), new Random(1));
        var missing = new SecretFilterComponent(_host, _ => throw new IOException("gone"), new Random(1));

        var refused = await Assert.ThrowsAsync<ComponentException>(
            () => wrong.ApplyAsync(new SecretFilterOptions { GitleaksConfig = "r.toml" }, default).AsTask());
        var unread = await Assert.ThrowsAsync<ComponentException>(
            () => missing.ApplyAsync(new SecretFilterOptions { GitleaksConfig = "r.toml" }, default).AsTask());
        await inlet.SendAsync(Batch("tok_abc"), default);

        Assert.StartsWith("r.toml: line 1:", refused.Message, StringComparison.Ordinal);
        Assert.Equal("r.toml cannot be read: gone", unread.Message);
        Assert.Equal(["tok_REDACTED"], _receiver.Lines);
    }

    [Fact]
    public void Lines_without_secrets_cost_no_allocation()
    {
        var finder = new SecretFinder(BuiltInRules.All, []);
        var (bounds, found) = (new int[finder.BoundsMax], new List<FoundSecret>());
        var line = "{\"level\":\"info\",\"msg\":\"user 4711 has key value pairs\",\"token_count\":17}"u8.ToArray();

        Allocations.AssertNone(() => Assert.True(finder.Find(line, bounds, found, default)));
    }

    [Fact]
    public async Task Any_bytes_go_through() => await Task.Run(() => Fuzz.Run(300, random =>
    {
        using var inlet = MakeAsync(new SecretFilterOptions { RedactPercent = (uint)random.Next(101) }).Result.Open();
        string[] pieces = ["tok_", "pin=", "a", "1", " ", "é", "_", "ééé", "=", "tok_1"];

        inlet.SendAsync(Batch(Fuzz.Text(random, pieces, 30), Fuzz.Text(random, pieces, 30)), default).AsTask().Wait();
    }));

    /// <summary>Every look at the clock takes a millisecond.</summary>
    private sealed class SlowTime : TimeProvider
    {
        private long _now;

        public override long TimestampFrequency => 1000;

        public override long GetTimestamp() => Interlocked.Increment(ref _now);
    }
}
