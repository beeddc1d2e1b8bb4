using Weir.Routing.Language;
using Weir.Routing.Metrics;

namespace Weir.Routing.Stages;

/// <summary>Block <c>stage.split_json</c>: each element of a JSON array becomes an entry.</summary>
[BlockName("stage.split_json")]
public sealed record SplitJsonOptions : IStageOptions, IValidated
{
    /// <summary>Elements of a line at the most; longer arrays go on as they are. Each costs an entry in
    /// memory.</summary>
    public const int ElementsMax = 65_536;

    /// <summary>The extracted value to read; null for the line.</summary>
    [Argument("source")]
    public string? Source { get; init; }

    public void Validate(OptionProblems problems) => StagePatterns.CheckSource(Source, problems);

    public Stage Compile(StageCompiler compiler) => new SplitJsonStage(
        Source is null ? -1 : compiler.Slots.Add(Source), compiler.Dropped("empty_json_array"),
        compiler.Failed("split_json", "malformed"));
}

/// <summary>
/// Elements stay byte for byte, with labels, metadata and extracted values of their line, a nanosecond apart so that a
/// destination keeps equal ones. Of an empty array nothing is left. What is no array goes on unchanged.
/// </summary>
internal sealed class SplitJsonStage(int source, Metric dropped, Metric failed) : Stage
{
    public override void Apply(StageBatch batch)
    {
        var (empty, malformed) = (0, 0);
        batch.StartOutput();
        foreach (var entry in batch.Live)
        {
            var isArray = batch.TryInput(entry, source, out var input)
                && batch.Text(input).TrimStart(" \t\r\n"u8) is [(byte)'[', ..];
            if (isArray && TryCount(batch.Text(input), out var count))
            {
                if (count == 0) empty++;
                else Split(batch, entry, input);
                continue;
            }

            if (isArray) malformed++;
            batch.Emit(entry);
        }

        batch.FinishOutput();
        if (empty > 0) dropped.Add(empty);
        if (malformed > 0) failed.Add(malformed);
    }

    /// <summary>Checks the whole of an array.</summary>
    private static bool TryCount(ReadOnlySpan<byte> text, out int count)
    {
        count = 0;
        var elements = new JsonScanner(text, []);
        while (elements.TryElement(count == 0, out _))
            if (++count > SplitJsonOptions.ElementsMax) return false;
        return elements.EndsArray();
    }

    private static void Split(StageBatch batch, int entry, ExtractedValue input)
    {
        var (at, number) = (0, 0);
        var time = batch.Lines[entry].Timestamp;
        while (true)
        {
            var elements = new JsonScanner(batch.Text(input), []) { Offset = at };
            if (!elements.TryElement(number == 0, out var element)) return;
            at = elements.Offset;
            // A string's place is without its quotes.
            var quotes = element.Kind == JsonTokenKind.String ? 1 : 0;
            var made = batch.Copy(entry);
            ref var target = ref batch.Lines[made];
            target.LineStart = input.Start + element.Start - quotes;
            target.LineLength = element.Length + 2 * quotes;
            target.Timestamp = time + number++;
            batch.Emit(made);
        }
    }
}
