using System.Collections.Concurrent;
using System.Text;

namespace Weir.Routing.Metrics;

/// <summary>All metrics of a node and their rendering in the Prometheus text format 0.0.4.</summary>
public sealed class MetricRegistry
{
    private readonly ConcurrentDictionary<string, MetricFamily> _families = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<object, Action> _collectors = new();
    private readonly List<StreamMetric> _streams = [];

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
    public double Sum(string name)
    {
        if (_families.TryGetValue(name, out var family)) return family.Series.Sum(series => series.Value);
        lock (_streams) return _streams.Where(metric => metric.Name == name).Sum(metric => metric.Sum());
    }

    /// <summary>Renders the metric from now on.</summary>
    /// <param name="problem">Why it cannot be: its name is taken by another kind of metric.</param>
    public bool TryAdd(StreamMetric metric, out string problem)
    {
        problem = "";
        lock (_streams)
        {
            var other = _streams.Find(other =>
                other.Name == metric.Name && other.Kind != metric.Kind && other.Component != metric.Component);
            if (other is not null)
                problem = $"the metric {metric.Name} is a {MetricText.NameOf(other.Kind)} of {other.Component} already";
            else if (_families.ContainsKey(metric.Name)) problem = $"the metric {metric.Name} is one of the node's own";
            else _streams.Add(metric);
        }

        return problem.Length == 0;
    }

    public void Remove(StreamMetric metric)
    {
        lock (_streams) _streams.Remove(metric);
    }

    public string Render()
    {
        foreach (var refresh in _collectors.Values) refresh();
        var text = new StringBuilder(16 * 1024);
        foreach (var family in _families.Values.OrderBy(family => family.Name, StringComparer.Ordinal))
            Render(family, text);
        RenderStreams(text);
        return text.ToString();
    }

    private void RenderStreams(StringBuilder text)
    {
        StreamMetric[] streams;
        lock (_streams) streams = [.. _streams];
        Array.Sort(streams, static (a, b) =>
            string.CompareOrdinal(a.Name, b.Name) is not 0 and var byName ? byName
                : string.CompareOrdinal(a.Component, b.Component));
        for (var i = 0; i < streams.Length; i++)
        {
            // Components may share a name; the format wants one head for all.
            if (i == 0 || streams[i].Name != streams[i - 1].Name)
                MetricText.Head(text, streams[i].Name, streams[i].Help, streams[i].Kind);
            streams[i].Render(text);
        }
    }

    private MetricFamily Family(string name, string help, MetricKind kind, double[] bounds, string[] labelNames) =>
        _families.GetOrAdd(name, _ => new MetricFamily(name, help, kind, bounds, labelNames));

    private static void Render(MetricFamily family, StringBuilder text)
    {
        MetricText.Head(text, family.Name, family.Help, family.Kind);
        foreach (var metric in family.Series)
        {
            var labels = LabelsOf(family, metric);
            if (family.Kind == MetricKind.Histogram) RenderHistogram(family, metric, labels, text);
            else MetricText.Sample(text, family.Name, "", labels, null, metric.Value);
        }
    }

    private static void RenderHistogram(MetricFamily family, Metric metric, string labels, StringBuilder text)
    {
        var cumulative = 0L;
        for (var i = 0; i < family.Bounds.Length; i++)
        {
            cumulative += metric.Bucket(i);
            MetricText.Sample(text, family.Name, "_bucket", labels, MetricText.Number(family.Bounds[i]), cumulative);
        }

        // Read after the buckets: never below them.
        var count = Math.Max(metric.Count, cumulative);
        MetricText.Sample(text, family.Name, "_bucket", labels, "+Inf", count);
        MetricText.Sample(text, family.Name, "_sum", labels, null, metric.Value);
        MetricText.Sample(text, family.Name, "_count", labels, null, count);
    }

    private static string LabelsOf(MetricFamily family, Metric metric)
    {
        var text = new StringBuilder();
        for (var i = 0; i < family.LabelNames.Count; i++)
        {
            if (i > 0) text.Append(',');
            MetricText.Label(text, family.LabelNames[i], metric.LabelValues[i]);
        }

        return text.ToString();
    }

    private sealed class Registration(MetricRegistry registry) : IDisposable
    {
        public void Dispose() => registry._collectors.TryRemove(this, out _);
    }
}
