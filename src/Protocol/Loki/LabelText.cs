using System.Buffers;
using System.Text;
using Weir.Protocol.Batches;

namespace Weir.Protocol.Loki;

/// <summary>The name of a stream as Loki writes it: <c>{a="b", c="d"}</c>, values quoted as in Go.</summary>
public static class LabelText
{
    /// <summary>Longest text read: 64 KiB. Loki's own limits (15 labels of 3 KiB) allow 45 KiB.</summary>
    public const int TextBytesMax = 64 * 1024;

    /// <summary>Most labels read from one text.</summary>
    public const int LabelsMax = 256;

    private const string Hexadecimal = "0123456789abcdef";

    // Rune.IsControl knows C0, DEL and C1; these two end a line for some terminals and are escaped by Go as well.
    private const int LineSeparator = 0x2028;
    private const int ParagraphSeparator = 0x2029;

    /// <summary>Writes labels in the order given: sorted by name wherever a stream's identity depends on it.</summary>
    public static void Write(ReadOnlySpan<Label> labels, IBufferWriter<byte> text)
    {
        text.Write("{"u8);
        for (var i = 0; i < labels.Length; i++)
        {
            if (i > 0) text.Write(", "u8);
            Encoding.UTF8.GetBytes(labels[i].Name, text);
            text.Write("="u8);
            WriteQuoted(labels[i].Value, text);
        }

        text.Write("}"u8);
    }

    /// <summary>Writes a value in double quotes, escaped as Go reads it back.</summary>
    public static void WriteQuoted(ReadOnlySpan<char> value, IBufferWriter<byte> text)
    {
        text.Write("\""u8);
        foreach (var rune in value.EnumerateRunes())
        {
            switch (rune.Value)
            {
                case '"': text.Write("\\\""u8); break;
                case '\\': text.Write("\\\\"u8); break;
                case '\n': text.Write("\\n"u8); break;
                case '\r': text.Write("\\r"u8); break;
                case '\t': text.Write("\\t"u8); break;
                case LineSeparator or ParagraphSeparator: WriteEscape(rune.Value, 4, 'u', text); break;
                case < 0x20 or 0x7f: WriteEscape(rune.Value, 2, 'x', text); break;
                case >= 0x80 and < 0xa0: WriteEscape(rune.Value, 4, 'u', text); break;
                default: text.Advance(rune.EncodeToUtf8(text.GetSpan(4))); break;
            }
        }

        text.Write("\""u8);
    }

    /// <summary>Whether a name is one that Loki takes: letters, digits and underscores, no digit first.</summary>
    public static bool IsName(ReadOnlySpan<byte> name)
    {
        foreach (var character in name)
        {
            if (!char.IsAsciiLetterOrDigit((char)character) && character != '_') return false;
        }

        return !name.IsEmpty && !char.IsAsciiDigit((char)name[0]);
    }

    /// <inheritdoc cref="IsName(ReadOnlySpan{byte})"/>
    public static bool IsName(ReadOnlySpan<char> name)
    {
        foreach (var character in name)
        {
            if (!char.IsAsciiLetterOrDigit(character) && character != '_') return false;
        }

        return !name.IsEmpty && !char.IsAsciiDigit(name[0]);
    }

    /// <summary>Reads the labels of a text in its own order.</summary>
    /// <param name="labels">Emptied first; holds what was read before a fault.</param>
    /// <param name="fault">What is wrong and at which byte, "" when all was read.</param>
    /// <returns>False when the text is malformed, names a label twice, or is above a limit.</returns>
    public static bool TryParse(ReadOnlySpan<byte> text, List<Label> labels, out string fault)
    {
        labels.Clear();
        if (text.Length > TextBytesMax)
        {
            fault = $"the labels take {text.Length} bytes, more than {TextBytesMax}";
            return false;
        }

        var parser = new LabelParser(text);
        fault = parser.Parse(labels);
        if (fault.Length > 0) fault = $"{fault} at byte {parser.Position}";
        return fault.Length == 0;
    }

    private static void WriteEscape(int value, int digits, char kind, IBufferWriter<byte> text)
    {
        var span = text.GetSpan(digits + 2);
        span[0] = (byte)'\\';
        span[1] = (byte)kind;
        for (var i = 0; i < digits; i++) span[2 + i] = (byte)Hexadecimal[(value >> (4 * (digits - 1 - i))) & 15];
        text.Advance(digits + 2);
    }
}
