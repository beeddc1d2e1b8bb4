using System.Text;
using Weir.Protocol.Loki;
using Weir.Routing.Language;

namespace Weir.Routing.Stages;

/// <summary>Block <c>stage.structured_metadata_drop</c>: structured metadata to remove, by name.</summary>
[BlockName("stage.structured_metadata_drop")]
public sealed record StructuredMetadataDropOptions : IStageOptions, IValidated
{
    [Argument("values", Required = true)]
    public IReadOnlyList<string> Values { get; init; } = [];

    public void Validate(OptionProblems problems)
    {
        if (Values.Count == 0) problems.Add("values", "names nothing", "list the names to remove");
    }

    public Stage Compile(StageCompiler compiler) =>
        new StructuredMetadataDropStage([.. Values.Select(Encoding.UTF8.GetBytes)]);
}

internal sealed class StructuredMetadataDropStage(byte[][] names) : Stage
{
    public override void Apply(StageBatch batch)
    {
        foreach (var entry in batch.Live)
        {
            ref var target = ref batch.Lines[entry];
            if (target.MetadataLength == 0 || !HasAny(batch.Lines.Metadata(target))) continue;
            // What is left is never longer, so the arena does not move below.
            var to = batch.Lines.Reserve(target.MetadataLength).Span;
            var pairs = new MetadataReader(batch.Lines.Metadata(target));
            var written = 0;
            while (pairs.Read())
            {
                if (!IsDropped(pairs.Name))
                    written += PushRequestWriter.WriteMetadata(to[written..], pairs.Name, pairs.Value);
            }

            target.MetadataStart = batch.Lines.Advance(written);
            target.MetadataLength = written;
        }
    }

    private bool HasAny(ReadOnlySpan<byte> metadata)
    {
        var pairs = new MetadataReader(metadata);
        while (pairs.Read())
            if (IsDropped(pairs.Name)) return true;
        return false;
    }

    private bool IsDropped(ReadOnlySpan<byte> name)
    {
        foreach (var dropped in names)
            if (name.SequenceEqual(dropped)) return true;
        return false;
    }
}
