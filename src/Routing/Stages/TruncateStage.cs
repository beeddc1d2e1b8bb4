using System.Text;
using Weir.Protocol.Batches;
using Weir.Protocol.Loki;
using Weir.Routing.Language;
using Weir.Routing.Metrics;

namespace Weir.Routing.Stages;

/// <summary>What a rule of <c>stage.truncate</c> cuts.</summary>
public enum TruncateSource
{
    Line,
    Label,
    StructuredMetadata,
    Extracted,
}

/// <summary>Block <c>stage.truncate</c>: cuts what is too long.</summary>
[BlockName("stage.truncate")]
public sealed record TruncateOptions : IStageOptions, IValidated
{
    /// <summary>Applied in order.</summary>
    [Block("rule", Required = true)]
    public IReadOnlyList<TruncateRule> Rules { get; init; } = [];

    public void Validate(OptionProblems problems)
    {
        if (Rules.Count == 0) problems.Add("rule", "is missing", "give at least one: rule { limit = \"8KiB\" }");
    }

    public Stage Compile(StageCompiler compiler) => new TruncateStage(
        [.. Rules.Select(rule => rule.Compile(compiler))],
        new TruncationMarks(compiler.Slots.Add(TruncationMarks.Name)));
}

/// <summary>Block <c>rule</c> of <c>stage.truncate</c>.</summary>
public sealed record TruncateRule : IValidated
{
    /// <summary>Bytes that are left at the most, the suffix among them.</summary>
    [Argument("limit", Required = true)]
    public ByteSize Limit { get; init; }

    /// <summary>Put behind what was cut.</summary>
    [Argument("suffix")]
    public string Suffix { get; init; } = "";

    /// <summary>Names of labels, metadata or extracted values; none for all.</summary>
    [Argument("sources")]
    public IReadOnlyList<string> Sources { get; init; } = [];

    [Argument("source_type")]
    public TruncateSource SourceType { get; init; }

    public void Validate(OptionProblems problems)
    {
        if (Limit.Bytes <= 0) problems.Add("limit", "must be greater than 0");
        else if (Encoding.UTF8.GetByteCount(Suffix) >= Limit.Bytes)
            problems.Add("suffix", "must be shorter than limit", "raise limit, or shorten suffix");
        if (SourceType == TruncateSource.Line && Sources.Count > 0)
        {
            problems.Add("sources", "have no place in a rule for the line",
                "leave them out, or set source_type to \"label\", \"structured_metadata\" or \"extracted\"");
        }
    }

    internal Truncation Compile(StageCompiler compiler)
    {
        var cut = new TextCut((int)Math.Min(Limit.Bytes, int.MaxValue), Encoding.UTF8.GetBytes(Suffix));
        var field = SourceType switch
        {
            TruncateSource.Line => "line",
            TruncateSource.Label => "label",
            TruncateSource.StructuredMetadata => "structured_metadata",
            _ => "extracted",
        };
        var count = compiler.Truncated(field);
        return SourceType switch
        {
            TruncateSource.Line => new LineTruncation(cut, count),
            TruncateSource.Label => new LabelTruncation(
                new LabelSetAnswers<LabelCut>(new LabelCuts(compiler.Labels, cut, Sources).Of), count),
            TruncateSource.StructuredMetadata =>
                new MetadataTruncation(cut, [.. Sources.Select(Encoding.UTF8.GetBytes)], count),
            _ => new ValueTruncation(cut, [.. Sources.Select(compiler.Slots.Add)],
                compiler.Slots.Add(TruncationMarks.Name), count),
        };
    }
}

/// <summary>Cuts a text to bytes, behind a whole character.</summary>
internal sealed class TextCut(int limit, byte[] suffix)
{
    private const int ContinuationsMax = 3;

    private readonly int _kept = limit - suffix.Length;

    public byte[] Suffix => suffix;

    /// <summary>Also a text that would fit without the suffix is cut: room for it is always kept.</summary>
    public bool IsTooLong(int length) => length > _kept;

