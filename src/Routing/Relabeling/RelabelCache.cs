using Weir.Protocol.Batches;

namespace Weir.Routing.Relabeling;

/// <summary>
/// What rules made of label sets: a set that was seen costs one look-up, and the same one again none.
/// </summary>
/// <remarks>Bounded: when full it is emptied. One user at a time.</remarks>
public sealed class RelabelCache(RelabelRules rules, LabelSets sets, int sizeMax)
{
    private readonly Dictionary<LabelSet, LabelSet?> _known = [];
    private LabelSet? _last;
    private LabelSet? _lastResult;

    public RelabelRules Rules => rules;

    public int SizeMax => sizeMax;

    public int Count => _known.Count;

    /// <summary>Answers found since the cache was made.</summary>
    public long Hits { get; private set; }

    /// <summary>Answers that had to be worked out.</summary>
    public long Misses { get; private set; }

    /// <returns>Null when a rule drops what has these labels.</returns>
    public LabelSet? Apply(LabelSet labels)
    {
        if (ReferenceEquals(labels, _last)) Hits++;
        else
        {
            _lastResult = Find(labels);
            _last = labels;
        }

        return _lastResult;
    }

    private LabelSet? Find(LabelSet labels)
    {
        if (_known.TryGetValue(labels, out var result))
        {
            Hits++;
            return result;
        }

        Misses++;
        result = rules.Apply(labels, sets);
        if (sizeMax <= 0) return result;
        if (_known.Count >= sizeMax) _known.Clear();
        _known.Add(labels, result);
        return result;
    }
}
