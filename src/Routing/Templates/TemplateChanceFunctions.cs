using System.Text;

namespace Weir.Routing.Templates;

/// <summary>Sprig's functions that ask the process or chance.</summary>
internal static class TemplateChanceFunctions
{
    private const string Digits = "0123456789";
    private const string Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    private static readonly string Printable = string.Concat(Enumerable.Range(' ', '~' - ' ' + 1).Select(c => (char)c));

    public static TemplateFunction[] All =>
    [
        new("randAlphaNum", 1, 1, call => Draw(call, Letters + Digits)),
        new("randAlpha", 1, 1, call => Draw(call, Letters)),
        new("randAscii", 1, 1, call => Draw(call, Printable)),
        new("randNumeric", 1, 1, call => Draw(call, Digits)),
        new("randInt", 2, 2, Number),
        new("randBytes", 1, 1, Bytes),
        new("shuffle", 1, 1, Shuffle),
        new("uuidv4", 0, 0, Uuid),
        new("env", 1, 1, call => call.Run.Surroundings.Variable(call.Text(0)) ?? ""),
        new("expandenv", 1, 1, Expand),
    ];

    private static TemplateChance Chance(TemplateCall call) => call.Run.Surroundings.Chance;

    private static int CountOf(TemplateCall call, int argument)
    {
        var count = Math.Clamp(call.Whole(argument), 0, TemplateRun.CharactersMax + 1L);
        call.Run.SpendCharacters(count);
        return (int)count;
    }

    private static string Draw(TemplateCall call, string alphabet)
    {
        var text = new char[CountOf(call, 0)];
        for (var i = 0; i < text.Length; i++) text[i] = alphabet[(int)Chance(call).Below((ulong)alphabet.Length)];
        return new string(text);
    }

    private static object Number(TemplateCall call)
    {
        var (least, limit) = (call.Whole(0), call.Whole(1));
        if (limit <= least) throw new TemplateException("error calling randInt: the second number must be the greater");
        return (long)((ulong)least + Chance(call).Below((ulong)limit - (ulong)least));
    }

    private static string Bytes(TemplateCall call)
    {
        var bytes = new byte[CountOf(call, 0)];
        Chance(call).Fill(bytes);
        return Convert.ToBase64String(bytes);
    }

    private static string Shuffle(TemplateCall call)
    {
        var runes = call.Text(0).EnumerateRunes().ToArray();
        for (var i = runes.Length - 1; i > 0; i--)
        {
            var other = (int)Chance(call).Below((ulong)i + 1);
            (runes[i], runes[other]) = (runes[other], runes[i]);
        }

        return string.Concat(runes.Select(rune => rune.ToString()));
    }

    // RFC 9562: the version in the upper half of byte 6, the variant in the upper bits of byte 8.
    private static string Uuid(TemplateCall call)
    {
        Span<byte> bytes = stackalloc byte[16];
        Chance(call).Fill(bytes);
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x40);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new Guid(bytes, bigEndian: true).ToString("D");
    }

    // $name and ${name}; a dollar before anything else stays.
    private static string Expand(TemplateCall call)
    {
        var text = call.Text(0);
        var expanded = new StringBuilder();
        for (var at = 0; at < text.Length;)
        {
            if (text[at] != '$')
            {
                expanded.Append(text[at++]);
                continue;
            }

            var hasBrace = at + 1 < text.Length && text[at + 1] == '{';
            var start = at + (hasBrace ? 2 : 1);
            var end = start;
            while (end < text.Length && (hasBrace ? text[end] != '}' : IsName(text[end]))) end++;
            if (end == start && !hasBrace) expanded.Append('$');
            var value = end > start ? call.Run.Surroundings.Variable(text[start..end]) ?? "" : "";
            call.Run.SpendCharacters(value.Length);
            expanded.Append(value);
            at = Math.Min(text.Length, hasBrace ? end + 1 : end);
        }

        return expanded.ToString();
    }

    private static bool IsName(char unit) => char.IsAsciiLetterOrDigit(unit) || unit == '_';
}
