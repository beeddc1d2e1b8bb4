using System.Buffers;
using System.Text;
using Weir.Routing.Language;
using Weir.Routing.Metrics;
using Weir.Routing.Patterns;

namespace Weir.Routing.Stages;

/// <summary>Block <c>stage.drop</c>: lines that meet every given condition are dropped, and counted.</summary>
[BlockName("stage.drop")]
public sealed record DropOptions : IStageOptions, IValidated
{
    /// <summary>The reason under which the counter shows them.</summary>
    [Argument("drop_counter_reason")]
    public string Reason { get; init; } = "drop_stage";

    /// <summary>Extracted names, with commas between; "" for the line.</summary>
    [Argument("source")]
    public string Source { get; init; } = "";

    /// <summary>What the sources, joined, must be; "" for no such condition.</summary>
    [Argument("value")]
    public string Value { get; init; } = "";

    /// <summary>Stands between the values of several sources.</summary>
    [Argument("separator")]
    public string Separator { get; init; } = ";";

    /// <summary>What the sources, joined, or the line must match; "" for no such condition.</summary>
    [Argument("expression")]
    public string Expression { get; init; } = "";

    /// <summary>Entries further in the past than this; zero for no such condition.</summary>
    [Argument("older_than")]
    public TimeSpan OlderThan { get; init; }

    /// <summary>Lines of more bytes than this; zero for no such condition.</summary>
    [Argument("longer_than")]
    public ByteSize LongerThan { get; init; }

    public void Validate(OptionProblems problems)
    {
        if (Source.Length == 0 && Expression.Length == 0 && OlderThan == TimeSpan.Zero && LongerThan.Bytes == 0)
        {
            problems.AddToBlock("has no condition",
                "give at least one of source, expression, older_than and longer_than");
        }

        if (Value.Length > 0 && Expression.Length > 0)
            problems.Add("value", "excludes expression", "keep one of the two");
        if (Value.Length > 0 && Source.Length == 0)
            problems.Add("value", "needs a source", "name the extracted value to compare: source = \"…\"");
        if (!StagePatterns.CheckTemplate("expression", Expression, problems))
            StagePatterns.Check("expression", Expression, problems);
    }

    public Stage Compile(StageCompiler compiler) => new DropStage(
        [.. Source.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(compiler.Slots.Add)],
        Encoding.UTF8.GetBytes(Separator.Length == 0 ? ";" : Separator),
        Value.Length == 0 ? null : Encoding.UTF8.GetBytes(Value),
        Expression.Length == 0 ? null : GoRegex.Compile(Expression),
        OlderThan.Ticks * TimeSpan.NanosecondsPerTick,
        LongerThan.Bytes,
        compiler.Dropped(Reason.Length == 0 ? "drop_stage" : Reason));
}

/// <param name="sources">Slots; none for the line.</param>
/// <param name="value">Null for no such condition.</param>
/// <param name="olderThan">Nanoseconds; 0 for no such condition.</param>
/// <param name="longerThan">Bytes; 0 for no such condition.</param>
internal sealed class DropStage(
    int[] sources, byte[] separator, byte[]? value, GoRegex? expression, long olderThan, long longerThan,
    Metric dropped) : Stage
{
    public override void Apply(StageBatch batch)
    {
        var live = batch.Live;
        var kept = 0;
        foreach (var entry in live)
            if (!Drops(batch, entry)) live[kept++] = entry;
        if (kept == live.Length) return;
        dropped.Add(live.Length - kept);
        batch.Truncate(kept);
    }

    private bool Drops(StageBatch batch, int entry)
    {
        ref readonly var at = ref batch.Lines[entry];
        if (longerThan > 0 && at.LineLength <= longerThan) return false;
        if (olderThan > 0 && at.Timestamp >= batch.Now - olderThan) return false;
        if (sources.Length == 0) return expression is null || expression.IsMatch(batch.Lines.Line(at));
        if (expression is null && value is null) return HasAll(batch, entry);
        if (sources.Length > 1) return MatchesJoined(batch, entry);
        var only = batch.Get(entry, sources[0]);
        // An absent source joins to an empty text; one without text cannot be compared.
        return only.HasText ? Matches(batch.Text(only)) : !only.Exists && Matches([]);
    }

    private bool HasAll(StageBatch batch, int entry)
    {
        foreach (var slot in sources)
            if (!batch.Get(entry, slot).Exists) return false;
        return true;
    }

    private bool MatchesJoined(StageBatch batch, int entry)
    {
        var length = 0;
        foreach (var slot in sources)
        {
            var part = batch.Get(entry, slot);
            if (part.Exists && !part.HasText) return false;
            length += part.Length + separator.Length;
        }

        var joined = ArrayPool<byte>.Shared.Rent(length);
        var written = 0;
        var first = true;
        foreach (var slot in sources)
        {
            var part = batch.Get(entry, slot);
            if (!part.HasText) continue;
            if (!first)
            {
                separator.CopyTo(joined, written);
                written += separator.Length;
            }

            first = false;
            batch.Text(part).CopyTo(joined.AsSpan(written));
            written += part.Length;
        }

        var matches = Matches(joined.AsSpan(0, written));
        ArrayPool<byte>.Shared.Return(joined);
        return matches;
    }

    private bool Matches(ReadOnlySpan<byte> text) =>
        value is null ? expression!.IsMatch(text) : text.SequenceEqual(value);
}
