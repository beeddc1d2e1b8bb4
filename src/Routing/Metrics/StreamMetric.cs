using System.Text;
using Weir.Protocol.Batches;
using Weir.Protocol.Loki;

namespace Weir.Routing.Metrics;

/// <summary>A metric of one component with a series a stream: its labels are the component's id and those of the
/// stream.</summary>
/// <remarks>
/// Whoever counts holds <see cref="Gate"/> for a batch; the rendering takes it too. A series that nothing has changed
/// for as long as <see cref="MaxIdle"/> is rendered a last time and then forgotten.
/// </remarks>
public sealed class StreamMetric(
    string name, string help, MetricKind kind, string component, double[] bounds, TimeProvider time)
{
    /// <summary>Streams that a metric counts apart; further ones are not counted.</summary>
    public const int SeriesMax = 100_000;

    private const string ComponentLabel = "component_id";
    private const string BoundLabel = "le";

    private readonly Dictionary<LabelSet, StreamSeries> _bySet = [];
    private readonly Dictionary<string, StreamSeries> _series = new(StringComparer.Ordinal);

    public string Name => name;

    /// <summary>One line: what is counted, in what unit.</summary>
    public string Help => help;

    public MetricKind Kind => kind;

    /// <summary>The id of the component that counts.</summary>
    public string Component => component;

    /// <summary>Upper bounds of a histogram, rising.</summary>
    public IReadOnlyList<double> Bounds => bounds;

    public TimeSpan MaxIdle { get; set; }

    /// <summary>To be held while series are looked up and changed.</summary>
    public Lock Gate { get; } = new();

    /// <summary>The series of a stream, or null when there are too many already. Hold the gate.</summary>
    public StreamSeries? Of(LabelSet labels)
    {
        if (_bySet.TryGetValue(labels, out var known)) return known;
        // Sets that differ in what is not shown share a series, so there are more of them.
        if (_bySet.Count >= 2 * SeriesMax) _bySet.Clear();
        var text = Render(labels);
        if (!_series.TryGetValue(text, out var series))
        {
            if (_series.Count == SeriesMax) return null;
            _series.Add(text, series = new StreamSeries(text, bounds));
        }

        _bySet.Add(labels, series);
        return series;
    }

    /// <summary>The sum over all series.</summary>
    internal double Sum()
    {
        lock (Gate) return _series.Values.Sum(series => series.Value);
    }

    /// <summary>Writes all series, then forgets those that have been idle too long.</summary>
    internal void Render(StringBuilder text)
    {
        var now = (time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;
        var oldest = now - MaxIdle.Ticks * TimeSpan.NanosecondsPerTick;
        var expired = 0;
        lock (Gate)
        {
            foreach (var series in _series.Values)
            {
                Render(series, text);
                if (series.ChangedAt <= oldest) expired++;
            }

            if (expired > 0) Forget(oldest);
        }
    }

    private void Forget(long oldest)
    {
        foreach (var (labels, series) in _bySet)
            if (series.ChangedAt <= oldest) _bySet.Remove(labels);
        foreach (var (labels, series) in _series)
            if (series.ChangedAt <= oldest) _series.Remove(labels);
    }

    private void Render(StreamSeries series, StringBuilder text)
    {
        if (kind != MetricKind.Histogram)
        {
            MetricText.Sample(text, name, "", series.Labels, null, series.Value);
            return;
        }

        var cumulative = 0L;
        for (var i = 0; i < bounds.Length; i++)
        {
            cumulative += series.Bucket(i);
            MetricText.Sample(text, name, "_bucket", series.Labels, MetricText.Number(bounds[i]), cumulative);
        }

        MetricText.Sample(text, name, "_bucket", series.Labels, "+Inf", series.Count);
        MetricText.Sample(text, name, "_sum", series.Labels, null, series.Value);
        MetricText.Sample(text, name, "_count", series.Labels, null, series.Count);
    }

    /// <summary>Without hidden labels, those that no metric can have, and those that the metric has itself.</summary>
    private string Render(LabelSet labels)
    {
        var text = new StringBuilder();
        MetricText.Label(text, ComponentLabel, component);
        foreach (var label in labels.Labels)
        {
            if (label.Name.StartsWith(LabelSet.HiddenPrefix, StringComparison.Ordinal)
                || label.Name is ComponentLabel or BoundLabel || !LabelText.IsName(label.Name))
            {
                continue;
            }

            text.Append(',');
            MetricText.Label(text, label.Name, label.Value);
        }

        return text.ToString();
    }
}

/// <summary>The numbers of one stream. Hold the gate of its metric.</summary>
public sealed class StreamSeries
{
    private readonly double[] _bounds;
    private readonly long[] _buckets;

    internal StreamSeries(string labels, double[] bounds)
    {
        Labels = labels;
        _bounds = bounds;
        _buckets = new long[bounds.Length];
    }

    /// <summary>As they are rendered, without braces.</summary>
    public string Labels { get; }

    /// <summary>A counter's or gauge's value; a histogram's sum.</summary>
    public double Value { get; private set; }

    /// <summary>A histogram's observations.</summary>
    public long Count { get; private set; }

    /// <summary>Nanoseconds since the epoch.</summary>
    public long ChangedAt { get; private set; }

    public void Add(double amount, long now)
    {
        Value += amount;
        ChangedAt = now;
    }

    public void Set(double value, long now)
    {
        Value = value;
        ChangedAt = now;
    }

    public void Observe(double value, long now)
    {
        for (var i = 0; i < _bounds.Length; i++)
        {
            if (value > _bounds[i]) continue;
            _buckets[i]++;
            break;
        }

        Count++;
        Add(value, now);
    }

    internal long Bucket(int index) => _buckets[index];
}
