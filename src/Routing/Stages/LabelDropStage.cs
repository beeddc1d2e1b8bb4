using Weir.Routing.Language;

namespace Weir.Routing.Stages;

/// <summary>Block <c>stage.label_drop</c>: labels to remove.</summary>
[BlockName("stage.label_drop")]
public sealed record LabelDropOptions : IStageOptions, IValidated
{
    [Argument("values", Required = true)]
    public IReadOnlyList<string> Values { get; init; } = [];

    public void Validate(OptionProblems problems)
    {
        if (Values.Count == 0) problems.Add("values", "names no label", "list the labels to remove");
    }

    public Stage Compile(StageCompiler compiler) =>
        new SetTransitionStage(set =>
        {
            foreach (var name in Values) set = compiler.Labels.Without(set, name);
            return set;
        });
}

/// <summary>Block <c>stage.label_keep</c>: labels to keep, the others are removed.</summary>
[BlockName("stage.label_keep")]
public sealed record LabelKeepOptions : IStageOptions, IValidated
{
    [Argument("values", Required = true)]
    public IReadOnlyList<string> Values { get; init; } = [];

    public void Validate(OptionProblems problems)
    {
        if (Values.Count == 0) problems.Add("values", "names no label", "list the labels to keep");
    }

    public Stage Compile(StageCompiler compiler) =>
        new SetTransitionStage(set =>
        {
            var kept = set;
            foreach (var label in set.Labels)
                if (!Values.Contains(label.Name)) kept = compiler.Labels.Without(kept, label.Name);
            return kept;
        });
}
