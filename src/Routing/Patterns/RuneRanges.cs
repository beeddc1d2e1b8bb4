namespace Weir.Routing.Patterns;

/// <summary>A set of code points as inclusive ranges; what a character class stands for.</summary>
internal sealed class RuneRanges
{
    public const int RuneMax = 0x10FFFF;

    private readonly List<(int Low, int High)> _ranges = [];
    private bool _isSorted = true;

    /// <summary>Ascending, disjoint, not adjacent.</summary>
    public IReadOnlyList<(int Low, int High)> Ranges
    {
        get
        {
            Normalize();
            return _ranges;
        }
    }

    /// <summary>The only code point of the set, or -1.</summary>
    public int Single => Ranges is [var (low, high)] && low == high ? low : -1;

    public static RuneRanges Of(params ReadOnlySpan<(int Low, int High)> ranges)
    {
        var set = new RuneRanges();
        foreach (var (low, high) in ranges) set.Add(low, high);
        set.Normalize(); // shared sets are read from many threads
        return set;
    }

    public void Add(int low, int high)
    {
        _ranges.Add((low, high));
        _isSorted = false;
    }

    public void Add(RuneRanges other)
    {
        foreach (var (low, high) in other.Ranges.ToArray()) Add(low, high);
    }

    /// <summary>Adds a range and whatever differs from its members in case only, as Go's simple folding does.</summary>
    public void AddFolded(int low, int high)
    {
        Add(low, high);
        for (var rune = low; rune <= Math.Min(high, CaseFolding.RuneMax); rune++)
            foreach (var same in CaseFolding.Orbit(rune))
                Add(same, same);
    }

    public RuneRanges Negated()
    {
        var negated = new RuneRanges();
        var next = 0;
        foreach (var (low, high) in Ranges)
        {
            if (low > next) negated.Add(next, low - 1);
            next = high + 1;
        }

        if (next <= RuneMax) negated.Add(next, RuneMax);
        return negated;
    }

    public bool Contains(int rune)
    {
        var ranges = Ranges;
        int first = 0, last = ranges.Count - 1;
        while (first <= last)
        {
            var middle = (first + last) >>> 1;
            if (rune < ranges[middle].Low) last = middle - 1;
            else if (rune > ranges[middle].High) first = middle + 1;
            else return true;
        }

        return false;
    }

    public void Normalize()
    {
        if (_isSorted) return;
        _ranges.Sort();
        var kept = 0;
        for (var i = 1; i < _ranges.Count; i++)
        {
            if (_ranges[i].Low <= _ranges[kept].High + 1)
                _ranges[kept] = (_ranges[kept].Low, Math.Max(_ranges[kept].High, _ranges[i].High));
            else _ranges[++kept] = _ranges[i];
        }

        if (_ranges.Count > 0) _ranges.RemoveRange(kept + 1, _ranges.Count - kept - 1);
        _isSorted = true;
    }
}
