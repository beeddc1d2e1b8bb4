namespace Weir.Routing.Metrics;

public enum MetricKind : byte { Counter, Gauge, Histogram }

/// <summary>One time series: label values and numbers that any thread may change.</summary>
public sealed class Metric
{
    private readonly double[] _bounds;
    private readonly long[] _buckets;
    private long _count;
    private long _whole;
    private double _sum;

    internal Metric(string[] labelValues, double[] bounds)
    {
        LabelValues = labelValues;
        _bounds = bounds;
        _buckets = new long[bounds.Length];
    }

    public IReadOnlyList<string> LabelValues { get; }

    /// <summary>A counter's or gauge's value; a histogram's sum.</summary>
    public double Value => Volatile.Read(ref _whole) + Volatile.Read(ref _sum);

    /// <summary>A histogram's observations.</summary>
    public long Count => Volatile.Read(ref _count);

    public void Add(long amount) => Interlocked.Add(ref _whole, amount);

    public void Add(double amount)
    {
        for (var seen = Volatile.Read(ref _sum); ;)
        {
            var before = Interlocked.CompareExchange(ref _sum, seen + amount, seen);
            if (before.Equals(seen)) return;
            seen = before;
        }
    }

    public void Increment() => Add(1L);

    public void Set(double value)
    {
        Volatile.Write(ref _whole, 0);
        Volatile.Write(ref _sum, value);
    }

    public void Observe(double value)
    {
        for (var i = 0; i < _bounds.Length; i++)
        {
            if (!(value <= _bounds[i])) continue; // NaN is below no bound
            Interlocked.Increment(ref _buckets[i]);
            break;
        }

        Interlocked.Increment(ref _count);
        Add(value);
    }

    /// <summary>Observations at most <c>bounds[index]</c> and more than the bound before.</summary>
    internal long Bucket(int index) => Volatile.Read(ref _buckets[index]);
}
