using Weir.Protocol.Batches;
using Weir.Routing.Components;
using Weir.Routing.Metrics;

namespace Weir.Routing.Stages;

/// <summary>A <c>stage.*</c> block as it is configured, its arguments valid.</summary>
public interface IStageOptions
{
    /// <summary>Makes the stage.</summary>
    Stage Compile(StageCompiler compiler);
}

/// <summary>What stages are made with: slots for the names they mention, the label sets, metrics,
/// randomness.</summary>
public sealed class StageCompiler(string component, LabelSets labels, RoutingEvents events, Random random)
{
    /// <summary>Nested <c>stage.match</c> at the most: deeper than any human writes, shallow enough for the
    /// stack.</summary>
    public const int DepthMax = 32;

    private int _depth;

    public SlotTable Slots { get; } = new();

    public LabelSets Labels { get; } = labels;

    public RoutingEvents Events { get; } = events;

    /// <summary>The source of other generators' seeds.</summary>
    public Random Random { get; } = random;

    public LabelTransitions Transitions(string label) => new(Labels, label);

    /// <summary>The counter of lines that a stage drops on purpose.</summary>
    public Metric Dropped(string reason) => Events.DroppedLines.With(component, reason);

    /// <summary>The counter of lines dropped for their label's value.</summary>
    public Metric DroppedByLabel(string label, string value) =>
        Events.DroppedLinesByLabel.With(component, label, value);

    /// <summary>The counter of lines that a stage could not work on as asked; they went on unchanged.</summary>
    public Metric Failed(string stage, string reason) => Events.StageFailures.With(component, stage, reason);

    /// <summary>A metric family with the component's id as its only label.</summary>
    public Metric Own(MetricFamily family) => family.With(component);

    /// <exception cref="ComponentException">Nested too deep.</exception>
    public StageChain Compile(IReadOnlyList<IStageOptions> stages)
    {
        if (_depth == DepthMax)
            throw new ComponentException($"stage.match: nested more than {DepthMax} deep; join selectors instead");
        _depth++;
        var compiled = new Stage[stages.Count];
        for (var i = 0; i < compiled.Length; i++) compiled[i] = stages[i].Compile(this);
        _depth--;
        return new StageChain(compiled);
    }
}
