using System.Buffers;
using Weir.Routing.Metrics;

namespace Weir.Routing.Stages;

/// <summary>Reads all wanted keys of a line in one pass; copies nothing but what has escapes or another number format.</summary>
/// <param name="source">Slot to read, -1 for the line.</param>
/// <param name="plain">Slot and token of each key or dotted path.</param>
/// <param name="dropped">Null where malformed lines pass unchanged.</param>
internal sealed class JsonStage(
    int source, JsonPaths paths, (int Slot, int Leaf)[] plain, Metric? dropped, Metric failed) : Stage
{
    public override void Apply(StageBatch batch)
    {
        var tokens = ArrayPool<JsonToken>.Shared.Rent(paths.Count + 1);
        var found = tokens.AsSpan(0, paths.Count);
        var (kept, malformed) = (0, 0);
        var live = batch.Live;
        foreach (var entry in live)
        {
            if (batch.TryInput(entry, source, out var input) && !TryExtract(batch, entry, input, found))
            {
                malformed++;
                if (dropped is not null) continue;
            }

            live[kept++] = entry;
        }

        batch.Truncate(kept);
        ArrayPool<JsonToken>.Shared.Return(tokens);
        if (malformed > 0) (dropped ?? failed).Add(malformed);
    }

    private bool TryExtract(StageBatch batch, int entry, ExtractedValue input, Span<JsonToken> tokens)
    {
        var text = batch.Text(input);
        if (!new JsonScanner(text, tokens).TryScan(paths.Root) && !JsonValues.IsNull(text)) return false;
        foreach (var (slot, leaf) in plain)
            batch.Set(entry, slot, JsonValues.Take(batch, input.Start, tokens[leaf]));
        return true;
    }
}
