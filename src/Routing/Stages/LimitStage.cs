using Weir.Routing.Language;
using Weir.Routing.Metrics;

namespace Weir.Routing.Stages;

/// <summary>Block <c>stage.limit</c>: lines a second, by waiting or by dropping.</summary>
[BlockName("stage.limit")]
public sealed record LimitOptions : IStageOptions, IValidated
{
    /// <summary>Values of <see cref="ByLabel"/> that have a budget of their own, at the least.</summary>
    public const int DistinctLabelsMin = 10_000;

    /// <summary>Lines a second.</summary>
    [Argument("rate", Required = true)]
    public double Rate { get; init; }

    /// <summary>Lines at once.</summary>
    [Argument("burst", Required = true)]
    public int Burst { get; init; }

    /// <summary>The label each of whose values has a budget of its own; "" for one budget.</summary>
    [Argument("by_label_name")]
    public string ByLabel { get; init; } = "";

    /// <summary>Drops what exceeds the rate, rather than waiting.</summary>
    [Argument("drop")]
    public bool Drops { get; init; }

    /// <summary>Values with a budget at a time; at one more all budgets begin anew.</summary>
    [Argument("max_distinct_labels")]
    public int DistinctLabelsMax { get; init; } = DistinctLabelsMin;

    public void Validate(OptionProblems problems)
    {
        if (Rate <= 0) problems.Add("rate", "must be greater than 0");
        if (Burst <= 0) problems.Add("burst", "must be greater than 0");
        if (ByLabel.Length > 0 && !Drops)
            problems.Add("by_label_name", "needs drop = true", "a stage that waits cannot let one label wait alone");
    }

    public Stage Compile(StageCompiler compiler) => ByLabel.Length > 0
        ? new LabelLimitStage(
            ByLabel, Rate, Burst, Math.Max(DistinctLabelsMax, DistinctLabelsMin), compiler)
        : new LimitStage(new TokenBucket(Rate, Burst), Drops ? compiler.Dropped("ratelimit_drop_stage") : null);
}

/// <summary>Tokens that come at a rate, up to a burst. Not for use from two threads at once.</summary>
internal sealed class TokenBucket(double rate, int burst)
{
    private double _tokens = burst;
    private long _at = long.MinValue;

    /// <summary>Takes a token if there is one.</summary>
    /// <param name="now">Nanoseconds.</param>
    public bool TryTake(long now)
    {
        Refill(now);
        if (_tokens < 1) return false;
        _tokens--;
        return true;
    }

    /// <summary>Takes tokens, also those that have not come yet.</summary>
    /// <returns>How long until the last of them has come.</returns>
    public TimeSpan Reserve(int tokens, long now)
    {
        Refill(now);
        _tokens -= tokens;
        return _tokens >= 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(-_tokens / rate);
    }

    private void Refill(long now)
    {
        if (_at != long.MinValue && now > _at) _tokens = Math.Min(burst, _tokens + (now - _at) / 1e9 * rate);
        if (now > _at) _at = now;
    }
}

/// <summary>One budget for all sources of the component. Waiting holds up the batch, and with it the
/// source.</summary>
/// <param name="dropped">Null where it waits.</param>
internal sealed class LimitStage(TokenBucket bucket, Metric? dropped) : Stage
{
    private readonly Lock _gate = new();

    public override void Apply(StageBatch batch)
    {
        var live = batch.Live;
        lock (_gate)
        {
            if (dropped is null)
            {
                batch.DelayFor(bucket.Reserve(live.Length, batch.Now));
                return;
            }

            var kept = 0;
            foreach (var entry in live)
                if (bucket.TryTake(batch.Now)) live[kept++] = entry;
            if (kept < live.Length) dropped.Add(live.Length - kept);
            batch.Truncate(kept);
        }
    }
}

/// <summary>A budget for each value of a label; entries without the label pass.</summary>
internal sealed class LabelLimitStage(string label, double rate, int burst, int valuesMax, StageCompiler compiler)
    : Stage
{
    private readonly Dictionary<string, (TokenBucket Bucket, Metric Dropped)> _values = new(StringComparer.Ordinal);
    private readonly Metric _dropped = compiler.Dropped("ratelimit_drop_stage");
    private readonly Lock _gate = new();

    public override void Apply(StageBatch batch)
    {
        var live = batch.Live;
        var kept = 0;
        lock (_gate)
        {
            foreach (var entry in live)
            {
                if (batch.Lines[entry].Labels.TryGet(label, out var value))
                {
                    var (bucket, dropped) = Of(value);
                    if (!bucket.TryTake(batch.Now))
                    {
                        dropped.Increment();
                        continue;
                    }
                }

                live[kept++] = entry;
            }
        }

        if (kept < live.Length) _dropped.Add(live.Length - kept);
        batch.Truncate(kept);
    }

    private (TokenBucket Bucket, Metric Dropped) Of(string value)
    {
        if (_values.TryGetValue(value, out var known)) return known;
        if (_values.Count >= valuesMax) _values.Clear();
        var made = (new TokenBucket(rate, burst), compiler.DroppedByLabel(label, value));
        _values.Add(value, made);
        return made;
    }
}
