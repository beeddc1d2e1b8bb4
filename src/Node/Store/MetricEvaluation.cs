using Weir.Routing.LogQl;

namespace Weir.Node.Store;

/// <summary>Answers metric queries by counting: each step looks at the entries of its range.</summary>
/// <param name="read">Reads the entries of a log query from (inclusive) to (exclusive), ns since the epoch.</param>
internal sealed class MetricEvaluation(Action<LogQuery, long, long, Action<FoundEntry>> read)
{
    /// <summary>Steps of one answer, as Loki has it.</summary>
    public const int StepsMax = 11_000;

    /// <summary>Series that one query may count.</summary>
    public const int SeriesMax = 10_000;

    /// <summary>Their steps: two million are 48 MB.</summary>
    public const int ValuesMax = 2_000_000;

    private static readonly Dictionary<string, string> NoLabels = [];

    private int _series;
    private int _values;

    /// <param name="steps">Instants, ns since the epoch, rising.</param>
    /// <exception cref="StoreLimitException">The answer has too many series.</exception>
    public IReadOnlyList<StoreSeries> Evaluate(LogQlQuery query, IReadOnlyList<long> steps) => query switch
    {
        RangeQuery range => EvaluateRange(range, steps),
        AggregateQuery aggregate => EvaluateAggregate(aggregate, Evaluate(aggregate.Inner, steps), steps.Count),
        VectorQuery vector => [Constant(vector.Value, steps.Count)],
        ArithmeticQuery arithmetic => EvaluateArithmetic(arithmetic, steps),
        _ => throw new InvalidOperationException("a log query has no numbers"),
    };

    /// <summary>The instants of a range query.</summary>
    public static IReadOnlyList<long> Steps(long from, long to, long step) =>
        [.. Enumerable.Range(0, (int)((to - from) / step) + 1).Select(i => from + i * step)];

    private List<StoreSeries> EvaluateRange(RangeQuery query, IReadOnlyList<long> steps)
    {
        var counts = new RangeCounts(query, steps, Reserve);
        read(query.Lines, counts.From, counts.To, counts.Add);
        return counts.Sum();
    }

    private void Reserve(int steps)
    {
        if (++_series > SeriesMax)
        {
            throw new StoreLimitException($"the query counts more than {SeriesMax} series: "
                + "select fewer streams, or keep fewer labels");
        }

        if ((_values += steps) > ValuesMax)
        {
            throw new StoreLimitException($"the query has more than {ValuesMax} values ({_series} series and more, "
                + $"{steps} steps): ask for fewer steps, or select fewer streams");
        }
    }

    private List<StoreSeries> EvaluateArithmetic(ArithmeticQuery query, IReadOnlyList<long> steps)
    {
        if (query.Left is NumberQuery left)
            return Combine(query, Evaluate(query.Right, steps), right => (Constant(left.Value, steps.Count), right));
        if (query.Right is NumberQuery number)
            return Combine(query, Evaluate(query.Left, steps), series => (series, Constant(number.Value, steps.Count)));
        var others = Evaluate(query.Right, steps).ToDictionary(
            series => StoreSeries.KeyOf(series.Labels), StringComparer.Ordinal);
        return Combine(query, Evaluate(query.Left, steps), series =>
            others.TryGetValue(StoreSeries.KeyOf(series.Labels), out var other) ? (series, other) : null);
    }

    private static List<StoreSeries> Combine(
        ArithmeticQuery query, IReadOnlyList<StoreSeries> series,
        Func<StoreSeries, (StoreSeries Left, StoreSeries Right)?> pair)
    {
        var results = new List<StoreSeries>(series.Count);
        foreach (var one in series)
        {
            if (pair(one) is not var (left, right)) continue;
            var result = StoreSeries.Empty(one.Labels, one.Values.Length);
            for (var i = 0; i < result.Values.Length; i++)
                result.Values[i] = Apply(query.Operator, left.Values[i], right.Values[i]);
            if (result.HasValues) results.Add(result);
        }

        return results;
    }

    private static double Apply(string sign, double left, double right) => sign switch
    {
        "+" => left + right,
        "-" => left - right,
        "*" => left * right,
        "/" => left / right,
        _ => left % right,
    };

    private static List<StoreSeries> EvaluateAggregate(
        AggregateQuery query, IReadOnlyList<StoreSeries> inner, int steps)
    {
        if (query.Function is "topk" or "bottomk") return Select(query, inner, steps);
        var groups = new Dictionary<string, (StoreSeries Result, int[] Counts)>(StringComparer.Ordinal);
        foreach (var series in inner)
        {
            var labels = Group(query, series.Labels);
            var key = StoreSeries.KeyOf(labels);
            if (!groups.TryGetValue(key, out var group))
                groups[key] = group = (StoreSeries.Empty(labels, steps), new int[steps]);
            for (var i = 0; i < steps; i++)
            {
                if (double.IsNaN(series.Values[i])) continue;
                ref var value = ref group.Result.Values[i];
                value = Merge(query.Function, group.Counts[i]++, value, series.Values[i]);
            }
        }

        if (query.Function == "avg")
        {
            foreach (var (result, counts) in groups.Values)
                for (var i = 0; i < steps; i++) result.Values[i] /= counts[i]; // 0 of them: NaN, and stays so
        }

        return [.. groups.Values.Select(group => group.Result)];
    }

    private static double Merge(string function, int count, double before, double value) => function switch
    {
        "count" => count + 1,
        _ when count == 0 => value,
        "min" => Math.Min(before, value),
        "max" => Math.Max(before, value),
        _ => before + value,
    };

    private static List<StoreSeries> Select(AggregateQuery query, IReadOnlyList<StoreSeries> inner, int steps)
    {
        var sign = query.Function == "topk" ? -1 : 1;
        var selected = inner.Select(series => StoreSeries.Empty(series.Labels, steps)).ToList();
        var groups = Enumerable.Range(0, inner.Count)
            .GroupBy(i => StoreSeries.KeyOf(Group(query, inner[i].Labels)), StringComparer.Ordinal)
            .Select(group => group.ToList()).ToList();
        for (var step = 0; step < steps; step++)
        {
            foreach (var group in groups)
            {
                foreach (var i in group.Where(i => !double.IsNaN(inner[i].Values[step]))
                    .OrderBy(i => sign * inner[i].Values[step]).Take(query.Count))
                    selected[i].Values[step] = inner[i].Values[step];
            }
        }

        return [.. selected.Where(series => series.HasValues)];
    }

    private static Dictionary<string, string> Group(AggregateQuery query, IReadOnlyDictionary<string, string> labels) =>
        labels.Where(label => query.By is not null && query.By.Contains(label.Key) != query.IsWithout)
            .ToDictionary(label => label.Key, label => label.Value, StringComparer.Ordinal);

    private static StoreSeries Constant(double value, int steps)
    {
        var series = StoreSeries.Empty(NoLabels, steps);
        Array.Fill(series.Values, value);
        return series;
    }
}
