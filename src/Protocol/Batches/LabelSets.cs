using System.Collections.Concurrent;

namespace Weir.Protocol.Batches;

/// <summary>The table of label sets of a process: the same labels give the same object.</summary>
/// <remarks>
/// Safe from any thread. Bounded: past <see cref="SetsMax"/> the table is emptied; sets in use stay valid and compare
/// by content, so a hostile label costs memory for a moment and never for good.
/// </remarks>
public sealed class LabelSets
{
    /// <summary>Sets kept at the most. 100,000 sets of ten labels are about 100 MB if no string is shared, usually a
    /// tenth.</summary>
    public const int SetsMax = 100_000;

    private readonly ConcurrentDictionary<LabelSet, LabelSet> _sets = new();
    private int _count;

    public LabelSets() => Empty = Intern([]);

    public LabelSet Empty { get; private set; }

    /// <param name="labels">In any order; of a name that occurs twice the last value wins. Values may be empty strings:
    /// those labels are left out, as Prometheus does.</param>
    public LabelSet Of(ReadOnlySpan<Label> labels)
    {
        var sorted = labels.ToArray();
        // A stable sort, so that "the last one wins" holds for equal names.
        var order = new int[sorted.Length];
        for (var i = 0; i < order.Length; i++) order[i] = i;
        Array.Sort(order, (a, b) =>
        {
            var byName = string.CompareOrdinal(sorted[a].Name, sorted[b].Name);
            return byName != 0 ? byName : a.CompareTo(b);
        });
        var distinct = new List<Label>(sorted.Length);
        foreach (var index in order)
        {
            if (distinct.Count > 0 && distinct[^1].Name == sorted[index].Name) distinct[^1] = sorted[index];
            else distinct.Add(sorted[index]);
        }

        distinct.RemoveAll(label => label.Value.Length == 0);
        return Intern([.. distinct]);
    }

    public LabelSet Of(IEnumerable<KeyValuePair<string, string>> labels) =>
        Of(labels.Select(pair => new Label(pair.Key, pair.Value)).ToArray());

    /// <summary>The set with this label set, or removed when the value is empty. Costs a copy: cache
    /// transitions.</summary>
    public LabelSet With(LabelSet set, string name, string value)
    {
        var labels = set.Labels;
        var at = 0;
        while (at < labels.Length && string.CompareOrdinal(labels[at].Name, name) < 0) at++;
        var present = at < labels.Length && labels[at].Name == name;
        if (value.Length == 0) return present ? Intern([.. labels[..at], .. labels[(at + 1)..]]) : set;
        if (present && labels[at].Value == value) return set;
        return Intern([.. labels[..at], new Label(name, value), .. labels[(present ? at + 1 : at)..]]);
    }

    public LabelSet Without(LabelSet set, string name) => With(set, name, "");

    private LabelSet Intern(Label[] sorted)
    {
        var candidate = new LabelSet(sorted, HashOf(sorted));
        if (_sets.TryGetValue(candidate, out var known)) return known;
        if (Interlocked.Increment(ref _count) > SetsMax)
        {
            _sets.Clear();
            Interlocked.Exchange(ref _count, 1);
        }

        return _sets.GetOrAdd(candidate, candidate);
    }

    /// <summary>FNV-1a over UTF-16 units with a separator that no label holds, then a final mix; stable for
    /// good.</summary>
    private static ulong HashOf(Label[] labels)
    {
        var hash = 14695981039346656037UL;
        foreach (var (name, value) in labels)
        {
            hash = Add(hash, name);
            hash = Add(hash, value);
        }

        hash ^= hash >> 33;
        hash *= 0xff51afd7ed558ccdUL;
        hash ^= hash >> 33;
        return hash;

        static ulong Add(ulong hash, string text)
        {
            foreach (var unit in text) hash = (hash ^ unit) * 1099511628211UL;
            return (hash ^ 0xffff_ffffUL) * 1099511628211UL;
        }
    }
}
