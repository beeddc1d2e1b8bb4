using System.Text;
using Weir.Protocol.Batches;
using Weir.Routing.Components;
using Weir.Routing.Language;
using Weir.Routing.Metrics;
using Weir.Routing.Stages;

namespace Weir.Routing.Tests.Stages;

public sealed class MetricsStageTests
{
    private const string Custom = "loki_process_custom_";

    [Theory]
    [InlineData("inc", "v", "", "1")]
    [InlineData("inc", "", "", "1")]
    [InlineData("inc", null, "", "1")]
    [InlineData("inc", "v", "v", "1")]
    [InlineData("inc", "v", "w", "")]
    [InlineData("inc", null, "v", "")]
    [InlineData("add", "2.5", "", "2.5")]
    [InlineData("add", "1e3", "", "1000")]
    [InlineData("add", "0", "", "0")]
    [InlineData("add", "-1", "", "")]
    [InlineData("add", "text", "", "")]
    [InlineData("add", "", "", "")]
    [InlineData("add", null, "", "")]
    [InlineData("add", "1m30s", "", "90")]
    [InlineData("add", "NaN", "", "")]
    [InlineData("add", "\xff", "", "")]
    [InlineData("add", "3", "3", "3")]
    [InlineData("add", "3", "3.0", "")]
    public void A_counter_counts_lines_or_adds_values(string action, string? value, string wanted, string shown)
    {
        var rig = new StageRig(new Extract("n", value), Metrics(new CounterOptions
        {
            Name = "n", Value = wanted, Action = action == "add" ? CounterAction.Add : CounterAction.Increment,
        }));

        rig.One("line");

        Assert.Equal(shown, Shown(rig, Custom + "n"));
    }

    [Theory]
    [InlineData(GaugeAction.Set, "5", "5")]
    [InlineData(GaugeAction.Set, "-5", "-5")]
    [InlineData(GaugeAction.Set, "500ms", "0.5")]
    [InlineData(GaugeAction.Set, "-1.5h", "-5400")]
    [InlineData(GaugeAction.Set, "1us", "1E-06")]
    [InlineData(GaugeAction.Set, "1h1m1s1ms1\xc2\xb5s1ns", "3661.001001001")]
    [InlineData(GaugeAction.Set, "1d", "")]
    [InlineData(GaugeAction.Set, "1s ", "")]
    [InlineData(GaugeAction.Set, " 1", "")]
    [InlineData(GaugeAction.Set, "1e999", "")]
    [InlineData(GaugeAction.Set, "99999999999999999999999999999999999999h", "")]
    [InlineData(GaugeAction.Set, null, "")]
    [InlineData(GaugeAction.Increment, "x", "1")]
    [InlineData(GaugeAction.Decrement, "x", "-1")]
    [InlineData(GaugeAction.Add, "2", "2")]
    [InlineData(GaugeAction.Subtract, "2", "-2")]
    [InlineData(GaugeAction.Subtract, "x", "")]
    public void A_gauge_goes_up_and_down(GaugeAction action, string? value, string shown)
    {
        var rig = new StageRig(
            new Extract("n", value), Metrics(new GaugeOptions { Name = "n", Action = action }));

        rig.One("line");

        Assert.Equal(shown, Shown(rig, Custom + "n"));
    }

    [Theory]
    [InlineData("true", "1")]
    [InlineData("false", "0")]
    [InlineData("12.50", "12.5")]
    [InlineData("\"7\"", "7")]
    [InlineData("\"2s\"", "2")]
    [InlineData("null", "")]
    [InlineData("{}", "")]
    [InlineData("[1]", "")]
    public void Values_of_JSON_count_as_numbers_where_they_are_some(string json, string shown)
    {
        var rig = new StageRig(
            new JsonOptions { Expressions = LabelStagesTests.Map("v") },
            Metrics(new GaugeOptions { Name = "g", Source = "v", Action = GaugeAction.Set }));

        rig.One($"{{\"v\":{json}}}");

        Assert.Equal(shown, Shown(rig, Custom + "g"));
    }

