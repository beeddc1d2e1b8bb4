using System.Security.Cryptography;
using System.Text;

namespace Weir.Routing.Templates;

/// <summary>Sprig's functions of words, paths and patterns.</summary>
internal static class TemplateWordFunctions
{
    public static IEnumerable<TemplateFunction> All => [.. Words, .. Paths, .. Patterns];

    private static TemplateFunction[] Words =>
    [
        new("abbrev", 2, 2, Abbreviate),
        new("initials", 1, 1, call => string.Concat(
            call.Text(0).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Select(word => word[..1]))),
        new("untitle", 1, 1, call => EachFirst(call.Text(0), char.ToLowerInvariant)),
        new("swapcase", 1, 1, call => string.Concat(call.Text(0).Select(unit => char.IsUpper(unit)
            ? char.ToLowerInvariant(unit) : char.ToUpperInvariant(unit)))),
        new("snakecase", 1, 1, call => string.Join('_', Parts(call.Text(0)))),
        new("kebabcase", 1, 1, call => string.Join('-', Parts(call.Text(0)))),
        new("camelcase", 1, 1, call => string.Concat(
            Parts(call.Text(0)).Select(part => char.ToUpperInvariant(part[0]) + part[1..]))),
        new("plural", 3, 3, call => call.Whole(2) == 1 ? call.Text(0) : call.Text(1)),
        new("trimall", 2, 2, call => call.Text(1).Trim(call.Text(0).Length > 0 ? call.Text(0).ToCharArray() : ['\0'])),
        new("sha512sum", 1, 1, call => Convert.ToHexStringLower(SHA512.HashData(Utf8(call.Text(0))))),
        new("fail", 1, 1, call => throw new TemplateException(call.Text(0))),
    ];

    private static TemplateFunction[] Paths =>
    [
        new("base", 1, 1, call => Base(call.Text(0))), new("osBase", 1, 1, call => Base(call.Text(0))),
        new("dir", 1, 1, call => Folder(call.Text(0))), new("osDir", 1, 1, call => Folder(call.Text(0))),
        new("ext", 1, 1, call => Extension(call.Text(0))), new("osExt", 1, 1, call => Extension(call.Text(0))),
        new("clean", 1, 1, call => Clean(call.Text(0))), new("osClean", 1, 1, call => Clean(call.Text(0))),
        new("isAbs", 1, 1, call => call.Text(0).StartsWith('/')),
        new("osIsAbs", 1, 1, call => call.Text(0).StartsWith('/')),
    ];

    private static TemplateFunction[] Patterns =>
    [
        new("regexFindAll", 3, 3, call => Found(call, call.Whole(2)).Select(place => (object?)place.Text).ToList()),
        new("regexSplit", 3, 3, Split),
        new("regexQuoteMeta", 1, 1, call => string.Concat(call.Text(0).Select(unit =>
            @"\.+*?()|[]{}^$".Contains(unit) ? $"\\{unit}" : unit.ToString()))),
    ];

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    private static string Abbreviate(TemplateCall call)
    {
        var (width, text) = (call.Whole(0), call.Text(1));
        return width < 4 || text.Length <= width ? text : text[..((int)width - 3)] + "...";
    }

    private static string EachFirst(string text, Func<char, char> change) => string.Concat(text.Select((unit, at) =>
        at == 0 || char.IsWhiteSpace(text[at - 1]) ? change(unit) : unit));

    // httpServer2, HTTPServer, "http server" and http-server have the same two parts.
    private static List<string> Parts(string text)
    {
        var parts = new List<string>();
        var part = new StringBuilder();
        for (var at = 0; at < text.Length; at++)
        {
            var unit = text[at];
            var isSeparator = unit is '_' or '-' || char.IsWhiteSpace(unit);
            var isFirst = char.IsUpper(unit) && at > 0
                && (!char.IsUpper(text[at - 1]) || (at + 1 < text.Length && char.IsLower(text[at + 1])));
            if ((isSeparator || isFirst) && part.Length > 0)
            {
                parts.Add(part.ToString());
                part.Clear();
            }

            if (!isSeparator) part.Append(char.ToLowerInvariant(unit));
        }

        if (part.Length > 0) parts.Add(part.ToString());
        return parts;
    }

    private static string Base(string path)
    {
        if (path.Length == 0) return ".";
        var trimmed = path.TrimEnd('/');
        return trimmed.Length == 0 ? "/" : trimmed[(trimmed.LastIndexOf('/') + 1)..];
    }

    private static string Folder(string path) => Clean(path[..(path.LastIndexOf('/') + 1)]);

    // Without what leads nowhere: empty parts, ".", and "..", after a name.
    private static string Clean(string path)
    {
        var isRooted = path.StartsWith('/');
        var parts = new List<string>();
        foreach (var part in path.Split('/'))
        {
            if (part is "" or ".") continue;
            if (part != "..") parts.Add(part);
            else if (parts.Count > 0 && parts[^1] != "..") parts.RemoveAt(parts.Count - 1);
            else if (!isRooted) parts.Add(part);
        }

        var cleaned = (isRooted ? "/" : "") + string.Join('/', parts);
        return cleaned.Length > 0 ? cleaned : ".";
    }

    private static string Extension(string path)
    {
        var dot = path.LastIndexOf('.');
        return dot < 0 || path.IndexOf('/', dot) >= 0 ? "" : path[dot..];
    }

    /// <param name="countMax">-1 for all.</param>
    private static List<(int Start, int End, string Text)> Found(TemplateCall call, long countMax)
    {
        var pattern = call.Pattern(0);
        var bytes = Utf8(call.Text(1));
        var bounds = new int[pattern.BoundsEach];
        var found = new List<(int, int, string)>();
        using var search = pattern.Search(bytes);
        while (found.Count != countMax && search.TryNext(bounds))
        {
            call.Run.Spend(1);
            found.Add((bounds[0], bounds[1], Encoding.UTF8.GetString(bytes.AsSpan(bounds[0]..bounds[1]))));
        }

        return found;
    }

    // As Go's: at most so many parts, the last one unsplit; 0 gives none.
    private static List<object?> Split(TemplateCall call)
    {
        var partsMax = call.Whole(2);
        var bytes = Utf8(call.Text(1));
        if (partsMax == 0) return [];
        if (bytes.Length == 0 && call.Text(0).Length > 0) return [""];
        var parts = new List<object?>();
        var (kept, cut) = (0, 0);
        foreach (var (start, end, _) in Found(call, partsMax))
        {
            if (parts.Count == partsMax - 1) break;
            cut = start;
            if (end != 0) parts.Add(Encoding.UTF8.GetString(bytes.AsSpan(kept..cut)));
            kept = end;
        }

        if (cut != bytes.Length) parts.Add(Encoding.UTF8.GetString(bytes.AsSpan(kept)));
        return parts;
    }
}
