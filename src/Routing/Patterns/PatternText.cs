using System.Runtime.CompilerServices;

namespace Weir.Routing.Patterns;

/// <summary>Reading valid UTF-8 a code point at a time, and what assertions see between two of them.</summary>
internal static class PatternText
{
    /// <summary>No code point: the text's start or end.</summary>
    public const int None = -1;

    /// <summary>The code point at a place before the end.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int RuneAt(ReadOnlySpan<byte> text, int at, out int length)
    {
        int lead = text[at];
        if (lead < 0x80)
        {
            length = 1;
            return lead;
        }

        return LongRuneAt(text, at, out length);
    }

    /// <summary>The code point that ends at a place after the start.</summary>
    public static int RuneBefore(ReadOnlySpan<byte> text, int at, out int length)
    {
        int last = text[at - 1];
        if (last < 0x80)
        {
            length = 1;
            return last;
        }

        var start = at - 1;
        while (start > 0 && (text[start] & 0xC0) == 0x80) start--;
        return LongRuneAt(text, start, out length);
    }

    /// <summary>Whether an assertion holds between two code points.</summary>
    public static bool Holds(Look look, int before, int after) => look switch
    {
        Look.TextStart => before == None,
        Look.TextEnd => after == None,
        Look.LineStart => before is None or '\n',
        Look.LineEnd => after is None or '\n',
        Look.WordBoundary => IsWord(before) != IsWord(after),
        _ => IsWord(before) == IsWord(after),
    };

    public static bool Holds(Look look, ReadOnlySpan<byte> text, int at) => Holds(look,
        at > 0 ? RuneBefore(text, at, out _) : None, at < text.Length ? RuneAt(text, at, out _) : None);

    public static bool IsWord(int rune) =>
        rune is (>= '0' and <= '9') or (>= 'A' and <= 'Z') or '_' or (>= 'a' and <= 'z');

    private static int LongRuneAt(ReadOnlySpan<byte> text, int at, out int length)
    {
        int lead = text[at];
        if (lead < 0xE0)
        {
            length = 2;
            return (lead & 0x1F) << 6 | text[at + 1] & 0x3F;
        }

        if (lead < 0xF0)
        {
            length = 3;
            return (lead & 0x0F) << 12 | (text[at + 1] & 0x3F) << 6 | text[at + 2] & 0x3F;
        }

        length = 4;
        return (lead & 0x07) << 18 | (text[at + 1] & 0x3F) << 12 | (text[at + 2] & 0x3F) << 6 | text[at + 3] & 0x3F;
    }
}
