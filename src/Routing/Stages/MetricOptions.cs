using System.Text;
using Weir.Protocol.Loki;
using Weir.Routing.Language;
using Weir.Routing.Metrics;

namespace Weir.Routing.Stages;

/// <summary>A <c>metric.*</c> block as it is configured, its arguments valid.</summary>
public interface IMetricOptions
{
    /// <summary>Makes the metric and what the stage does for it.</summary>
    internal MetricRule Compile(StageCompiler compiler);
}

/// <summary>What a counter does.</summary>
public enum CounterAction
{
    [Spelling("inc")]
    Increment,

    Add,
}

/// <summary>What a gauge does.</summary>
public enum GaugeAction
{
    Set,

    [Spelling("inc")]
    Increment,

    [Spelling("dec")]
    Decrement,

    Add,

    [Spelling("sub")]
    Subtract,
}

/// <summary>The arguments that all metrics share.</summary>
public abstract record MetricOptions : IValidated
{
    public const string DefaultPrefix = "loki_process_custom_";

    private static readonly TimeSpan IdleLeast = TimeSpan.FromSeconds(1);

    [Argument("name", Required = true)]
    public string Name { get; init; } = "";

    /// <summary>What <c>/metrics</c> says about it.</summary>
    [Argument("description")]
    public string Description { get; init; } = "";

    /// <summary>The extracted value to read; "" for the one of the metric's name.</summary>
    [Argument("source")]
    public string Source { get; init; } = "";

    /// <summary>Stands before the name; "" is the default.</summary>
    [Argument("prefix")]
    public string Prefix { get; init; } = DefaultPrefix;

    /// <summary>How long a series stays that no line changes; 1 s at the least.</summary>
    [Argument("max_idle_duration")]
    public TimeSpan MaxIdle { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>What the extracted value must be to count; "" for anything.</summary>
    [Argument("value")]
    public string Value { get; init; } = "";

    private string FullName => (Prefix.Length == 0 ? DefaultPrefix : Prefix) + Name;

    public virtual void Validate(OptionProblems problems)
    {
        if (Name.Length == 0) problems.Add("name", "is empty", "name the metric");
        else if (!LabelText.IsName(FullName.Replace(':', '_')))
        {
            problems.Add("name", $"makes \"{FullName}\", which is no metric name",
                "use letters, digits, underscores and colons, and begin with no digit");
        }

        if (MaxIdle < IdleLeast) problems.Add("max_idle_duration", "must be at least 1s");
    }

    private protected MetricRule Compile(
        StageCompiler compiler, MetricKind kind, double[] bounds, MetricAction action, MetricInput input) => new(
        compiler.StreamMetric(FullName, Description, kind, bounds, MaxIdle),
        action, input, compiler.Slots.Add(Source.Length == 0 ? Name : Source),
        Value.Length == 0 ? null : Encoding.UTF8.GetBytes(Value),
        compiler.Failed("metrics", "not_a_number"), compiler.Failed("metrics", "too_many_series"));
}

/// <summary>Block <c>metric.counter</c>.</summary>
[BlockName("metric.counter")]
public sealed record CounterOptions : MetricOptions, IMetricOptions
{
    [Argument("action", Required = true)]
    public CounterAction Action { get; init; }

    /// <summary>Counts every line, whatever was extracted.</summary>
    [Argument("match_all")]
    public bool MatchAll { get; init; }

    /// <summary>Adds the length of the line in bytes.</summary>
    [Argument("count_entry_bytes")]
    public bool CountEntryBytes { get; init; }

    public override void Validate(OptionProblems problems)
    {
        base.Validate(problems);
        if (MatchAll && Value.Length > 0) problems.Add("value", "excludes match_all", "keep one of the two");
        if (CountEntryBytes && (!MatchAll || Action != CounterAction.Add))
            problems.Add("count_entry_bytes", "needs match_all = true and action = \"add\"");
    }

    MetricRule IMetricOptions.Compile(StageCompiler compiler) => Compile(
        compiler, MetricKind.Counter, [],
        Action == CounterAction.Add ? MetricAction.Add : MetricAction.Increment,
        !MatchAll ? MetricInput.Value : CountEntryBytes ? MetricInput.LineBytes : MetricInput.Line);
}

/// <summary>Block <c>metric.gauge</c>.</summary>
[BlockName("metric.gauge")]
public sealed record GaugeOptions : MetricOptions, IMetricOptions
{
    [Argument("action", Required = true)]
    public GaugeAction Action { get; init; }

    MetricRule IMetricOptions.Compile(StageCompiler compiler)
    {
        var action = Action switch
        {
            GaugeAction.Set => MetricAction.Set,
            GaugeAction.Increment => MetricAction.Increment,
            GaugeAction.Decrement => MetricAction.Decrement,
            GaugeAction.Add => MetricAction.Add,
            _ => MetricAction.Subtract,
        };
        return Compile(compiler, MetricKind.Gauge, [], action, MetricInput.Value);
    }
}

/// <summary>Block <c>metric.histogram</c>.</summary>
[BlockName("metric.histogram")]
public sealed record HistogramOptions : MetricOptions, IMetricOptions
{
    // What Prometheus's client takes where none are given: seconds of a request.
    private static readonly double[] DefaultBuckets = [.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10];

    /// <summary>Upper bounds, rising; none for those of a request in seconds.</summary>
    [Argument("buckets", Required = true)]
    public IReadOnlyList<double> Buckets { get; init; } = [];

    public override void Validate(OptionProblems problems)
    {
        base.Validate(problems);
        for (var i = 1; i < Buckets.Count; i++)
        {
            if (Buckets[i] > Buckets[i - 1]) continue;
            problems.Add("buckets", "must rise", "sort them, and name none twice");
            return;
        }
    }

    MetricRule IMetricOptions.Compile(StageCompiler compiler) => Compile(
        compiler, MetricKind.Histogram,
        Buckets.Count == 0 ? DefaultBuckets : [.. Buckets.Where(double.IsFinite)],
        MetricAction.Observe, MetricInput.Value);
}
