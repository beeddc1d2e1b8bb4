using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Weir.Routing.Patterns;

namespace Weir.Routing.Templates;

/// <summary>Functions of texts: Promtail's, whose text comes first, and Sprig's, whose text comes last.</summary>
internal static class TemplateTextFunctions
{
    public static IEnumerable<TemplateFunction> All => [.. Promtail, .. Sprig, .. Patterns];

    private static TemplateFunction[] Promtail =>
    [
        new("ToLower", 1, 1, call => call.Text(0).ToLowerInvariant()),
        new("ToUpper", 1, 1, call => call.Text(0).ToUpperInvariant()),
        new("Replace", 4, 4, call => Replace(call, call.Text(0), call.Text(1), call.Text(2), call.Whole(3))),
        new("Trim", 2, 2, call => TrimEnd(TrimStart(call.Text(0), call.Text(1)), call.Text(1))),
        new("TrimLeft", 2, 2, call => TrimStart(call.Text(0), call.Text(1))),
        new("TrimRight", 2, 2, call => TrimEnd(call.Text(0), call.Text(1))),
        new("TrimPrefix", 2, 2, call => WithoutPrefix(call.Text(0), call.Text(1))),
        new("TrimSuffix", 2, 2, call => WithoutSuffix(call.Text(0), call.Text(1))),
        new("TrimSpace", 1, 1, call => call.Text(0).Trim()),
        new("Hash", 2, 2, call => Convert.ToHexStringLower(Sha3.Hash256(Utf8(call.Text(0) + call.Text(1))))),
        new("Sha2Hash", 2, 2, call => Convert.ToHexStringLower(SHA256.HashData(Utf8(call.Text(0) + call.Text(1))))),
    ];

    private static TemplateFunction[] Sprig =>
    [
        new("lower", 1, 1, call => call.Text(0).ToLowerInvariant()),
        new("upper", 1, 1, call => call.Text(0).ToUpperInvariant()),
        new("title", 1, 1, call => string.Concat(call.Text(0).Select((unit, at) =>
            at == 0 || IsSeparator(call.Text(0)[at - 1]) ? char.ToUpperInvariant(unit) : unit))),
        new("trim", 1, 1, call => call.Text(0).Trim()),
        new("trimAll", 2, 2, call => TrimEnd(TrimStart(call.Text(1), call.Text(0)), call.Text(0))),
        new("trimPrefix", 2, 2, call => WithoutPrefix(call.Text(1), call.Text(0))),
        new("trimSuffix", 2, 2, call => WithoutSuffix(call.Text(1), call.Text(0))),
        new("replace", 3, 3, call => Replace(call, call.Text(2), call.Text(0), call.Text(1), -1)),
        new("contains", 2, 2, call => call.Text(1).Contains(call.Text(0), StringComparison.Ordinal)),
        new("hasPrefix", 2, 2, call => call.Text(1).StartsWith(call.Text(0), StringComparison.Ordinal)),
        new("hasSuffix", 2, 2, call => call.Text(1).EndsWith(call.Text(0), StringComparison.Ordinal)),
        new("quote", 0, TemplateFunctions.Any, call => string.Join(' ',
            Enumerable.Range(0, call.Count).Where(i => call[i] != null).Select(i =>
                TemplateFormat.Quote(call.AnyText(i))))),
        new("squote", 0, TemplateFunctions.Any, call => string.Join(' ',
            Enumerable.Range(0, call.Count).Where(i => call[i] != null).Select(i => $"'{call.AnyText(i)}'"))),
        new("cat", 0, TemplateFunctions.Any, call => string.Join(' ',
            call.Values.Where(value => value != null).Select(TemplateValues.Print))),
        new("nospace", 1, 1, call => string.Concat(call.Text(0).Where(unit => !char.IsWhiteSpace(unit)))),
        new("repeat", 2, 2, Repeat),
        new("substr", 3, 3, Substring),
        new("trunc", 2, 2, Truncate),
        new("indent", 2, 2, call => Indent(call)),
        new("nindent", 2, 2, call => "\n" + Indent(call)),
        new("join", 2, 2, call => call[1] is List<object?> list
            ? string.Join(call.Text(0), list.Where(item => item != null).Select(TemplateValues.Print))
                : call.AnyText(1)),
        new("splitList", 2, 2, call => Parts(call, call.Text(1), -1).Cast<object?>().ToList()),
        new("split", 2, 2, call => Numbered(Parts(call, call.Text(1), -1))),
        new("splitn", 3, 3, call => Numbered(Parts(call, call.Text(2), call.Whole(1)))),
        new("b64enc", 1, 1, call => Convert.ToBase64String(Utf8(call.Text(0)))),
        new("b64dec", 1, 1, FromBase64),
        new("sha1sum", 1, 1, call => Convert.ToHexStringLower(SHA1.HashData(Utf8(call.Text(0))))),
        new("sha256sum", 1, 1, call => Convert.ToHexStringLower(SHA256.HashData(Utf8(call.Text(0))))),
        new("md5sum", 1, 1, call => Convert.ToHexStringLower(MD5.HashData(Utf8(call.Text(0))))),
    ];

    // As Go: of ASCII what is neither letter, digit nor underscore, else spaces.
    private static bool IsSeparator(char unit) =>
        char.IsAscii(unit) ? !char.IsAsciiLetterOrDigit(unit) && unit != '_' : char.IsWhiteSpace(unit);

