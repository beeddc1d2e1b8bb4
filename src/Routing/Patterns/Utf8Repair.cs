using System.Buffers;
using System.Text;

namespace Weir.Routing.Patterns;

/// <summary>
/// A copy of a text in which each byte that is no UTF-8 reads as U+FFFD, which is how Go's patterns see it.
/// </summary>
internal sealed class Utf8Repair
{
    private byte[] _clean = [];

    public ReadOnlyMemory<byte> Clean { get; private set; }

    public void Take(ReadOnlySpan<byte> text)
    {
        if (_clean.Length < text.Length * 3) _clean = new byte[text.Length * 3];
        var length = 0;
        while (text.Length > 0)
        {
            var consumed = Step(text, out var rune);
            length += rune.EncodeToUtf8(_clean.AsSpan(length));
            text = text[consumed..];
        }

        Clean = _clean.AsMemory(0, length);
    }

    /// <summary>
    /// Where a place of the clean copy lies in the text, counted from a pair of places that correspond.
    /// </summary>
    public static int TextOffset(ReadOnlySpan<byte> text, int textFrom, int cleanFrom, int clean)
    {
        while (cleanFrom < clean)
        {
            textFrom += Step(text[textFrom..], out var rune);
            cleanFrom += rune.Utf8SequenceLength;
        }

        return textFrom;
    }

    private static int Step(ReadOnlySpan<byte> text, out Rune rune) =>
        Rune.DecodeFromUtf8(text, out rune, out var consumed) == OperationStatus.Done ? consumed : 1;
}
