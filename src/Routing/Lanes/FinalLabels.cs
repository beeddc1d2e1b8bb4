using Weir.Protocol.Batches;

namespace Weir.Routing.Lanes;

/// <summary>What a stream is called when it leaves the node, and whose it is.</summary>
/// <param name="Visible">Without hidden labels; may be empty, and then Loki takes no such stream.</param>
/// <param name="Tenant">"" where the entry names none: the endpoint's own counts.</param>
internal readonly record struct FinalLabels(LabelSet Visible, string Tenant)
{
    /// <summary>The hidden label by which a stage sets an entry's tenant.</summary>
    public const string TenantLabel = "__tenant_id__";

    /// <param name="labels">As the last component left them.</param>
    /// <param name="external">Added where an entry does not have them itself.</param>
    /// <param name="sets">The node's table.</param>
    public static FinalLabels Of(LabelSet labels, IReadOnlyList<Label> external, LabelSets sets)
    {
        var merged = labels;
        // As Promtail merges them: the entry's own labels win.
        foreach (var (name, value) in external)
            if (!merged.TryGet(name, out _)) merged = sets.With(merged, name, value);
        merged.TryGet(TenantLabel, out var tenant);
        // Hidden labels go before anything else: equal streams must be one object, and one partition.
        var visible = merged;
        foreach (var (name, _) in merged.Labels)
            if (name.StartsWith(LabelSet.HiddenPrefix, StringComparison.Ordinal)) visible = sets.Without(visible, name);
        return new FinalLabels(visible, tenant);
    }
}
