using Weir.Routing.Language;

namespace Weir.Routing.Stages;

/// <summary>Block <c>stage.output</c>: the line becomes an extracted value.</summary>
[BlockName("stage.output")]
public sealed record OutputOptions : IStageOptions, IValidated
{
    [Argument("source", Required = true)]
    public string Source { get; init; } = "";

    public void Validate(OptionProblems problems)
    {
        if (Source.Length == 0) problems.Add("source", "is empty", "name the extracted value that becomes the line");
    }

    public Stage Compile(StageCompiler compiler) => new OutputStage(compiler.Slots.Add(Source));
}

/// <summary>Where the value is absent or has no text, the line stays. No byte is copied.</summary>
internal sealed class OutputStage(int slot) : Stage
{
    public override void Apply(StageBatch batch)
    {
        foreach (var entry in batch.Live)
        {
            var value = batch.Get(entry, slot);
            if (!value.HasText) continue;
            ref var target = ref batch.Lines[entry];
            target.LineStart = value.Start;
            target.LineLength = value.Length;
        }
    }
}