    private static TemplateFunction[] Patterns =>
    [
        new("regexMatch", 2, 2, call => call.Pattern(0).IsMatch(call.Text(1))),
        new("regexFind", 2, 2, RegexFind),
        new("regexReplaceAll", 3, 3, call =>
            call.Pattern(0).ReplaceAll(call.Text(1), new GoReplacement(call.Text(2)))),
        new("regexReplaceAllLiteral", 3, 3, call =>
            call.Pattern(0).ReplaceAll(call.Text(1), GoReplacement.Literal(call.Text(2)))),
    ];

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    private static string TrimStart(string text, string set) =>
        text.TrimStart(set.ToCharArray() is { Length: > 0 } units ? units : ['\0']);

    private static string TrimEnd(string text, string set) =>
        text.TrimEnd(set.ToCharArray() is { Length: > 0 } units ? units : ['\0']);

    private static string WithoutPrefix(string text, string prefix) =>
        text.StartsWith(prefix, StringComparison.Ordinal) ? text[prefix.Length..] : text;

    private static string WithoutSuffix(string text, string suffix) =>
        text.EndsWith(suffix, StringComparison.Ordinal) ? text[..^suffix.Length] : text;

    /// <param name="countMax">Replacements; -1 is all of them.</param>
    private static string Replace(TemplateCall call, string text, string old, string replacement, long countMax)
    {
        var replaced = new StringBuilder();
        var kept = 0;
        for (var at = 0; countMax != 0; countMax--)
        {
            // An empty text is found before each character and at the end.
            at = old.Length > 0 ? text.IndexOf(old, at, StringComparison.Ordinal) : at;
            if (at < 0 || at > text.Length) break;
            call.Run.SpendCharacters(replacement.Length);
            replaced.Append(text, kept, at - kept).Append(replacement);
            kept = at + old.Length;
            at = old.Length > 0 ? kept
                : at + (at + 1 < text.Length && char.IsSurrogatePair(text[at], text[at + 1]) ? 2 : 1);
        }

        return replaced.Append(text, kept, text.Length - kept).ToString();
    }

    private static string Repeat(TemplateCall call)
    {
        var count = Math.Max(0, call.Whole(0));
        call.Run.SpendCharacters(Math.Min(count, TemplateRun.CharactersMax + 1L) * Math.Max(1, call.Text(1).Length));
        return new StringBuilder().Insert(0, call.Text(1), (int)count).ToString();
    }

    /// <summary>Between two byte offsets, as Sprig cuts.</summary>
    private static string Substring(TemplateCall call)
    {
        var bytes = Utf8(call.Text(2));
        var from = Math.Clamp(call.Whole(0), 0, bytes.Length);
        var to = call.Whole(1) is var end && (end < 0 || end > bytes.Length) ? bytes.Length : end;
        return to <= from ? "" : Encoding.UTF8.GetString(bytes.AsSpan((int)from, (int)(to - from)));
    }

    private static string Truncate(TemplateCall call)
    {
        var bytes = Utf8(call.Text(1));
        var count = call.Whole(0);
        if (count >= 0) return Encoding.UTF8.GetString(bytes.AsSpan(0, (int)Math.Min(count, bytes.Length)));
        return Encoding.UTF8.GetString(bytes.AsSpan((int)Math.Max(0, bytes.Length + Math.Max(count, -bytes.Length))));
    }

    private static string Indent(TemplateCall call)
    {
        var width = Math.Clamp(call.Whole(0), 0, TemplateFormat.WidthMax);
        var lines = call.Text(1).Split('\n');
        call.Run.SpendCharacters(width * lines.Length);
        return string.Join('\n', lines.Select(line => new string(' ', (int)width) + line));
    }

    private static SortedDictionary<string, object?> Numbered(string[] parts)
    {
        var map = new SortedDictionary<string, object?>(StringComparer.Ordinal);
        for (var i = 0; i < parts.Length; i++) map[string.Create(CultureInfo.InvariantCulture, $"_{i}")] = parts[i];
        return map;
    }

    /// <summary>The parts between a separator, the first argument; without one, the characters.</summary>
    /// <param name="countMax">The last part is unsplit; less than 0 for all.</param>
    private static string[] Parts(TemplateCall call, string text, long countMax)
    {
        var count = countMax < 0 ? int.MaxValue : (int)Math.Min(countMax, int.MaxValue);
        var parts = call.Text(0).Length > 0 ? text.Split(call.Text(0), count) : Characters(text, count);
        call.Run.Spend(parts.Length);
        return parts;
    }

    private static string[] Characters(string text, int countMax)
    {
        var parts = new List<string>();
        for (var at = 0; at < text.Length && parts.Count < countMax;)
        {
            var isPair = at + 1 < text.Length && char.IsSurrogatePair(text[at], text[at + 1]);
            var end = parts.Count == countMax - 1 ? text.Length : at + (isPair ? 2 : 1);
            parts.Add(text[at..end]);
            at = end;
        }

        return [.. parts];
    }

    private static string FromBase64(TemplateCall call)
    {
        var bytes = new byte[call.Text(0).Length];
        return Convert.TryFromBase64String(call.Text(0), bytes, out var length)
            ? Encoding.UTF8.GetString(bytes.AsSpan(0, length)) : "illegal base64 data";
    }

    private static string RegexFind(TemplateCall call)
    {
        var bytes = Utf8(call.Text(1));
        Span<int> bounds = stackalloc int[2];
        return call.Pattern(0).TryMatch(bytes, bounds) ? Encoding.UTF8.GetString(bytes.AsSpan(bounds[0]..bounds[1]))
            : "";
    }
}
