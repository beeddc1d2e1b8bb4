namespace Weir.Routing.Cardinality;

/// <summary>The values of one label of a tenant: each of them up to the budget, beyond it only how many there
/// are.</summary>
internal sealed class LabelValues(int budget)
{
    private HashSet<string>? _exact = new(StringComparer.Ordinal);
    private HyperLogLog? _estimated;

    /// <summary>More values than the budget have been seen.</summary>
    public bool IsOver => _estimated is not null;

    /// <summary>Exact up to the budget, an estimate beyond.</summary>
    public long Count => _estimated is { } estimated ? Math.Max(estimated.Estimate(), budget + 1L) : _exact!.Count;

    /// <returns>Whether this value is the first one beyond the budget.</returns>
    public bool Add(string value)
    {
        if (_estimated is not null)
        {
            _estimated.Add(HashOf(value));
            return false;
        }

        _exact!.Add(value);
        if (_exact.Count <= budget) return false;
        _estimated = new HyperLogLog();
        foreach (var known in _exact) _estimated.Add(HashOf(known));
        _exact = null;
        return true;
    }

    /// <summary>FNV-1a with a final mix, so that all bits count.</summary>
    private static ulong HashOf(string text)
    {
        var hash = 14695981039346656037UL;
        foreach (var unit in text) hash = (hash ^ unit) * 1099511628211UL;
        hash = (hash ^ (hash >> 33)) * 0xff51afd7ed558ccdUL;
        hash = (hash ^ (hash >> 33)) * 0xc4ceb9fe1a85ec53UL;
        return hash ^ (hash >> 33);
    }
}
