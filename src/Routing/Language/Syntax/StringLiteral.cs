using System.Buffers;
using System.Globalization;
using System.Text;

namespace Weir.Routing.Language;

/// <summary>Decodes and encodes the strings of the language (Go's escape sequences).</summary>
public static class StringLiteral
{
    /// <summary>Decodes the inside of a double-quoted string.</summary>
    /// <param name="inside">The characters between the quotes.</param>
    /// <param name="value">The decoded text; empty when false is returned.</param>
    /// <param name="wrong">Where in <paramref name="inside"/> the escape sequence begins that does not exist.</param>
    public static bool TryDecode(ReadOnlySpan<char> inside, out string value, out int wrong)
    {
        wrong = -1;
        if (!inside.Contains('\\'))
        {
            value = inside.ToString();
            return true;
        }
        // \x and \NNN name bytes, which together may spell one character: hence UTF-8 in between.
        var utf8 = new ArrayBufferWriter<byte>(inside.Length);
        value = "";
        for (var at = 0; at < inside.Length;)
        {
            var run = inside[at..].IndexOf('\\');
            if (run < 0) run = inside.Length - at;
            Encoding.UTF8.GetBytes(inside.Slice(at, run), utf8);
            at += run;
            if (at == inside.Length) break;
            var length = DecodeEscape(inside[at..], utf8);
            if (length == 0)
            {
                wrong = at;
                return false;
            }
            at += length;
        }
        value = Encoding.UTF8.GetString(utf8.WrittenSpan);
        return true;
    }

    /// <summary>Writes a text as a double-quoted literal that decodes to the same text.</summary>
    public static string Encode(string text)
    {
        var literal = new StringBuilder(text.Length + 2).Append('"');
        foreach (var character in text)
        {
            _ = character switch
            {
                '"' => literal.Append("\\\""),
                '\\' => literal.Append("\\\\"),
                '\n' => literal.Append("\\n"),
                '\r' => literal.Append("\\r"),
                '\t' => literal.Append("\\t"),
                _ when char.IsControl(character) || character == '\uFEFF'
                    => literal.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}"),
                _ => literal.Append(character),
            };
        }
        return literal.Append('"').ToString();
    }

    /// <summary>Whether a text is a name: a letter or underscore, then letters, digits and underscores.</summary>
    public static bool IsIdentifier(ReadOnlySpan<char> text)
    {
        if (text.IsEmpty) return false;
        var first = true;
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.Value != '_' && !Rune.IsLetter(rune) && (first || !Rune.IsDigit(rune))) return false;
            first = false;
        }
        return true;
    }

    // Returns the characters consumed, 0 when the sequence does not exist.
    private static int DecodeEscape(ReadOnlySpan<char> text, ArrayBufferWriter<byte> utf8)
    {
        if (text.Length < 2) return 0;
        var simple = text[1] switch
        {
            'a' => '\a',
            'b' => '\b',
            'f' => '\f',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'v' => '\v',
            '\\' => '\\',
            '"' => '"',
            '\'' => '\'',
            _ => '\0',
        };
        if (simple != '\0')
        {
            utf8.Write([(byte)simple]);
            return 2;
        }
        return text[1] switch
        {
            'x' => DecodeByte(text, 2, 2, 16, utf8),
            >= '0' and <= '7' => DecodeByte(text, 1, 3, 8, utf8),
            'u' => DecodeRune(text, 4, utf8),
            'U' => DecodeRune(text, 8, utf8),
            _ => 0,
        };
    }

    private static int DecodeByte(ReadOnlySpan<char> text, int start, int digits, int radix,
        ArrayBufferWriter<byte> utf8)
    {
        if (!TryParseDigits(text, start, digits, radix, out var value) || value > byte.MaxValue) return 0;
        utf8.Write([(byte)value]);
        return start + digits;
    }

    private static int DecodeRune(ReadOnlySpan<char> text, int digits, ArrayBufferWriter<byte> utf8)
    {
        if (!TryParseDigits(text, 2, digits, 16, out var value) || !Rune.IsValid(value)) return 0;
        Span<byte> bytes = stackalloc byte[4];
        utf8.Write(bytes[..new Rune(value).EncodeToUtf8(bytes)]);
        return 2 + digits;
    }

    private static bool TryParseDigits(ReadOnlySpan<char> text, int start, int digits, int radix, out uint value)
    {
        value = 0;
        if (text.Length < start + digits) return false;
        foreach (var character in text.Slice(start, digits))
        {
            if (!char.IsAsciiHexDigit(character)) return false;
            var digit = (uint)Convert.ToInt32(character.ToString(), 16);
            if (digit >= radix) return false;
            value = value * (uint)radix + digit;
        }
        return true;
    }
}