    [Theory]
    [InlineData("0.05", "1 2 2")]
    [InlineData("0.1", "1 2 2")]
    [InlineData("0.5", "0 2 2")]
    [InlineData("500ms", "0 2 2")]
    [InlineData("1", "0 2 2")]
    [InlineData("2", "0 1 2")]
    [InlineData("x", "0 1 1")]
    public void A_histogram_counts_what_is_at_most_each_bound(string value, string buckets)
    {
        var rig = new StageRig(
            new JsonOptions { Expressions = LabelStagesTests.Map("h") },
            Metrics(new HistogramOptions { Name = "h", Buckets = [0.1, 1] }));

        rig.Lines("{\"h\":0.75}", $"{{\"h\":\"{value}\"}}");

        var shown = string.Join(' ', new[] { "0.1", "1", "+Inf" }
            .Select(bound => Shown(rig, Custom + "h_bucket", $",le=\"{bound}\"")));
        Assert.Equal(buckets, shown);
    }

    [Theory]
    [InlineData(CounterAction.Increment, false, "2")]
    [InlineData(CounterAction.Add, true, "10")]
    [InlineData(CounterAction.Add, false, "")]
    public void Every_line_or_byte_can_be_counted(CounterAction action, bool bytes, string shown)
    {
        var rig = new StageRig(Metrics(new CounterOptions
        {
            Name = "all", Action = action, MatchAll = true, CountEntryBytes = bytes,
        }));

        rig.Lines("12345", "\xff\xff\xff\xff\xff");

        Assert.Equal(shown, Shown(rig, Custom + "all"));
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("app=x", ",app=\"x\"")]
    [InlineData("b=2 a=1", ",a=\"1\",b=\"2\"")]
    [InlineData("__hidden=1 a=1", ",a=\"1\"")]
    [InlineData("le=1 component_id=2 a=1", ",a=\"1\"")]
    [InlineData("a=\"\\", ",a=\"\\\"\\\\\"")]
    public void All_labels_of_the_entry_are_labels_of_the_metric(string labels, string shown)
    {
        var rig = new StageRig(Metrics(new CounterOptions { Name = "n", MatchAll = true }));

        rig.One("line", labels);

        Assert.Equal("1", Shown(rig, Custom + "n", shown));
    }

    [Theory]
    [InlineData("", "loki_process_custom_n")]
    [InlineData("promtail_custom_", "promtail_custom_n")]
    [InlineData("my:", "my:n")]
    public void A_prefix_stands_before_the_name(string prefix, string name)
    {
        var rig = new StageRig(Metrics(new CounterOptions { Name = "n", Prefix = prefix, MatchAll = true }));

        rig.One("line");

        Assert.Equal("1", Shown(rig, name));
    }

    [Theory]
    [InlineData(299, true)]
    [InlineData(300, false)]
    public void An_idle_series_is_shown_a_last_time_and_then_forgotten(int seconds, bool stays)
    {
        var rig = new StageRig(Metrics(new CounterOptions { Name = "n", MatchAll = true }));
        rig.One("line");

        rig.Time.Advance(TimeSpan.FromSeconds(seconds));

        Assert.Equal("1", Shown(rig, Custom + "n"));
        Assert.Equal(stays ? "1" : "", Shown(rig, Custom + "n"));
    }

    [Fact]
    public void A_line_after_an_idle_time_begins_a_new_series()
    {
        var rig = new StageRig(
            Metrics(new CounterOptions { Name = "n", MatchAll = true, MaxIdle = TimeSpan.FromSeconds(1) }));
        rig.One("line");
        rig.Time.Advance(TimeSpan.FromSeconds(1));
        rig.Metrics.Render();

        rig.Run(rig.Batch(("line", "")), StageRig.Now + 1_000_000_000);

        Assert.Equal("1", Shown(rig, Custom + "n"));
    }

    [Fact]
    public void Stages_that_name_the_same_metric_share_it_and_streams_are_apart()
    {
        var counter = new CounterOptions { Name = "n", MatchAll = true };
        var rig = new StageRig(Metrics(counter, counter), Metrics(counter));

        rig.Run(rig.Batch(("line", "a=1"), ("line", "a=2"), ("line", "a=1")));

        Assert.Equal(("6", "3"), (Shown(rig, Custom + "n", ",a=\"1\""), Shown(rig, Custom + "n", ",a=\"2\"")));
    }

