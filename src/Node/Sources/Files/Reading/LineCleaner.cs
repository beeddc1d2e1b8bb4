using System.Buffers;
using System.Text;
using System.Text.Unicode;
using Weir.Protocol.Batches;

namespace Weir.Node.Sources.Files.Reading;

/// <summary>Leaves NUL bytes out of lines and replaces what is no UTF-8, in the few batches that hold such
/// bytes.</summary>
internal sealed class LineCleaner(FileCounters counters)
{
    // U+FFFD takes three bytes, and may replace a single one.
    private const int GrowthMax = 3;

    /// <param name="bytes">The bytes that the batch's lines lie in: checked as a whole, which is fast, before any line
    /// is.</param>
    public void Clean(LogBatch batch, ReadOnlySpan<byte> bytes)
    {
        var zeros = bytes.Contains((byte)0);
        if (!zeros && Utf8.IsValid(bytes)) return;
        var kept = ArrayPool<int>.Shared.Rent(batch.Count);
        var count = 0;
        for (var i = 0; i < batch.Count; i++)
        {
            var line = batch.Line(batch[i]);
            if (line.Contains((byte)0) || !Utf8.IsValid(line))
            {
                Rewrite(batch, i, line);
                if (batch[i].LineLength == 0) continue; // nothing but zero bytes: no line
            }

            kept[count++] = i;
        }

        if (count < batch.Count) batch.Keep(kept.AsSpan(0, count));
        ArrayPool<int>.Shared.Return(kept);
    }

    private void Rewrite(LogBatch batch, int index, ReadOnlySpan<byte> line)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(line.Length * GrowthMax);
        long zeros = 0, invalid = 0;
        var length = 0;
        while (!line.IsEmpty)
        {
            var status = Rune.DecodeFromUtf8(line, out var rune, out var consumed);
            if (rune.Value == 0) zeros++;
            else
            {
                if (status != OperationStatus.Done) invalid += consumed;
                length += rune.EncodeToUtf8(buffer.AsSpan(length));
            }

            line = line[consumed..];
        }

        ref var entry = ref batch[index];
        entry.LineLength = length;
        entry.LineStart = batch.Append(buffer.AsSpan(0, length));
        ArrayPool<byte>.Shared.Return(buffer);
        counters.ZeroBytes.Add(zeros);
        counters.InvalidBytes.Add(invalid);
    }
}
