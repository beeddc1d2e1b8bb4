using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace Weir.Node.Sources;

/// <summary>Fields are bytes of any kind; what is delivered is UTF-8.</summary>
internal static class FieldText
{
    // A replacement takes three bytes, and may stand for a single one.
    private const int GrowthMax = 3;

    /// <summary>Copies a value, with U+FFFD where it is no UTF-8.</summary>
    /// <returns>Bytes that were replaced.</returns>
    public static long Append(ReadOnlySpan<byte> value, IBufferWriter<byte> to)
    {
        if (Utf8.IsValid(value))
        {
            to.Write(value);
            return 0;
        }

        var invalid = Clean(value, to.GetSpan(value.Length * GrowthMax), out var length);
        to.Advance(length);
        return invalid;
    }

    /// <summary>Writes a value that is no UTF-8 as one.</summary>
    /// <param name="to">Three times as long as the value.</param>
    /// <returns>Bytes that were replaced.</returns>
    public static long Clean(ReadOnlySpan<byte> value, Span<byte> to, out int length)
    {
        var invalid = 0L;
        length = 0;
        while (!value.IsEmpty)
        {
            if (Rune.DecodeFromUtf8(value, out var rune, out var consumed) != OperationStatus.Done) invalid += consumed;
            length += rune.EncodeToUtf8(to[length..]);
            value = value[consumed..];
        }

        return invalid;
    }

    /// <returns>The most bytes that make no more than <paramref name="bytesMax"/> and cut no character.</returns>
    public static int CutAt(ReadOnlySpan<byte> text, int bytesMax)
    {
        if (text.Length <= bytesMax) return text.Length;
        var cut = bytesMax;
        while (cut > bytesMax - 3 && (text[cut] & 0xc0) == 0x80) cut--;
        return cut;
    }
}
