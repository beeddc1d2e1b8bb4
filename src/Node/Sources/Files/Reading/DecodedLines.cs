using System.Buffers;
using System.Text;
using Weir.Protocol.Batches;

namespace Weir.Node.Sources.Files.Reading;

/// <summary>Cuts lines of an encoding other than UTF-8, and adds them as UTF-8.</summary>
internal static class DecodedLines
{
    /// <returns>Bytes up to and including the last line feed.</returns>
    public static int Split(
        LogBatch batch, ReadOnlySpan<byte> bytes, TextFormat format, LabelSet labels, long timestamp, long offset)
    {
        var from = 0;
        for (;;)
        {
            var end = format.IndexOfLineFeed(bytes[from..]);
            if (end < 0) return from;
            Add(batch, format, format.TrimCarriageReturn(bytes.Slice(from, end)), labels, timestamp++, offset + from);
            from += end + format.UnitBytes;
        }
    }

    public static void Add(
        LogBatch batch, TextFormat format, ReadOnlySpan<byte> line, LabelSet labels, long timestamp, long offset)
    {
        var characters = ArrayPool<char>.Shared.Rent(format.Encoding!.GetMaxCharCount(line.Length));
        var count = format.Encoding.GetChars(line, characters);
        var length = Encoding.UTF8.GetByteCount(characters.AsSpan(0, count));
        Encoding.UTF8.GetBytes(characters.AsSpan(0, count), batch.Reserve(length).Span);
        batch.Add(timestamp, labels, batch.Advance(length), length, offset);
        ArrayPool<char>.Shared.Return(characters);
    }
}
