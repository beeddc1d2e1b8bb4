using System.Buffers;
using Weir.Routing.Language;
using Weir.Routing.Patterns;

namespace Weir.Routing.Stages;

/// <summary>Block <c>stage.decolorize</c>: removes terminal escape sequences from the line.</summary>
[BlockName("stage.decolorize")]
public sealed record DecolorizeOptions : IStageOptions
{
    public Stage Compile(StageCompiler compiler) => new DecolorizeStage();
}

internal sealed class DecolorizeStage : Stage
{
    // CSI and OSC sequences, begun by ESC or by the one-character CSI.
    private static readonly GoRegex Sequence = GoRegex.Compile(
        "[\\x{1B}\\x{9B}][\\[\\]()#;?]*(?:(?:(?:[a-zA-Z\\d]*(?:;[a-zA-Z\\d]*)*)?\\x07)"
        + "|(?:(?:\\d{1,4}(?:;\\d{0,4})*)?[\\dA-PR-TZcf-ntqry=><~]))");

    public override void Apply(StageBatch batch)
    {
        var bounds = ArrayPool<int>.Shared.Rent(Sequence.BoundsEach);
        foreach (var entry in batch.Live)
        {
            ref var target = ref batch.Lines[entry];
            var line = batch.Lines.Line(target);
            // Nearly every line has none: 0x1B, or 0xC2 0x9B.
            if (line.IndexOfAny((byte)0x1b, (byte)0x9b) < 0) continue;
            var to = batch.Lines.Reserve(line.Length).Span;
            var written = Strip(batch.Lines.Line(target), to, bounds.AsSpan(0, Sequence.BoundsEach));
            if (written == target.LineLength) continue;
            target.LineStart = batch.Lines.Advance(written);
            target.LineLength = written;
        }

        ArrayPool<int>.Shared.Return(bounds);
    }

    private static int Strip(ReadOnlySpan<byte> line, Span<byte> to, Span<int> bounds)
    {
        var (written, kept) = (0, 0);
        using var search = Sequence.Search(line);
        while (search.TryNext(bounds))
        {
            line[kept..bounds[0]].CopyTo(to[written..]);
            written += bounds[0] - kept;
            kept = bounds[1];
        }

        line[kept..].CopyTo(to[written..]);
        return written + line.Length - kept;
    }
}
