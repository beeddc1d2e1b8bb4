using Weir.Protocol.Batches;
using Weir.Routing.Components;

namespace Weir.Routing.Relabeling;

/// <summary>Rules of relabelling, in order: what <c>rules</c> exports and <c>relabel_rules</c> takes.</summary>
/// <remarks>Immutable; any number of threads. Equal when the rules say the same.</remarks>
public sealed class RelabelRules : IEquatable<RelabelRules>
{
    public static readonly RelabelRules Empty = new([]);

    private readonly RuleOptions[] _options;
    private readonly RelabelRule[] _rules;

    /// <exception cref="ComponentException">A pattern is none.</exception>
    public RelabelRules(IEnumerable<RuleOptions> rules)
    {
        _options = [.. rules];
        _rules = Array.ConvertAll(_options, options => new RelabelRule(options));
    }

    public int Count => _rules.Length;

    /// <summary>Costs allocations: for lines, keep the answers (<see cref="RelabelCache"/>).</summary>
    /// <returns>Null when a rule drops what has these labels.</returns>
    public LabelSet? Apply(LabelSet labels, LabelSets sets)
    {
        if (_rules.Length == 0) return labels;
        var changed = new Dictionary<string, string>(labels.Count, StringComparer.Ordinal);
        foreach (var (name, value) in labels.Labels) changed[name] = value;
        return TryApply(changed) ? sets.Of(changed) : null;
    }

    /// <returns>The labels of a target after the rules; null when a rule drops it.</returns>
    public IReadOnlyDictionary<string, string>? Apply(IReadOnlyDictionary<string, string> target)
    {
        if (_rules.Length == 0) return target;
        var changed = new Dictionary<string, string>(target.Count, StringComparer.Ordinal);
        foreach (var (name, value) in target)
            if (value.Length > 0) changed[name] = value;
        return TryApply(changed) ? changed : null;
    }

    /// <summary>Whether what becomes of labels may depend on this one's value. A source with many labels asks, and
    /// leaves out the others.</summary>
    public bool Reads(string name)
    {
        foreach (var rule in _rules)
            if (rule.Reads(name)) return true;
        return false;
    }

    public bool Equals(RelabelRules? other) =>
        ReferenceEquals(this, other) || (other is not null && _options.AsSpan().SequenceEqual(other._options));

    public override bool Equals(object? obj) => Equals(obj as RelabelRules);

    public override int GetHashCode() => _options.Length == 0 ? 0 : _options[0].GetHashCode() + _options.Length;

    private bool TryApply(Dictionary<string, string> labels)
    {
        foreach (var rule in _rules)
            if (!rule.TryApply(labels)) return false;
        return true;
    }
}