    [Fact]
    public void A_pipeline_that_is_gone_shows_nothing()
    {
        var rig = new StageRig();
        var pipeline = CompiledPipeline.Compile(
            [Metrics(new CounterOptions { Name = "n", MatchAll = true })], rig.Compiler);
        pipeline.Instantiate().Run(rig.Batch(("line", "")), StageRig.Now, false);
        var before = Shown(rig, Custom + "n");

        pipeline.Dispose();

        Assert.Equal(("1", ""), (before, Shown(rig, Custom + "n")));
    }

    [Theory]
    [InlineData("other.component", true)]
    [InlineData("loki.process.test", false)]
    public void A_name_of_another_kind_of_metric_is_refused_unless_it_is_the_components_own(string other, bool refuses)
    {
        var rig = new StageRig(Metrics(new CounterOptions { Name = "n", MatchAll = true }));
        var compiler = new StageCompiler(other, rig.Labels, rig.Events, new Random(1), rig.Time, StageRig.Process);

        var fault = Record.Exception(() => CompiledPipeline.Compile(
            [Metrics(new GaugeOptions { Name = "n" })], compiler));

        Assert.Equal(refuses, fault is ComponentException);
    }

    [Fact]
    public void Components_that_share_a_name_have_one_head()
    {
        var rig = new StageRig(Metrics(new CounterOptions { Name = "n", MatchAll = true, Description = "a\\b\nc" }));
        var compiler = new StageCompiler("other", rig.Labels, rig.Events, new Random(1), rig.Time, StageRig.Process);
        using var pipeline = CompiledPipeline.Compile([Metrics(new CounterOptions { Name = "n" })], compiler);

        var heads = rig.Metrics.Render().Split('\n')
            .Where(line => line.Contains(" " + Custom, StringComparison.Ordinal));

        Assert.Equal([$"# HELP {Custom}n a\\\\b\\nc", $"# TYPE {Custom}n counter"], heads);
    }

    [Theory]
    [InlineData("", 300, false, false, "", "name")]
    [InlineData("a-b", 300, false, false, "", "name")]
    [InlineData("n", 0, false, false, "", "max_idle_duration")]
    [InlineData("n", 300, true, false, "v", "value")]
    [InlineData("n", 300, true, true, "", "count_entry_bytes")]
    [InlineData("n", 300, false, true, "", "count_entry_bytes")]
    public void Arguments_that_cannot_work_are_refused(
        string name, int idle, bool all, bool bytes, string value, string argument)
    {
        var problems = new OptionProblems();

        new CounterOptions
        {
            Name = name, MaxIdle = TimeSpan.FromSeconds(idle), MatchAll = all, CountEntryBytes = bytes, Value = value,
        }.Validate(problems);

        Assert.Equal(argument, Assert.Single(problems.Items).Name);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 1)]
    public void Buckets_that_do_not_rise_are_refused(double first, double second)
    {
        var problems = new OptionProblems();

        new HistogramOptions { Name = "h", Buckets = [first, second] }.Validate(problems);

        Assert.Equal("buckets", Assert.Single(problems.Items).Name);
    }

    [Fact]
    public void Warm_metrics_allocate_nothing()
    {
        var rig = new StageRig(
            new Extract("n", "1m30s"),
            Metrics(
                new CounterOptions { Name = "c", MatchAll = true },
                new GaugeOptions { Name = "g", Source = "n", Action = GaugeAction.Set },
                new HistogramOptions { Name = "h", Source = "n", Buckets = [1, 100] }));

        Allocations.AssertNone(() => rig.Run(rig.Reused("line", "app=x")));
    }

    [Fact]
    public void Random_texts_are_numbers_or_not()
    {
        Fuzz.Run(500, random =>
        {
            var text = Fuzz.Text(
                random, ["1", "0", ".", "h", "m", "s", "ms", "us", "ns", "-", "+", "e", "99999999", "x"], 12);

            var isNumber = MetricValues.TryParse(Encoding.UTF8.GetBytes(text), out var value);

            Assert.True(!isNumber || double.IsFinite(value), text);
        });
    }

    /// <summary>The value of a sample, "" without it.</summary>
    private static string Shown(StageRig rig, string name, string labels = "")
    {
        var sample = $"{name}{{component_id=\"loki.process.test\"{labels}}} ";
        return rig.Metrics.Render().Split('\n')
            .FirstOrDefault(line => line.StartsWith(sample, StringComparison.Ordinal))?[sample.Length..] ?? "";
    }

    private static MetricsOptions Metrics(params IMetricOptions[] metrics) => new() { Metrics = metrics };
}
