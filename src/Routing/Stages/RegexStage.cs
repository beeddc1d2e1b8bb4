using System.Buffers;
using Weir.Protocol.Loki;
using Weir.Routing.Language;
using Weir.Routing.Metrics;
using Weir.Routing.Patterns;

namespace Weir.Routing.Stages;

/// <summary>Block <c>stage.regex</c>: the named groups of the first match become extracted values.</summary>
[BlockName("stage.regex")]
public sealed record RegexOptions : IStageOptions, IValidated
{
    /// <summary>RE2 syntax, with at least one named group to be of use.</summary>
    [Argument("expression", Required = true)]
    public string Expression { get; init; } = "";

    /// <summary>The extracted value to read; null for the line.</summary>
    [Argument("source")]
    public string? Source { get; init; }

    /// <summary>Whether each group also becomes a label.</summary>
    [Argument("labels_from_groups")]
    public bool LabelsFromGroups { get; init; }

    public void Validate(OptionProblems problems)
    {
        if (Expression.Length == 0)
            problems.Add("expression", "is empty", "give a pattern with named groups, (?P<name>…)");
        StagePatterns.Check("expression", Expression, problems);
        StagePatterns.CheckSource(Source, problems);
    }

    public Stage Compile(StageCompiler compiler)
    {
        var regex = GoRegex.Compile(Expression);
        var groups = new List<RegexGroup>();
        for (var i = 1; i < regex.GroupNames.Count; i++)
        {
            var name = regex.GroupNames[i];
            if (name.Length == 0) continue;
            var label = LabelsFromGroups && LabelText.IsName(name) ? compiler.Transitions(name) : null;
            groups.Add(new RegexGroup(i, compiler.Slots.Add(name), label));
        }

        return new RegexStage(
            Source is null ? -1 : compiler.Slots.Add(Source), regex, [.. groups], compiler.Failed("regex", "no_match"));
    }
}

/// <param name="Index">Its number in the pattern.</param>
/// <param name="Label">Null where it becomes no label.</param>
internal readonly record struct RegexGroup(int Index, int Slot, LabelTransitions? Label);

/// <summary>A group that took no part in the match is an empty text. Without a match nothing changes.</summary>
internal sealed class RegexStage(int source, GoRegex regex, RegexGroup[] groups, Metric failed) : Stage
{
    public override void Apply(StageBatch batch)
    {
        var rented = ArrayPool<int>.Shared.Rent(regex.BoundsEach);
        var bounds = rented.AsSpan(0, regex.BoundsEach);
        var unmatched = 0;
        foreach (var entry in batch.Live)
        {
            if (!batch.TryInput(entry, source, out var input)) continue;
            if (regex.TryMatch(batch.Text(input), bounds)) Take(batch, entry, input.Start, bounds);
            else unmatched++;
        }

        ArrayPool<int>.Shared.Return(rented);
        if (unmatched > 0) failed.Add(unmatched);
    }

    private void Take(StageBatch batch, int entry, int start, ReadOnlySpan<int> bounds)
    {
        foreach (var group in groups)
        {
            var from = bounds[group.Index * 2];
            var value = from < 0
                ? ExtractedValue.Text(start, 0)
                : ExtractedValue.Text(start + from, bounds[group.Index * 2 + 1] - from);
            batch.Set(entry, group.Slot, value);
            if (group.Label is null) continue;
            ref var labels = ref batch.Lines[entry].Labels;
            labels = group.Label.Apply(labels, batch.Text(value));
        }
    }
}
