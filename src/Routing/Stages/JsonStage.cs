using System.Buffers;
using Weir.Routing.Components;
using Weir.Routing.Json;
using Weir.Routing.Language;
using Weir.Routing.Metrics;
using Weir.Routing.Patterns;

namespace Weir.Routing.Stages;

/// <summary>Block <c>stage.json</c>: values of a JSON object by JMESPath expressions, or by the names of its keys.
/// </summary>
[BlockName("stage.json")]
public sealed record JsonOptions : IStageOptions, IValidated
{
    /// <summary>Extracted name to expression; null or "" means the key of the same name.</summary>
    [Argument("expressions")]
    public IReadOnlyDictionary<string, string?> Expressions { get; init; } = new Dictionary<string, string?>();

    /// <summary>Top-level keys to extract under their own names; "" for none.</summary>
    [Argument("regex")]
    public string Regex { get; init; } = "";

    /// <summary>Drops lines that are no JSON object, rather than passing them unchanged.</summary>
    [Argument("drop_malformed")]
    public bool DropMalformed { get; init; }

    /// <summary>The extracted value to read; null for the line.</summary>
    [Argument("source")]
    public string? Source { get; init; }

    public void Validate(OptionProblems problems)
    {
        if (Expressions.Count == 0 && Regex.Length == 0)
            problems.AddToBlock("extracts nothing", "give expressions = { name = \"path\" }, or a regex for the keys");
        StagePatterns.CheckSource(Source, problems);
        StagePatterns.Check("regex", Regex, problems);
        foreach (var (name, expression) in Expressions)
        {
            var text = string.IsNullOrEmpty(expression) ? name : expression;
            if (!JmesPath.TryCompile(text, out _, out var error)) problems.Add("expressions", error);
        }
    }

    public Stage Compile(StageCompiler compiler)
    {
        var plain = new List<(int Slot, string[] Path)>();
        var searches = new List<(int Slot, JmesPath Search)>();
        foreach (var (name, expression) in Expressions.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            var slot = compiler.Slots.Add(name);
            if (!JmesPath.TryCompile(string.IsNullOrEmpty(expression) ? name : expression, out var path, out var error))
                throw new ComponentException($"stage.json: {error}");
            if (path.KeyPath is { } keys) plain.Add((slot, [.. keys]));
            else searches.Add((slot, path));
        }

        var paths = JsonPaths.Build(plain.Select(pair => pair.Path));
        return new JsonStage(new JsonPlan(
            Source is null ? -1 : compiler.Slots.Add(Source),
            paths,
            [.. plain.Select(pair => (pair.Slot, paths.LeafOf(pair.Path)))],
            [.. searches],
            Regex.Length == 0 ? null : GoRegex.Compile(Regex),
            DropMalformed ? compiler.Dropped("malformed_json") : null,
            compiler.Failed("json", "malformed")));
    }
}

/// <param name="Source">Slot to read, -1 for the line.</param>
/// <param name="Plain">Slot and token of each key or dotted path.</param>
/// <param name="Searches">Expressions that are more than keys.</param>
/// <param name="Keys">Which top-level keys to extract under their own names; null for none.</param>
/// <param name="Dropped">Null where malformed lines pass unchanged.</param>
internal sealed record JsonPlan(
    int Source, JsonPaths Paths, (int Slot, int Leaf)[] Plain, (int Slot, JmesPath Search)[] Searches,
    GoRegex? Keys, Metric? Dropped, Metric Failed);

/// <summary>Reads all wanted keys of a line in one pass; copies nothing but what has escapes or another number
/// format.</summary>
internal sealed class JsonStage(JsonPlan plan) : Stage
{
    public override void Apply(StageBatch batch)
    {
        var tokens = ArrayPool<JsonToken>.Shared.Rent(plan.Paths.Count + 1);
        var found = tokens.AsSpan(0, plan.Paths.Count);
        var (kept, malformed) = (0, 0);
        var live = batch.Live;
        foreach (var entry in live)
        {
            if (batch.TryInput(entry, plan.Source, out var input) && !TryExtract(batch, entry, input, found))
            {
                malformed++;
                if (plan.Dropped is not null) continue;
            }

            live[kept++] = entry;
        }

        batch.Truncate(kept);
        ArrayPool<JsonToken>.Shared.Return(tokens);
        if (malformed > 0) (plan.Dropped ?? plan.Failed).Add(malformed);
    }

    private bool TryExtract(StageBatch batch, int entry, ExtractedValue input, Span<JsonToken> tokens)
    {
        var text = batch.Text(input);
        if (!new JsonScanner(text, tokens).TryScan(plan.Paths.Root) && !JsonValues.IsNull(text)) return false;
        foreach (var (slot, leaf) in plan.Plain)
            batch.Set(entry, slot, JsonValues.Take(batch, input.Start, tokens[leaf]));
        if (plan.Searches.Length > 0) Search(batch, entry, input);
        if (plan.Keys is not null) TakeKeys(batch, entry, input);
        return true;
    }

    /// <summary>Evaluates expressions over the parsed document; one that fails on it leaves its name as it
    /// is.</summary>
    private void Search(StageBatch batch, int entry, ExtractedValue input)
    {
        var result = new ArrayBufferWriter<byte>();
        foreach (var (slot, search) in plan.Searches)
        {
            result.ResetWrittenCount();
            if (!search.TryEvaluate(batch.Text(input), result, out var kind, out _)) continue;
            batch.Set(entry, slot, new ExtractedValue(KindOf(kind), batch.Lines.Append(result.WrittenSpan),
                result.WrittenCount));
        }
    }

    internal static ExtractedKind KindOf(JmesKind kind) => kind switch
    {
        JmesKind.Null => ExtractedKind.Nil,
        JmesKind.Number => ExtractedKind.Number,
        JmesKind.Boolean => ExtractedKind.Bool,
        _ => ExtractedKind.String,
    };

    /// <summary>Extracts the keys that match, of a text that was found well-formed.</summary>
    private void TakeKeys(StageBatch batch, int entry, ExtractedValue input)
    {
        var at = 0;
        while (true)
        {
            // The arena may have moved since the last member.
            var members = new JsonScanner(batch.Text(input), []) { Offset = at };
            if (!members.TryMember(out var key, out var value)) return;
            at = members.Offset;
            var name = JsonValues.Take(batch, input.Start, key);
            if (plan.Keys!.IsMatch(batch.Text(name)))
                batch.SetNamed(entry, name.Start, name.Length, JsonValues.Take(batch, input.Start, value));
        }
    }
}