    /// <summary>Bytes to keep of a text that is too long: the limit, or a little less so that no character is torn.
    /// </summary>
    public int LengthOf(ReadOnlySpan<byte> text)
    {
        for (var back = 0; back <= ContinuationsMax && back <= _kept; back++)
            if ((text[_kept - back] & 0xc0) != 0x80) return _kept - back;
        return _kept;
    }

    /// <summary>Adds the cut text to the arena.</summary>
    public ExtractedValue Cut(LogBatch lines, int start, int length)
    {
        var kept = LengthOf(lines.Bytes.Slice(start, length));
        var cut = lines.Append(lines.Bytes.Slice(start, kept));
        lines.Append(suffix);
        return ExtractedValue.Text(cut, kept + suffix.Length);
    }
}

/// <summary>Notes in the extracted value <c>truncated</c> which fields of an entry were cut: their names, sorted, with
/// commas between, beside those that it names already.</summary>
internal sealed class TruncationMarks(int slot)
{
    public const string Name = "truncated";

    private static readonly string[] Fields = ["extracted", "label", "line", "structured_metadata"];

    private static readonly byte[][] Texts =
    [
        .. Enumerable.Range(0, 1 << Fields.Length).Select(set => Encoding.UTF8.GetBytes(
            string.Join(',', Fields.Where((_, field) => (set >> field & 1) != 0)))),
    ];

    /// <param name="field">As the rule names it.</param>
    public static int SetOf(string field) => 1 << Array.IndexOf(Fields, field);

    public void Mark(StageBatch batch, int entry, int set)
    {
        var known = batch.Get(entry, slot);
        if (known.Kind == ExtractedKind.String && !TryRead(batch.Text(known), ref set))
        {
            MarkBeside(batch, entry, known, set);
            return;
        }

        batch.Set(entry, slot, ExtractedValue.Text(batch.Lines.Append(Texts[set]), Texts[set].Length));
    }

    /// <returns>False when the text names what no rule cuts.</returns>
    private static bool TryRead(ReadOnlySpan<byte> text, ref int set)
    {
        for (var known = 1; known < Texts.Length; known++)
        {
            if (!text.SequenceEqual(Texts[known])) continue;
            set |= known;
            return true;
        }

        return false;
    }

    private void MarkBeside(StageBatch batch, int entry, ExtractedValue known, int set)
    {
        var names = Encoding.UTF8.GetString(batch.Text(known)).Split(',')
            .Concat(Fields.Where((_, field) => (set >> field & 1) != 0));
        var text = Encoding.UTF8.GetBytes(
            string.Join(',', names.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)));
        batch.Set(entry, slot, ExtractedValue.Text(batch.Lines.Append(text), text.Length));
    }
}

/// <summary>One rule, compiled.</summary>
internal abstract class Truncation(string field, Metric count)
{
    /// <summary>What it adds to an entry's marks.</summary>
    public int Field { get; } = TruncationMarks.SetOf(field);

    public Metric Count => count;

    /// <returns>How many texts of the entry were cut.</returns>
    public abstract int Apply(StageBatch batch, int entry);
}

internal sealed class TruncateStage(Truncation[] rules, TruncationMarks marks) : Stage
{
    public override void Apply(StageBatch batch)
    {
        foreach (var rule in rules)
        {
            var total = 0;
            foreach (var entry in batch.Live)
            {
                var cut = rule.Apply(batch, entry);
                if (cut == 0) continue;
                total += cut;
                marks.Mark(batch, entry, rule.Field);
            }

            if (total > 0) rule.Count.Add(total);
        }
    }
}

internal sealed class LineTruncation(TextCut cut, Metric count) : Truncation("line", count)
{
    public override int Apply(StageBatch batch, int entry)
    {
        ref var target = ref batch.Lines[entry];
        if (!cut.IsTooLong(target.LineLength)) return 0;
        if (cut.Suffix.Length == 0)
        {
            target.LineLength = cut.LengthOf(batch.Lines.Line(target));
            return 1;
        }

        var text = cut.Cut(batch.Lines, target.LineStart, target.LineLength);
        (target.LineStart, target.LineLength) = (text.Start, text.Length);
        return 1;
    }
}

