using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace Weir.Routing.Stages;

/// <summary>Texts of JSON values that the grammar allows: strings without their escapes, numbers as Go prints
/// them.</summary>
internal static class JsonText
{
    /// <summary>Longest number that <see cref="FormatNumber"/> makes: 309 digits, or a sign, "0." and 340 of a
    /// fraction.</summary>
    public const int NumberBytesMax = 400;

    private const int DigitsExactMax = 15;

    /// <summary>Decodes the escapes of a string; half a surrogate pair becomes U+FFFD.</summary>
    /// <param name="to">At least as long as the string.</param>
    /// <returns>Bytes written.</returns>
    public static int Unescape(ReadOnlySpan<byte> text, Span<byte> to)
    {
        var written = 0;
        while (true)
        {
            var plain = text.IndexOf((byte)'\\');
            if (plain < 0) plain = text.Length;
            text[..plain].CopyTo(to[written..]);
            written += plain;
            if (plain == text.Length) return written;
            text = text[(plain + 1)..];
            if (text[0] == 'u')
            {
                written += UnescapeUnit(ref text, to[written..]);
                continue;
            }

            to[written++] = text[0] switch
            {
                (byte)'b' => (byte)'\b',
                (byte)'f' => (byte)'\f',
                (byte)'n' => (byte)'\n',
                (byte)'r' => (byte)'\r',
                (byte)'t' => (byte)'\t',
                var itself => itself,
            };
            text = text[1..];
        }
    }

    /// <summary>The text is as Go would print the number: no exponent, nothing to round, no zero too many.</summary>
    public static bool IsCanonicalNumber(ReadOnlySpan<byte> number)
    {
        if (number.Length > DigitsExactMax) return false;
        var dot = number.IndexOf((byte)'.');
        if (dot < 0) return number.IndexOfAny((byte)'e', (byte)'E') < 0;
        return number[^1] != '0' && number.IndexOfAny((byte)'e', (byte)'E') < 0;
    }

    /// <summary>Prints a number as Go's shortest decimal without an exponent.</summary>
    /// <returns>Bytes written; 0 when it is beyond a double's range.</returns>
    public static int FormatNumber(ReadOnlySpan<byte> number, Span<byte> to)
    {
        if (!Utf8Parser.TryParse(number, out double value, out _) || !double.IsFinite(value)) return 0;
        return FormatNumber(value, to);
    }

    /// <summary>Prints a finite number as Go's shortest decimal without an exponent.</summary>
    public static int FormatNumber(double value, Span<byte> to)
    {
        Span<byte> shortest = stackalloc byte[32];
        value.TryFormat(shortest, out var length, "R", CultureInfo.InvariantCulture);
        var text = shortest[..length];
        var mark = text.IndexOf((byte)'E');
        if (mark < 0)
        {
            text.CopyTo(to);
            return length;
        }

        var exponent = int.Parse(text[(mark + 1)..], CultureInfo.InvariantCulture);
        return Expand(text[..mark], exponent, to);
    }

    /// <summary>Copies a container without the white space between its tokens.</summary>
    /// <param name="to">At least as long as the text.</param>
    /// <returns>Bytes written.</returns>
    public static int Compact(ReadOnlySpan<byte> json, Span<byte> to)
    {
        var (written, inString, escaped) = (0, false, false);
        foreach (var unit in json)
        {
            if (!inString && unit <= ' ') continue;
            to[written++] = unit;
            if (unit == '"' && !escaped) inString = !inString;
            escaped = inString && unit == '\\' && !escaped;
        }

        return written;
    }

    /// <summary>Writes <c>d.ddd</c> times ten to the exponent in plain digits.</summary>
    private static int Expand(ReadOnlySpan<byte> mantissa, int exponent, Span<byte> to)
    {
        var written = 0;
        if (mantissa[0] == '-')
        {
            to[written++] = (byte)'-';
            mantissa = mantissa[1..];
        }

        Span<byte> digits = stackalloc byte[32];
        var count = 0;
        foreach (var unit in mantissa)
            if (unit != '.') digits[count++] = unit;
        if (exponent < 0)
        {
            "0."u8.CopyTo(to[written..]);
            written += 2;
            to.Slice(written, -exponent - 1).Fill((byte)'0');
            written += -exponent - 1;
            digits[..count].CopyTo(to[written..]);
            return written + count;
        }

        var whole = Math.Min(count, exponent + 1);
        digits[..whole].CopyTo(to[written..]);
        written += whole;
        to.Slice(written, exponent + 1 - whole).Fill((byte)'0');
        written += exponent + 1 - whole;
        if (whole == count) return written;
        to[written++] = (byte)'.';
        digits[whole..count].CopyTo(to[written..]);
        return written + count - whole;
    }

    /// <summary>Decodes the escape whose <c>u</c> is next, and the second half of its pair.</summary>
    private static int UnescapeUnit(ref ReadOnlySpan<byte> text, Span<byte> to)
    {
        var unit = HexUnit(text.Slice(1, 4));
        text = text[5..];
        if (!char.IsSurrogate(unit)) return new Rune(unit).EncodeToUtf8(to);
        if (char.IsHighSurrogate(unit) && text.StartsWith("\\u"u8) && char.IsLowSurrogate(HexUnit(text.Slice(2, 4))))
        {
            var low = HexUnit(text.Slice(2, 4));
            text = text[6..];
            return new Rune(unit, low).EncodeToUtf8(to);
        }

        return Rune.ReplacementChar.EncodeToUtf8(to);
    }

    private static char HexUnit(ReadOnlySpan<byte> digits)
    {
        var unit = 0;
        foreach (var digit in digits) unit = (unit << 4) | (digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10);
        return (char)unit;
    }
}
