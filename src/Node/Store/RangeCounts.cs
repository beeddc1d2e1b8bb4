using System.Text;
using Weir.Routing.LogQl;

namespace Weir.Node.Store;

/// <summary>Counts entries, or their bytes, over the range behind each step.</summary>
/// <remarks>An entry is seen by a run of steps. Only where that run begins and ends is written down, so an entry costs
/// the same whatever the steps; sums over the steps give the counts.</remarks>
/// <param name="reserve">Asked before each new series, with the number of its values.</param>
internal sealed class RangeCounts(RangeQuery query, IReadOnlyList<long> steps, Action<int> reserve)
{
    private readonly Dictionary<string, Counts> _series = new(StringComparer.Ordinal);
    private readonly long _range = query.Range.Ticks * 100;
    private readonly long _offset = query.Offset.Ticks * 100;
    private readonly bool _isBytes = query.Function.StartsWith("bytes", StringComparison.Ordinal);
    private readonly double _divisor =
        query.Function.EndsWith("rate", StringComparison.Ordinal) ? query.Range.TotalSeconds : 1;

    /// <summary>The first instant that any step sees; inclusive, ns since the epoch.</summary>
    public long From => steps[0] - _range - _offset + 1;

    /// <summary>Exclusive.</summary>
    public long To => steps[^1] - _offset + 1;

    /// <exception cref="StoreLimitException">The answer has too many series.</exception>
    public void Add(FoundEntry entry)
    {
        var key = StoreSeries.KeyOf(entry.Labels);
        if (!_series.TryGetValue(key, out var counts))
        {
            reserve(steps.Count);
            _series[key] = counts = new Counts(entry.Labels, new long[steps.Count + 1], new long[steps.Count + 1]);
        }

        var amount = _isBytes ? Encoding.UTF8.GetByteCount(entry.Line) : 1L;
        var (first, end) = (FirstStep(entry.Timestamp + _offset), FirstStep(entry.Timestamp + _offset + _range));
        counts.Amounts[first] += amount;
        counts.Amounts[end] -= amount;
        counts.Entries[first]++;
        counts.Entries[end]--;
    }

    public List<StoreSeries> Sum() => [.. _series.Values.Select(SeriesOf).Where(series => series.HasValues)];

    private StoreSeries SeriesOf(Counts counts)
    {
        var series = StoreSeries.Empty(counts.Labels, steps.Count);
        var (amount, entries) = (0L, 0L);
        for (var i = 0; i < steps.Count; i++)
        {
            amount += counts.Amounts[i];
            entries += counts.Entries[i];
            if (entries > 0) series.Values[i] = amount / _divisor;
        }

        return series;
    }

    /// <summary>The first step at or behind an instant; the number of steps when there is none.</summary>
    private int FirstStep(long at)
    {
        var (low, high) = (0, steps.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (steps[middle] < at) low = middle + 1;
            else high = middle;
        }

        return low;
    }

    /// <param name="Amounts">At each step, what enters its range less what has left it since the step before.</param>
    private sealed record Counts(IReadOnlyDictionary<string, string> Labels, long[] Amounts, long[] Entries);
}
