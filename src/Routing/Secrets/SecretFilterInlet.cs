using System.Buffers;
using Weir.Protocol.Batches;
using Weir.Routing.Components;
using Weir.Routing.Metrics;

namespace Weir.Routing.Secrets;

/// <summary>One source's way through a <c>loki.secretfilter</c>. A line without secrets costs no allocation.</summary>
/// <param name="setting">Read once a batch.</param>
/// <param name="random">This inlet's own.</param>
internal sealed class SecretFilterInlet(
    Func<SecretFilterSetting> setting, IComponentHost host, Random random, ILogsInlet next) : ILogsInlet
{
    private const string TimedOutLabel = "secretfilter";
    private const string TimedOut = "timed-out";

    private readonly SecretFilterMetrics _metrics = new(host.Events.Metrics, host.Id);
    private readonly List<FoundSecret> _found = [];

    public bool HoldsLines => next.HoldsLines;

    public ValueTask SendAsync(LogBatch batch, CancellationToken cancel)
    {
        var started = host.Time.GetTimestamp();
        Filter(batch, setting());
        _metrics.Seconds.Add(host.Time.GetElapsedTime(started).TotalSeconds);
        return next.SendAsync(batch, cancel);
    }

    public ValueTask ReleaseAsync(bool ending, CancellationToken cancel) => next.ReleaseAsync(ending, cancel);

    public void Dispose() => next.Dispose();

    private void Filter(LogBatch batch, SecretFilterSetting current)
    {
        var (count, kept, examined) = (batch.Count, 0, 0);
        var live = ArrayPool<int>.Shared.Rent(Math.Max(count, 1));
        var bounds = ArrayPool<int>.Shared.Rent(Math.Max(current.Finder.BoundsMax, 1));
        for (var i = 0; i < count; i++)
        {
            var isExamined = current.Options.Rate >= 1 || random.NextDouble() < current.Options.Rate;
            if (isExamined) examined++;
            if (!isExamined || TryRedact(batch, i, current, bounds)) live[kept++] = i;
        }

        if (kept < count) batch.Keep(live.AsSpan(0, kept));
        ArrayPool<int>.Shared.Return(live);
        ArrayPool<int>.Shared.Return(bounds);
        _metrics.Examined.Add((long)examined);
        _metrics.Bypassed.Add((long)(count - examined));
    }

    /// <returns>False when the entry is dropped.</returns>
    private bool TryRedact(LogBatch batch, int index, SecretFilterSetting current, int[] bounds)
    {
        var deadline = Deadline.In(current.Options.ProcessingTimeout, host.Time);
        if (!current.Finder.Find(batch.Line(batch[index]), bounds, _found, deadline))
            return GoesOnUnfiltered(ref batch[index], current.Options);
        // They are places in the line as it was, which stays in the arena.
        var original = batch[index].LineStart;
        foreach (var secret in _found) Replace(batch, index, original, secret, current);
        return true;
    }

    private bool GoesOnUnfiltered(ref Entry entry, SecretFilterOptions options)
    {
        _metrics.TimedOut.Increment();
        if (options.DropOnTimeout) _metrics.Dropped.Increment();
        else if (options.LabelTimedOut) entry.Labels = host.Labels.With(entry.Labels, TimedOutLabel, TimedOut);
        return !options.DropOnTimeout;
    }

    /// <summary>Replaces a secret wherever it stands in the line.</summary>
    private void Replace(LogBatch batch, int index, int original, FoundSecret found, SecretFilterSetting current)
    {
        var secret = batch.Bytes.Slice(original + found.Start, found.Length).ToArray();
        var rule = current.Finder.Rules[found.Rule];
        var at = batch.Line(batch[index]).IndexOf(secret);
        if (at < 0) return; // within another one, which is gone
        var placeholder = current.Placeholder.For(rule.Id, secret);
        var (start, kept) = (batch.BytesUsed, 0);
        while (at >= 0)
        {
            batch.Append(batch.Line(batch[index])[kept..(kept + at)]);
            batch.Append(placeholder);
            kept += at + secret.Length;
            at = batch.Line(batch[index])[kept..].IndexOf(secret);
        }

        batch.Append(batch.Line(batch[index])[kept..]);
        ref var entry = ref batch[index];
        (entry.LineStart, entry.LineLength) = (start, batch.BytesUsed - start);
        entry.Labels.TryGet(current.Options.OriginLabel, out var origin);
        _metrics.Redacted(rule.Id, origin);
    }
}

/// <summary>The metrics of one <c>loki.secretfilter</c>, under Alloy's names.</summary>
internal sealed class SecretFilterMetrics(MetricRegistry registry, string component)
{
    private const string Label = "component_id";

    private readonly MetricFamily _byCategory = registry.Counter("loki_secretfilter_secrets_redacted_by_category_total",
        "Number of secrets redacted, by rule and origin.", Label, "rule", "origin");

    private readonly Metric _redacted = registry.Counter(
        "loki_secretfilter_secrets_redacted_total", "Number of secrets redacted.", Label).With(component);

    public Metric Bypassed { get; } = registry.Counter("loki_secretfilter_entries_bypassed_total",
        "Number of entries that sampling left out.", Label).With(component);

    public Metric TimedOut { get; } = registry.Counter("loki_secretfilter_lines_timed_out_total",
        "Number of lines that took too long.", Label).With(component);

    public Metric Dropped { get; } = registry.Counter("loki_secretfilter_lines_dropped_total",
        "Number of lines dropped because they took too long.", Label).With(component);

    /// <summary>With <see cref="Seconds"/>, what a summary's readers look at.</summary>
    public Metric Examined { get; } = registry.Counter("loki_secretfilter_processing_duration_seconds_count",
        "Number of entries examined.", Label).With(component);

    public Metric Seconds { get; } = registry.Counter("loki_secretfilter_processing_duration_seconds_sum",
        "Time taken to examine entries, in seconds.", Label).With(component);

    public void Redacted(string rule, string origin)
    {
        _redacted.Increment();
        _byCategory.With(component, rule, origin).Increment();
    }
}
