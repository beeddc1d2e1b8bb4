using System.Text;
using Weir.Routing.LogQl;

namespace Weir.Node.Store;

/// <summary>A series of an answer: its labels and, for each step, its value.</summary>
/// <param name="Points">Seconds since the epoch and value; steps without a value are left out.</param>
internal sealed record StoreSeries(
    IReadOnlyDictionary<string, string> Labels, SortedDictionary<long, double> Points);

/// <summary>Answers metric queries by counting: each step looks at the entries of its range.</summary>
/// <param name="read">Reads the entries of a log query from (inclusive) to (exclusive), ns since the epoch.</param>
internal sealed class MetricEvaluation(Action<LogQuery, long, long, Action<FoundEntry>> read)
{
    /// <summary>Steps of one answer, as Loki has it.</summary>
    public const int StepsMax = 11_000;

    private const long SecondNanoseconds = 1_000_000_000;

    /// <param name="steps">Instants, ns since the epoch, rising.</param>
    public IReadOnlyList<StoreSeries> Evaluate(LogQlQuery query, IReadOnlyList<long> steps) => query switch
    {
        RangeQuery range => EvaluateRange(range, steps),
        AggregateQuery aggregate => EvaluateAggregate(aggregate, Evaluate(aggregate.Inner, steps)),
        _ => throw new InvalidOperationException("a log query has no numbers"),
    };

    private List<StoreSeries> EvaluateRange(RangeQuery query, IReadOnlyList<long> steps)
    {
        var range = query.Range.Ticks * 100;
        var offset = query.Offset.Ticks * 100;
        var isBytes = query.Function.StartsWith("bytes", StringComparison.Ordinal);
        var isRate = query.Function.EndsWith("rate", StringComparison.Ordinal);
        var groups = new Dictionary<string, StoreSeries>(StringComparer.Ordinal);
        // (start, end] of each step, so the whole is read once and each entry is added to the steps that see it.
        read(query.Lines, steps[0] - range - offset + 1, steps[^1] - offset + 1, entry =>
        {
            var series = SeriesOf(groups, entry.Labels);
            var amount = isBytes ? Encoding.UTF8.GetByteCount(entry.Line) : 1.0;
            if (isRate) amount /= query.Range.TotalSeconds;
            for (var i = FirstStep(steps, entry.Timestamp + offset);
                i < steps.Count && steps[i] - range < entry.Timestamp + offset; i++)
            {
                series.Points.TryGetValue(steps[i], out var sum);
                series.Points[steps[i]] = sum + amount;
            }
        });
        return [.. groups.Values.Where(series => series.Points.Count > 0)];
    }

    /// <summary>The first step at or behind an instant.</summary>
    private static int FirstStep(IReadOnlyList<long> steps, long at)
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

    private static List<StoreSeries> EvaluateAggregate(AggregateQuery query, IReadOnlyList<StoreSeries> inner)
    {
        if (query.Function is "topk" or "bottomk") return Select(query, inner);
        var groups =
            new Dictionary<string, (StoreSeries Sum, SortedDictionary<long, int> Counts)>(StringComparer.Ordinal);
        foreach (var series in inner)
        {
            var labels = Group(query, series.Labels);
            var key = KeyOf(labels);
            if (!groups.TryGetValue(key, out var group))
                groups[key] = group = (new StoreSeries(labels, []), []);
            foreach (var (at, value) in series.Points)
            {
                var count = group.Counts.GetValueOrDefault(at);
                group.Counts[at] = count + 1;
                var before = group.Sum.Points.GetValueOrDefault(at);
                group.Sum.Points[at] = query.Function switch
                {
                    "min" => count == 0 ? value : Math.Min(before, value),
                    "max" => count == 0 ? value : Math.Max(before, value),
                    "count" => count + 1,
                    _ => before + value,
                };
            }
        }

        if (query.Function == "avg")
        {
            foreach (var (sum, counts) in groups.Values)
                foreach (var (at, count) in counts) sum.Points[at] /= count;
        }

        return [.. groups.Values.Select(group => group.Sum)];
    }

    private static List<StoreSeries> Select(AggregateQuery query, IReadOnlyList<StoreSeries> inner)
    {
        var sign = query.Function == "topk" ? -1 : 1;
        var selected = inner.Select(series => series with { Points = [] }).ToList();
        foreach (var at in inner.SelectMany(series => series.Points.Keys).Distinct())
        {
            var best = Enumerable.Range(0, inner.Count).Where(i => inner[i].Points.ContainsKey(at))
                .GroupBy(i => KeyOf(Group(query, inner[i].Labels)))
                .SelectMany(group => group.OrderBy(i => sign * inner[i].Points[at]).Take(query.Count));
            foreach (var i in best) selected[i].Points[at] = inner[i].Points[at];
        }

        return [.. selected.Where(series => series.Points.Count > 0)];
    }

    private static Dictionary<string, string> Group(AggregateQuery query, IReadOnlyDictionary<string, string> labels) =>
        labels.Where(label => query.By is not null && query.By.Contains(label.Key) != query.IsWithout)
            .ToDictionary(label => label.Key, label => label.Value, StringComparer.Ordinal);

    private static StoreSeries SeriesOf(
        Dictionary<string, StoreSeries> groups, IReadOnlyDictionary<string, string> labels)
    {
        var key = KeyOf(labels);
        if (!groups.TryGetValue(key, out var series)) groups[key] = series = new StoreSeries(labels, []);
        return series;
    }

    /// <summary>The same labels give the same key, whatever their order.</summary>
    public static string KeyOf(IReadOnlyDictionary<string, string> labels) => string.Join('\u001f',
        labels.OrderBy(label => label.Key, StringComparer.Ordinal).Select(label => $"{label.Key}\u001e{label.Value}"));

    /// <summary>The instants of a range query.</summary>
    public static IReadOnlyList<long> Steps(long from, long to, long step) =>
        [.. Enumerable.Range(0, (int)((to - from) / step) + 1).Select(i => from + i * step)];

    public static long Seconds(long nanoseconds) => nanoseconds / SecondNanoseconds;
}
