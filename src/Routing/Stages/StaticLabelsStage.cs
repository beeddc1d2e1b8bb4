using Weir.Protocol.Batches;
using Weir.Routing.Language;

namespace Weir.Routing.Stages;

/// <summary>Block <c>stage.static_labels</c>: the same labels for every entry.</summary>
[BlockName("stage.static_labels")]
public sealed record StaticLabelsOptions : IStageOptions, IValidated
{
    /// <summary>Label to value; null and "" are skipped.</summary>
    [Argument("values", Required = true)]
    public IReadOnlyDictionary<string, string?> Values { get; init; } = new Dictionary<string, string?>();

    public void Validate(OptionProblems problems) => LabelNames.Check("values", Values.Keys, problems);

    public Stage Compile(StageCompiler compiler)
    {
        Label[] labels =
        [
            .. Values.Where(pair => !string.IsNullOrEmpty(pair.Value)).Select(pair => new Label(pair.Key, pair.Value!)),
        ];
        return new SetTransitionStage(
            set => labels.Aggregate(set, (made, label) => compiler.Labels.With(made, label.Name, label.Value)));
    }
}

/// <summary>Gives each entry the label set that follows from the one it has.</summary>
internal sealed class SetTransitionStage(Func<LabelSet, LabelSet> change) : Stage
{
    private readonly LabelSetAnswers<LabelSet> _changed = new(change);

    public override void Apply(StageBatch batch)
    {
        LabelSet? from = null;
        var to = from;
        foreach (var entry in batch.Live)
        {
            ref var labels = ref batch.Lines[entry].Labels;
            if (!ReferenceEquals(labels, from))
            {
                from = labels;
                to = _changed.Of(from);
            }

            labels = to!;
        }
    }
}
