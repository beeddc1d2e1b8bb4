using System.Text;
using Weir.Protocol.Loki;
using Weir.Routing.Language;

namespace Weir.Routing.Stages;

/// <summary>Where <c>stage.labels</c> takes its values from.</summary>
public enum LabelsSource
{
    /// <summary>What earlier stages extracted.</summary>
    Extracted,

    /// <summary>The entry's structured metadata.</summary>
    StructuredMetadata,
}

/// <summary>Block <c>stage.labels</c>: labels from extracted values or structured metadata.</summary>
[BlockName("stage.labels")]
public sealed record LabelsOptions : IStageOptions, IValidated
{
    /// <summary>Label to source; null or "" means the source of the same name.</summary>
    [Argument("values", Required = true)]
    public IReadOnlyDictionary<string, string?> Values { get; init; } = new Dictionary<string, string?>();

    [Argument("source_type")]
    public LabelsSource SourceType { get; init; }

    public void Validate(OptionProblems problems) => LabelNames.Check("values", Values.Keys, problems);

    public Stage Compile(StageCompiler compiler)
    {
        var sources = Values.OrderBy(pair => pair.Key, StringComparer.Ordinal)
            .Select(pair => (Label: pair.Key, Source: string.IsNullOrEmpty(pair.Value) ? pair.Key : pair.Value))
            .ToArray();
        var labels = Array.ConvertAll(sources, pair => compiler.Transitions(pair.Label));
        return SourceType == LabelsSource.StructuredMetadata
            ? new MetadataLabelsStage(labels, Array.ConvertAll(sources, pair => pair.Source))
            : new LabelsStage(labels, Array.ConvertAll(sources, pair => compiler.Slots.Add(pair.Source)));
    }
}

/// <summary>Sets labels from extracted values; what has no text, or no valid UTF-8, sets none.</summary>
internal sealed class LabelsStage(LabelTransitions[] labels, int[] slots) : Stage
{
    public override void Apply(StageBatch batch)
    {
        for (var i = 0; i < labels.Length; i++)
        {
            var (label, slot) = (labels[i], slots[i]);
            foreach (var entry in batch.Live)
            {
                var value = batch.Get(entry, slot);
                if (!value.HasText) continue;
                ref var target = ref batch.Lines[entry].Labels;
                target = label.Apply(target, batch.Text(value));
            }
        }
    }
}

/// <summary>Sets labels from structured metadata, which stays as it is.</summary>
internal sealed class MetadataLabelsStage(LabelTransitions[] labels, string[] names) : Stage
{
    private readonly byte[][] _names = Array.ConvertAll(names, Encoding.UTF8.GetBytes);

    public override void Apply(StageBatch batch)
    {
        foreach (var entry in batch.Live)
        {
            ref var target = ref batch.Lines[entry];
            if (target.MetadataLength == 0) continue;
            for (var i = 0; i < labels.Length; i++)
            {
                var pairs = new MetadataReader(batch.Lines.Metadata(target));
                while (pairs.Read())
                {
                    if (!pairs.Name.SequenceEqual(_names[i])) continue;
                    target.Labels = labels[i].Apply(target.Labels, pairs.Value);
                    break;
                }
            }
        }
    }
}
