using Weir.Routing.Language;

namespace Weir.Routing.Stages;

/// <summary>What the stages that take a Windows event's message apart have in common.</summary>
public abstract record EventMessageOptions : IStageOptions, IValidated
{
    /// <summary>The extracted value that holds the message.</summary>
    [Argument("source")]
    public string Source { get; init; } = "message";

    /// <summary>Leaves out names that no label can have; otherwise what cannot stand in one becomes an
    /// underscore.</summary>
    [Argument("drop_invalid_labels")]
    public bool DropInvalidLabels { get; init; }

    /// <summary>Sets names anew that are there already; otherwise <c>_extracted</c> is put behind them.</summary>
    [Argument("overwrite_existing")]
    public bool OverwriteExisting { get; init; }

    /// <inheritdoc/>
    public void Validate(OptionProblems problems) => LabelNames.Check("source", [Source], problems);

    /// <inheritdoc/>
    public abstract Stage Compile(StageCompiler compiler);
}
