using System.Text;
using Weir.Protocol.Batches;
using Weir.Routing.Language;
using Weir.Routing.Patterns;

namespace Weir.Routing.Stages;

/// <summary>Block <c>stage.structured_metadata</c>: extracted values and labels become structured metadata.</summary>
[BlockName("stage.structured_metadata")]
public sealed record StructuredMetadataOptions : IStageOptions, IValidated
{
    /// <summary>Name in the metadata to source; null or "" means the source of the same name.</summary>
    [Argument("values")]
    public IReadOnlyDictionary<string, string?> Values { get; init; } = new Dictionary<string, string?>();

    /// <summary>Extracted names and labels to take under their own names; "" for none.</summary>
    [Argument("regex")]
    public string Regex { get; init; } = "";

    public void Validate(OptionProblems problems)
    {
        LabelNames.Check("values", Values.Keys, problems);
        StagePatterns.Check("regex", Regex, problems);
    }

    public Stage Compile(StageCompiler compiler)
    {
        var sources = Values.OrderBy(pair => pair.Key, StringComparer.Ordinal)
            .Select(pair => (Name: pair.Key, Source: string.IsNullOrEmpty(pair.Value) ? pair.Key : pair.Value))
            .ToArray();
        var regex = Regex.Length == 0 ? null : GoRegex.Compile(Regex);
        return new StructuredMetadataStage(
            Array.ConvertAll(sources, pair => (Encoding.UTF8.GetBytes(pair.Name), compiler.Slots.Add(pair.Source))),
            regex,
            new LabelSetAnswers<LabelMove>(new LabelMoves(compiler.Labels, sources, regex).Of));
    }
}

/// <summary>
/// Adds to the metadata that an entry has, each name once. Labels that are taken leave the label set. What has no
/// text, or no valid UTF-8, is not taken.
/// </summary>
internal sealed class StructuredMetadataStage(
    (byte[] Name, int Slot)[] sources, GoRegex? regex, LabelSetAnswers<LabelMove> moves) : Stage
{
    public override void Apply(StageBatch batch)
    {
        foreach (var entry in batch.Live)
        {
            var metadata = new MetadataAppender(batch, entry);
            foreach (var (name, slot) in sources) metadata.TryAdd(name, batch.Get(entry, slot));
            if (regex is not null) TakeMatching(batch, entry, ref metadata);
            var moved = moves.Of(batch.Lines[entry].Labels);
            foreach (var (name, value) in moved.Taken) metadata.TryAdd(name, value);
            batch.Lines[entry].Labels = moved.Left;
        }
    }

    private void TakeMatching(StageBatch batch, int entry, ref MetadataAppender metadata)
    {
        for (var slot = 0; slot < batch.Slots.Count; slot++)
        {
            var name = batch.Slots.Utf8Of(slot);
            if (regex!.IsMatch(name)) metadata.TryAdd(name, batch.Get(entry, slot));
        }

        var cursor = 0;
        while (batch.NextNamed(entry, ref cursor, out var named))
        {
            if (regex!.IsMatch(batch.Lines.Bytes.Slice(named.NameStart, named.NameLength)))
                metadata.TryAdd(named.NameStart, named.NameLength, named.Value);
        }

        // Labels with which the entry came and that a stage has removed since are extracted values still.
        foreach (var (name, value) in moves.Of(batch.OriginOf(entry)).Taken) metadata.TryAdd(name, value);
    }
}

/// <summary>Which labels of a set become metadata, and the set without them. Safe from any thread.</summary>
internal sealed class LabelMoves(LabelSets sets, (string Name, string Source)[] sources, GoRegex? regex)
{
    public LabelMove Of(LabelSet from)
    {
        var left = from;
        var taken = new List<(byte[] Name, byte[] Value)>();
        foreach (var label in from.Labels)
        {
            var value = Encoding.UTF8.GetBytes(label.Value);
            var isTaken = false;
            foreach (var (name, source) in sources)
            {
                if (source != label.Name) continue;
                isTaken = true;
                taken.Add((Encoding.UTF8.GetBytes(name), value));
            }

            if (!isTaken && regex?.IsMatch(label.Name) == true)
            {
                isTaken = true;
                taken.Add((Encoding.UTF8.GetBytes(label.Name), value));
            }

            if (isTaken) left = sets.Without(left, label.Name);
        }

        return new LabelMove(left, [.. taken]);
    }
}

/// <param name="Taken">In UTF-8.</param>
internal sealed record LabelMove(LabelSet Left, (byte[] Name, byte[] Value)[] Taken);
