using Weir.Protocol.Batches;
using Weir.Routing.Language;

namespace Weir.Routing.Stages;

/// <summary>Block <c>stage.tenant</c>: the tenant of each entry, as the hidden label <c>__tenant_id__</c>.</summary>
[BlockName("stage.tenant")]
public sealed record TenantOptions : IStageOptions, IValidated
{
    /// <summary>The label that carries a tenant through the pipeline; it never leaves the node.</summary>
    public const string TenantLabel = "__tenant_id__";

    [Argument("label")]
    public string Label { get; init; } = "";

    [Argument("source")]
    public string Source { get; init; } = "";

    [Argument("value")]
    public string Value { get; init; } = "";

    public void Validate(OptionProblems problems)
    {
        var given = new[] { Label, Source, Value }.Count(argument => argument.Length > 0);
        if (given != 1) problems.AddToBlock("needs exactly one of label, source and value");
    }

    public Stage Compile(StageCompiler compiler)
    {
        if (Source.Length > 0)
            return new TenantStage(compiler.Slots.Add(Source), compiler.Transitions(TenantLabel));
        return new SetTransitionStage(set =>
        {
            var tenant = Value;
            if (Label.Length > 0 && !set.TryGet(Label, out tenant)) return set;
            return compiler.Labels.With(set, TenantLabel, tenant);
        });
    }
}

/// <summary>An absent or empty value sets no tenant.</summary>
internal sealed class TenantStage(int slot, LabelTransitions label) : Stage
{
    public override void Apply(StageBatch batch)
    {
        foreach (var entry in batch.Live)
        {
            var value = batch.Get(entry, slot);
            if (!value.HasText || value.Length == 0) continue;
            ref var labels = ref batch.Lines[entry].Labels;
            labels = label.Apply(labels, batch.Text(value));
        }
    }
}
