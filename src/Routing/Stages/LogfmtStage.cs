using System.Text;
using Weir.Routing.Language;
using Weir.Routing.Metrics;
using Weir.Routing.Patterns;

namespace Weir.Routing.Stages;

/// <summary>Block <c>stage.logfmt</c>: values of <c>key=value</c> pairs.</summary>
[BlockName("stage.logfmt")]
public sealed record LogfmtOptions : IStageOptions, IValidated
{
    /// <summary>Extracted name to key; null or "" means the key of the same name.</summary>
    [Argument("mapping")]
    public IReadOnlyDictionary<string, string?> Mapping { get; init; } = new Dictionary<string, string?>();

    /// <summary>Keys to extract under their own names; "" for none.</summary>
    [Argument("regex")]
    public string Regex { get; init; } = "";

    /// <summary>The extracted value to read; "" for the line.</summary>
    [Argument("source")]
    public string Source { get; init; } = "";

    public void Validate(OptionProblems problems)
    {
        if (Mapping.Count == 0 && Regex.Length == 0)
            problems.AddToBlock("extracts nothing", "give mapping = { name = \"key\" }, or a regex for the keys");
        StagePatterns.Check("regex", Regex, problems);
    }

    public Stage Compile(StageCompiler compiler)
    {
        var keys = Mapping.OrderBy(pair => pair.Key, StringComparer.Ordinal)
            .Select(pair => (
                Encoding.UTF8.GetBytes(string.IsNullOrEmpty(pair.Value) ? pair.Key : pair.Value),
                compiler.Slots.Add(pair.Key)))
            .ToArray();
        return new LogfmtStage(
            Source.Length == 0 ? -1 : compiler.Slots.Add(Source), keys,
            Regex.Length == 0 ? null : GoRegex.Compile(Regex), compiler.Failed("logfmt", "malformed"));
    }
}

/// <summary>Of a key that occurs twice the last one counts; what stands before a fault in the text counts
/// too.</summary>
internal sealed class LogfmtStage(int source, (byte[] Key, int Slot)[] keys, GoRegex? regex, Metric failed) : Stage
{
    public override void Apply(StageBatch batch)
    {
        var malformed = 0;
        foreach (var entry in batch.Live)
        {
            if (!batch.TryInput(entry, source, out var input)) continue;
            // No value is longer decoded than written, so the arena does not move while the line is read.
            batch.Lines.Reserve(input.Length);
            if (!TryExtract(batch, entry, input.Start, batch.Text(input))) malformed++;
        }

        if (malformed > 0) failed.Add(malformed);
    }

    private bool TryExtract(StageBatch batch, int entry, int start, ReadOnlySpan<byte> text)
    {
        var pairs = new LogfmtScanner(text);
        while (pairs.TryNext(out var pair))
        {
            var key = text.Slice(pair.KeyStart, pair.KeyLength);
            var wanted = regex is not null && regex.IsMatch(key);
            ExtractedValue value = default;
            if (wanted)
            {
                value = Take(batch, start, pair);
                batch.SetNamed(entry, start + pair.KeyStart, pair.KeyLength, value);
            }

            foreach (var (name, slot) in keys)
            {
                if (name.Length != key.Length || !key.SequenceEqual(name)) continue;
                if (value.Kind == ExtractedKind.Unset) value = Take(batch, start, pair);
                batch.Set(entry, slot, value);
            }
        }

        return !pairs.IsMalformed;
    }

    private static ExtractedValue Take(StageBatch batch, int start, LogfmtPair pair)
    {
        if (!pair.IsEscaped) return ExtractedValue.Text(start + pair.ValueStart, pair.ValueLength);
        var to = batch.Lines.Reserve(pair.ValueLength).Span;
        var written = JsonText.Unescape(batch.Lines.Bytes.Slice(start + pair.ValueStart, pair.ValueLength), to);
        return ExtractedValue.Text(batch.Lines.Advance(written), written);
    }
}
