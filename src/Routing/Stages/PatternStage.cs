using System.Buffers;
using Weir.Routing.Components;
using Weir.Routing.Language;
using Weir.Routing.LogQl;
using Weir.Routing.Metrics;

namespace Weir.Routing.Stages;

/// <summary>Block <c>stage.pattern</c>: the captures of a LogQL pattern become extracted values.</summary>
[BlockName("stage.pattern")]
public sealed record PatternOptions : IStageOptions, IValidated
{
    /// <summary>Text with captures, <c>&lt;name&gt;</c>; <c>&lt;_&gt;</c> for what is not wanted.</summary>
    [Argument("pattern", Required = true)]
    public string Pattern { get; init; } = "";

    /// <summary>The extracted value to read; null for the line.</summary>
    [Argument("source")]
    public string? Source { get; init; }

    /// <summary>Whether each capture also becomes a label.</summary>
    [Argument("labels_from_groups")]
    public bool LabelsFromGroups { get; init; }

    public void Validate(OptionProblems problems)
    {
        if (!LinePattern.TryCompile(Pattern, out _, out var error))
            problems.Add("pattern", error, "write it as \"<ip> - <_> [<time>]\"");
        StagePatterns.CheckSource(Source, problems);
    }

    public Stage Compile(StageCompiler compiler)
    {
        if (!LinePattern.TryCompile(Pattern, out var pattern, out var error))
            throw new ComponentException($"stage.pattern: {error}");
        return new PatternStage(
            Source is null ? -1 : compiler.Slots.Add(Source), pattern,
            [
                .. pattern.Names.Select(name => (
                    compiler.Slots.Add(name), LabelsFromGroups ? compiler.Transitions(name) : null)),
            ],
            compiler.Failed("pattern", "no_match"));
    }
}

/// <summary>Without a match nothing changes; nothing is copied.</summary>
internal sealed class PatternStage(
    int source, LinePattern pattern, (int Slot, LabelTransitions? Label)[] captures, Metric failed) : Stage
{
    public override void Apply(StageBatch batch)
    {
        var rented = ArrayPool<int>.Shared.Rent(captures.Length * 2);
        var bounds = rented.AsSpan(0, captures.Length * 2);
        var unmatched = 0;
        foreach (var entry in batch.Live)
        {
            if (!batch.TryInput(entry, source, out var input)) continue;
            var filled = pattern.Match(batch.Text(input), bounds);
            if (filled < 0) unmatched++;
            for (var i = 0; i < filled; i++)
            {
                var value = ExtractedValue.Text(input.Start + bounds[i * 2], bounds[i * 2 + 1] - bounds[i * 2]);
                batch.Set(entry, captures[i].Slot, value);
                if (captures[i].Label is not { } label) continue;
                ref var labels = ref batch.Lines[entry].Labels;
                labels = label.Apply(labels, batch.Text(value));
            }
        }

        ArrayPool<int>.Shared.Return(rented);
        if (unmatched > 0) failed.Add(unmatched);
    }
}