internal sealed class LabelTruncation(LabelSetAnswers<LabelCut> cuts, Metric count) : Truncation("label", count)
{
    public override int Apply(StageBatch batch, int entry)
    {
        ref var labels = ref batch.Lines[entry].Labels;
        var cut = cuts.Of(labels);
        labels = cut.To;
        return cut.Count;
    }
}

/// <summary>Which set becomes which when its labels are cut. Safe from any thread.</summary>
/// <param name="names">None for all.</param>
internal sealed class LabelCuts(LabelSets sets, TextCut cut, IReadOnlyList<string> names)
{
    public LabelCut Of(LabelSet from)
    {
        var (to, count) = (from, 0);
        foreach (var label in from.Labels)
        {
            if (names.Count > 0 && !names.Contains(label.Name)) continue;
            var text = Encoding.UTF8.GetBytes(label.Value);
            if (!cut.IsTooLong(text.Length)) continue;
            count++;
            to = sets.With(to, label.Name,
                Encoding.UTF8.GetString([.. text.AsSpan(0, cut.LengthOf(text)), .. cut.Suffix]));
        }

        return new LabelCut(to, count);
    }
}

internal sealed record LabelCut(LabelSet To, int Count);

/// <param name="names">None for all.</param>
internal sealed class MetadataTruncation(TextCut cut, byte[][] names, Metric count)
    : Truncation("structured_metadata", count)
{
    // The lengths of a value and of its pair.
    private const int VarintGrowthMax = 8;

    public override int Apply(StageBatch batch, int entry)
    {
        ref var target = ref batch.Lines[entry];
        if (target.MetadataLength == 0) return 0;
        var total = CountTooLong(batch.Lines.Metadata(target));
        if (total == 0) return 0;
        // A suffix can make a value longer, and so its length's varint. One cut value at a time is built behind all.
        var most = target.MetadataLength + total * (cut.Suffix.Length + VarintGrowthMax);
        var to = batch.Lines.Reserve(most + target.MetadataLength + cut.Suffix.Length).Span;
        var scratch = to[most..];
        var pairs = new MetadataReader(batch.Lines.Metadata(target));
        var written = 0;
        while (pairs.Read())
        {
            var value = pairs.Value;
            if (Cuts(pairs.Name, value))
            {
                var kept = cut.LengthOf(value);
                value[..kept].CopyTo(scratch);
                cut.Suffix.CopyTo(scratch[kept..]);
                value = scratch[..(kept + cut.Suffix.Length)];
            }

            written += PushRequestWriter.WriteMetadata(to[written..], pairs.Name, value);
        }

        target.MetadataStart = batch.Lines.Advance(written);
        target.MetadataLength = written;
        return total;
    }

    private int CountTooLong(ReadOnlySpan<byte> metadata)
    {
        var pairs = new MetadataReader(metadata);
        var count = 0;
        while (pairs.Read())
            if (Cuts(pairs.Name, pairs.Value)) count++;
        return count;
    }

    private bool Cuts(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (!cut.IsTooLong(value.Length)) return false;
        foreach (var wanted in names)
            if (name.SequenceEqual(wanted)) return true;
        return names.Length == 0;
    }
}

/// <summary>Numbers, truths and nothing are not cut.</summary>
/// <param name="slots">None for all names that the pipeline mentions, but for the marks.</param>
/// <param name="marks">The slot of the marks.</param>
internal sealed class ValueTruncation(TextCut cut, int[] slots, int marks, Metric count)
    : Truncation("extracted", count)
{
    public override int Apply(StageBatch batch, int entry)
    {
        var total = 0;
        foreach (var slot in slots) total += Cut(batch, entry, slot);
        if (slots.Length > 0) return total;
        for (var slot = 0; slot < batch.Slots.Count; slot++)
            if (slot != marks) total += Cut(batch, entry, slot);
        return total;
    }

    private int Cut(StageBatch batch, int entry, int slot)
    {
        var value = batch.Get(entry, slot);
        if (value.Kind != ExtractedKind.String || !cut.IsTooLong(value.Length)) return 0;
        batch.Set(entry, slot, cut.Cut(batch.Lines, value.Start, value.Length));
        return 1;
    }
}
