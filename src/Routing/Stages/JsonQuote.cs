using System.Buffers;
using System.Text;

namespace Weir.Routing.Stages;

/// <summary>Writes texts as JSON strings the way Alloy does: <c>&lt;</c>, <c>&gt;</c> and <c>&amp;</c> are escaped
/// too.</summary>
internal static class JsonQuote
{
    /// <summary>Bytes that one byte of the text can become.</summary>
    public const int GrowthMax = 6;

    private static readonly SearchValues<byte> Plain = SearchValues.Create(
        [.. Enumerable.Range(0x20, 0x60).Select(unit => (byte)unit).Except([.. "\"\\<>&"u8])]);

    /// <summary>Writes a string with its quotes; bytes that are no UTF-8 become <c>\ufffd</c>.</summary>
    /// <param name="to">At least <see cref="GrowthMax"/> times the text, and two.</param>
    /// <returns>Bytes written.</returns>
    public static int Write(ReadOnlySpan<byte> text, Span<byte> to)
    {
        var written = 0;
        to[written++] = (byte)'"';
        while (true)
        {
            var plain = text.IndexOfAnyExcept(Plain);
            if (plain < 0) plain = text.Length;
            text[..plain].CopyTo(to[written..]);
            written += plain;
            if (plain == text.Length) break;
            text = text[plain..];
            var status = Rune.DecodeFromUtf8(text, out var rune, out var length);
            if (status == OperationStatus.Done && rune.Value is >= 0x80 and not (0x2028 or 0x2029))
            {
                text[..length].CopyTo(to[written..]);
                written += length;
            }
            else written += WriteEscape(rune.Value, to[written..]);

            // Go counts bad bytes one by one.
            text = text[(status == OperationStatus.Done ? length : 1)..];
        }

        to[written++] = (byte)'"';
        return written;
    }

    private static int WriteEscape(int unit, Span<byte> to)
    {
        var letter = unit switch
        {
            '"' => (byte)'"',
            '\\' => (byte)'\\',
            '\n' => (byte)'n',
            '\r' => (byte)'r',
            '\t' => (byte)'t',
            _ => (byte)'u',
        };
        to[0] = (byte)'\\';
        to[1] = letter;
        if (letter != 'u') return 2;
        for (var digit = 0; digit < 4; digit++)
            to[2 + digit] = "0123456789abcdef"u8[(unit >> (12 - digit * 4)) & 15];
        return 6;
    }
}
