using Weir.Protocol.Batches;
using Weir.Routing.Language;
using Weir.Routing.Metrics;

namespace Weir.Routing.Stages;

/// <summary>Block <c>stage.metrics</c>: metrics of the lines, shown on <c>/metrics</c>.</summary>
[BlockName("stage.metrics")]
public sealed record MetricsOptions : IStageOptions
{
    [BlockSequence]
    public IReadOnlyList<IMetricOptions> Metrics { get; init; } = [];

    public Stage Compile(StageCompiler compiler) =>
        new MetricsStage([.. Metrics.Select(metric => metric.Compile(compiler))]);
}

/// <summary>What a metric does with one line's value.</summary>
internal enum MetricAction : byte { Increment, Decrement, Add, Subtract, Set, Observe }

/// <summary>What makes a metric of a line.</summary>
internal enum MetricInput : byte
{
    /// <summary>An extracted value, and only where there is one.</summary>
    Value,

    /// <summary>Every line.</summary>
    Line,

    /// <summary>The bytes of every line.</summary>
    LineBytes,
}

/// <param name="Slot">Of the value.</param>
/// <param name="Wanted">What the value must be; null for any.</param>
/// <param name="Unreadable">Lines whose value is no number that fits.</param>
/// <param name="Uncounted">Lines of streams beyond <see cref="StreamMetric.SeriesMax"/>.</param>
internal sealed record MetricRule(
    StreamMetric Metric, MetricAction Action, MetricInput Input, int Slot, byte[]? Wanted, Metric Unreadable,
    Metric Uncounted);

/// <summary>Counts one metric after the other over the whole batch, under its gate. Lines go on unchanged.</summary>
internal sealed class MetricsStage(MetricRule[] rules) : Stage
{
    public override void Apply(StageBatch batch)
    {
        foreach (var rule in rules)
        {
            var (unreadable, uncounted) = (0, 0);
            lock (rule.Metric.Gate)
            {
                LabelSet? labels = null;
                StreamSeries? series = null;
                foreach (var entry in batch.Live)
                {
                    if (!IsMeant(batch, entry, rule, out var value)) continue;
                    if (!TryRead(batch, entry, rule, value, out var amount))
                    {
                        unreadable++;
                        continue;
                    }

                    ref readonly var at = ref batch.Lines[entry];
                    if (!ReferenceEquals(labels, at.Labels))
                    {
                        labels = at.Labels;
                        series = rule.Metric.Of(labels);
                    }

                    if (series is null) uncounted++;
                    else Count(series, rule.Action, amount, batch.Now);
                }
            }

            if (unreadable > 0) rule.Unreadable.Add(unreadable);
            if (uncounted > 0) rule.Uncounted.Add(uncounted);
        }
    }

    private static bool IsMeant(StageBatch batch, int entry, MetricRule rule, out ExtractedValue value)
    {
        value = ExtractedValue.Nil;
        if (rule.Input != MetricInput.Value) return true;
        value = batch.Get(entry, rule.Slot);
        if (rule.Wanted is null) return value.Exists;
        return value.HasText && batch.Text(value).SequenceEqual(rule.Wanted);
    }

    private static bool TryRead(
        StageBatch batch, int entry, MetricRule rule, ExtractedValue value, out double amount)
    {
        amount = rule.Input == MetricInput.LineBytes ? batch.Lines[entry].LineLength : 1;
        if (rule.Input == MetricInput.LineBytes || rule.Action is MetricAction.Increment or MetricAction.Decrement)
            return true;
        if (!value.HasText) return false;
        if (value.Kind == ExtractedKind.Bool)
        {
            amount = batch.Text(value) is [(byte)'t', ..] ? 1 : 0;
            return true;
        }

        // A counter never falls.
        return MetricValues.TryParse(batch.Text(value), out amount)
            && (amount >= 0 || rule.Metric.Kind != MetricKind.Counter);
    }

    private static void Count(StreamSeries series, MetricAction action, double amount, long now)
    {
        switch (action)
        {
            case MetricAction.Increment or MetricAction.Add:
                series.Add(amount, now);
                break;
            case MetricAction.Decrement or MetricAction.Subtract:
                series.Add(-amount, now);
                break;
            case MetricAction.Set:
                series.Set(amount, now);
                break;
            default:
                series.Observe(amount, now);
                break;
        }
    }
}
