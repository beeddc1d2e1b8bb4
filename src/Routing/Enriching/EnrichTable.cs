using Weir.Protocol.Batches;

namespace Weir.Routing.Enriching;

/// <summary>The labels of targets by the value that entries are matched with. Immutable.</summary>
internal sealed class EnrichTable
{
    private readonly Dictionary<string, Label[]> _targets = new(StringComparer.Ordinal);
    private readonly string _matchLabel;

    /// <remarks>Of targets with the same value, the last one counts; those without it match nothing.</remarks>
    public EnrichTable(EnrichOptions options)
    {
        _matchLabel = options.LogsMatchLabel.Length > 0 ? options.LogsMatchLabel : options.TargetMatchLabel;
        foreach (var target in options.Targets)
        {
            if (!target.TryGetValue(options.TargetMatchLabel, out var value) || value.Length == 0) continue;
            var copied = options.LabelsToCopy.Count == 0
                ? target
                : target.Where(label => options.LabelsToCopy.Contains(label.Key));
            // An empty value would take a label away.
            _targets[value] =
                [.. copied.Where(label => label.Value.Length > 0).Select(label => new Label(label.Key, label.Value))];
        }
    }

    public int Count => _targets.Count;

    public LabelSet Enrich(LabelSet labels, LabelSets sets)
    {
        if (!labels.TryGet(_matchLabel, out var value) || !_targets.TryGetValue(value, out var more)) return labels;
        return sets.Of([.. labels.Labels, .. more]);
    }
}
