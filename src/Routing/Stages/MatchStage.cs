using System.Buffers;
using Weir.Protocol.Batches;
using Weir.Routing.Language;
using Weir.Routing.LogQl;
using Weir.Routing.Metrics;

namespace Weir.Routing.Stages;

/// <summary>What becomes of the entries that <c>stage.match</c> selects.</summary>
public enum MatchAction
{
    /// <summary>They run through the nested stages; the others pass.</summary>
    Keep,

    /// <summary>They are dropped and counted.</summary>
    Drop,
}

/// <summary>Block <c>stage.match</c>: stages for the entries that a selector with line filters selects.</summary>
[BlockName("stage.match")]
public sealed record MatchOptions : IStageOptions, IValidated
{
    /// <summary>LogQL, <c>{app="x"} |= "text"</c>.</summary>
    [Argument("selector", Required = true)]
    public string Selector { get; init; } = "";

    [Argument("action")]
    public MatchAction Action { get; init; }

    /// <summary>The reason under which the counter shows dropped lines.</summary>
    [Argument("drop_counter_reason")]
    public string Reason { get; init; } = "match_stage";

    /// <summary>Accepted, without effect, as in Alloy.</summary>
    [Argument("pipeline_name")]
    public string PipelineName { get; init; } = "";

    [BlockSequence]
    public IReadOnlyList<IStageOptions> Stages { get; init; } = [];

    public void Validate(OptionProblems problems)
    {
        try
        {
            LogQlParser.ParseMatcher(Selector);
        }
        catch (LogQlException refused)
        {
            problems.Add("selector", refused.Message, "write it like {app=\"nginx\"} |= \"error\"");
        }

        if (Action == MatchAction.Keep && Stages.Count == 0)
            problems.AddToBlock("has no nested stage", "give it at least one, or action = \"drop\"");
        if (Action == MatchAction.Drop && Stages.Count > 0)
            problems.Add("action", "is \"drop\", but the block has nested stages", "remove them, or the action");
    }

    public Stage Compile(StageCompiler compiler)
    {
        var query = LogQlParser.ParseMatcher(Selector);
        LineFilter[] filters = [.. query.Stages.Cast<LineFilterStage>().Select(stage => stage.Filter)];
        var matcher = new EntryMatcher(query.Selector, filters);
        return Action == MatchAction.Drop
            ? new MatchDropStage(matcher, compiler.Dropped(Reason.Length == 0 ? "match_stage" : Reason))
            : new MatchStage(matcher, compiler.Compile(Stages));
    }
}

/// <summary>A selector, which it asks once a label set, and line filters. Safe from any thread.</summary>
internal sealed class EntryMatcher(StreamSelector selector, LineFilter[] filters)
{
    private readonly LabelSetAnswers<bool> _selects = new(selector.IsMatch);

    public bool IsMatch(StageBatch batch, int entry)
    {
        ref readonly var at = ref batch.Lines[entry];
        if (!_selects.Of(at.Labels)) return false;
        foreach (var filter in filters)
            if (!filter.IsMatch(batch.Lines.Line(at))) return false;
        return true;
    }
}

internal sealed class MatchDropStage(EntryMatcher matcher, Metric dropped) : Stage
{
    public override void Apply(StageBatch batch)
    {
        var live = batch.Live;
        var kept = 0;
        foreach (var entry in live)
            if (!matcher.IsMatch(batch, entry)) live[kept++] = entry;
        if (kept == live.Length) return;
        dropped.Add(live.Length - kept);
        batch.Truncate(kept);
    }
}

/// <summary>Runs nested stages over the entries that match; then all stand in the order in which they came.</summary>
internal sealed class MatchStage(EntryMatcher matcher, StageChain stages) : Stage
{
    public override bool HoldsLines => stages.HoldsLines;

    public override long EarliestHeld => stages.EarliestHeld;

    public override Stage Instantiate()
    {
        var instance = stages.Instantiate();
        return ReferenceEquals(instance, stages) ? this : new MatchStage(matcher, instance);
    }

    public override void Apply(StageBatch batch)
    {
        var live = batch.Live;
        var others = ArrayPool<int>.Shared.Rent(Math.Max(live.Length, 1));
        var (matching, other) = (0, 0);
        foreach (var entry in live)
        {
            if (matcher.IsMatch(batch, entry)) live[matching++] = entry;
            else others[other++] = entry;
        }

        batch.Truncate(matching);
        if (matching > 0) batch.TakeLabelsAsValues();
        stages.Apply(batch);
        if (other > 0) batch.Merge(others.AsSpan(0, other));
        ArrayPool<int>.Shared.Return(others);
    }
}
