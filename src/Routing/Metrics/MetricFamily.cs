using System.Collections.Concurrent;

namespace Weir.Routing.Metrics;

/// <summary>A named metric with its series, one a combination of label values.</summary>
/// <remarks>Take the series once (<see cref="With"/> looks it up) and count on it: that is one interlocked
/// addition.</remarks>
public sealed class MetricFamily
{
    private readonly ConcurrentDictionary<string, Metric> _series = new(StringComparer.Ordinal);

    internal MetricFamily(string name, string help, MetricKind kind, double[] bounds, string[] labelNames)
    {
        Name = name;
        Help = help;
        Kind = kind;
        Bounds = bounds;
        LabelNames = labelNames;
    }

    public string Name { get; }
    public string Help { get; }
    public MetricKind Kind { get; }
    public IReadOnlyList<string> LabelNames { get; }
    internal double[] Bounds { get; }

    public IEnumerable<Metric> Series => _series.Values;

    /// <param name="labelValues">One for each label name, in their order.</param>
    public Metric With(params string[] labelValues)
    {
        if (labelValues.Length != LabelNames.Count)
            throw new ArgumentException($"{Name} has {LabelNames.Count} labels, not {labelValues.Length}");
        // Unit separator: no label value in practice holds it, and a clash would only merge two series.
        var key = string.Join('\u001f', labelValues);
        return _series.GetOrAdd(
            key, static (_, made) => new Metric(made.labelValues, made.bounds), (labelValues, bounds: Bounds));
    }

    /// <summary>Forgets a series: its component is gone.</summary>
    public void Remove(params string[] labelValues) => _series.TryRemove(string.Join('\u001f', labelValues), out _);
}
