using System.Collections.Concurrent;
using System.Globalization;
using System.Text;

namespace Weir.Routing.Metrics;

/// <summary>All metrics of a node and their rendering in the Prometheus text format 0.0.4.</summary>
public sealed class MetricRegistry
{
    private readonly ConcurrentDictionary<string, MetricFamily> _families = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<object, Action> _collectors = new();

    /// <param name="help">One line: what is counted, in what unit.</param>
    public MetricFamily Counter(string name, string help, params string[] labelNames) =>
        Family(name, help, MetricKind.Counter, [], labelNames);

    public MetricFamily Gauge(string name, string help, params string[] labelNames) =>
        Family(name, help, MetricKind.Gauge, [], labelNames);

    /// <param name="bounds">Upper bounds, rising; +Inf is added by the rendering.</param>
    public MetricFamily Histogram(string name, string help, double[] bounds, params string[] labelNames) =>
        Family(name, help, MetricKind.Histogram, bounds, labelNames);

    public void Remove(string name) => _families.TryRemove(name, out _);

    /// <summary>Runs <paramref name="refresh"/> before each rendering, for gauges that are read rather than
    /// kept.</summary>
    /// <returns>Dispose it to stop that.</returns>
    public IDisposable OnCollect(Action refresh)
    {
        var registration = new Registration(this);
        _collectors[registration] = refresh;
        return registration;
    }

    /// <summary>The sum over all series of a metric; 0 while there is none of that name.</summary>
    public double Sum(string name) =>
        _families.TryGetValue(name, out var family) ? family.Series.Sum(series => series.Value) : 0;

    public string Render()
    {
        foreach (var refresh in _collectors.Values) refresh();
        var text = new StringBuilder(16 * 1024);
        foreach (var family in _families.Values.OrderBy(family => family.Name, StringComparer.Ordinal))
            Render(family, text);
        return text.ToString();
    }

    private MetricFamily Family(string name, string help, MetricKind kind, double[] bounds, string[] labelNames) =>
        _families.GetOrAdd(name, _ => new MetricFamily(name, help, kind, bounds, labelNames));

    private static void Render(MetricFamily family, StringBuilder text)
    {
        text.Append("# HELP ").Append(family.Name).Append(' ');
        Escape(family.Help, isQuoted: false, text);
        text.Append("\n# TYPE ").Append(family.Name).Append(' ').Append(NameOf(family.Kind)).Append('\n');
        foreach (var metric in family.Series)
        {
            if (family.Kind == MetricKind.Histogram) RenderHistogram(family, metric, text);
            else Sample(family, metric, "", null, metric.Value, text);
        }
    }

    private static void RenderHistogram(MetricFamily family, Metric metric, StringBuilder text)
    {
        var cumulative = 0L;
        for (var i = 0; i < family.Bounds.Length; i++)
        {
            cumulative += metric.Bucket(i);
            Sample(family, metric, "_bucket", Number(family.Bounds[i]), cumulative, text);
        }

        // Read after the buckets: never below them.
        var count = Math.Max(metric.Count, cumulative);
        Sample(family, metric, "_bucket", "+Inf", count, text);
        Sample(family, metric, "_sum", null, metric.Value, text);
        Sample(family, metric, "_count", null, count, text);
    }

    private static void Sample(
        MetricFamily family, Metric metric, string suffix, string? bound, double value, StringBuilder text)
    {
        text.Append(family.Name).Append(suffix);
        var labels = family.LabelNames.Count + (bound is null ? 0 : 1);
        if (labels > 0)
        {
            text.Append('{');
            for (var i = 0; i < family.LabelNames.Count; i++)
            {
                if (i > 0) text.Append(',');
                text.Append(family.LabelNames[i]).Append("=\"");
                Escape(metric.LabelValues[i], isQuoted: true, text);
                text.Append('"');
            }

            if (bound is not null) text.Append(labels > 1 ? "," : "").Append("le=\"").Append(bound).Append('"');
            text.Append('}');
        }

        text.Append(' ').Append(Number(value)).Append('\n');
    }

    /// <summary>The format escapes quotes in label values only, not in help texts.</summary>
    private static void Escape(string value, bool isQuoted, StringBuilder text)
    {
        foreach (var unit in value)
        {
            if (unit == '\\') text.Append("\\\\");
            else if (isQuoted && unit == '"') text.Append("\\\"");
            else if (unit == '\n') text.Append("\\n");
            else text.Append(unit);
        }
    }

    private static string Number(double value) =>
        double.IsPositiveInfinity(value) ? "+Inf"
        : double.IsNegativeInfinity(value) ? "-Inf"
        : value.ToString("R", CultureInfo.InvariantCulture);

    private static string NameOf(MetricKind kind) => kind switch
    {
        MetricKind.Counter => "counter",
        MetricKind.Gauge => "gauge",
        _ => "histogram",
    };

    private sealed class Registration(MetricRegistry registry) : IDisposable
    {
        public void Dispose() => registry._collectors.TryRemove(this, out _);
    }
}
