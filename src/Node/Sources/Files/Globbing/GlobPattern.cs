namespace Weir.Node.Sources.Files.Globbing;

/// <summary>A glob over absolute paths as doublestar writes them: <c>* ? [a-z] [^a-z] {one,two} **</c> and <c>\</c>
/// before a literal.</summary>
/// <remarks><c>*</c> and <c>?</c> match no slash, but a leading dot; <c>**</c> between slashes matches any number of
/// folders.</remarks>
public sealed class GlobPattern
{
    /// <summary>Patterns that the braces of one pattern may stand for.</summary>
    public const int AlternativesMax = 1024;

    private readonly GlobSegment[][] _alternatives;

    private GlobPattern(string text, GlobSegment[][] alternatives)
    {
        Text = text;
        _alternatives = alternatives;
    }

    public string Text { get; }

    /// <summary>Each pattern without braces, as its segments.</summary>
    internal IReadOnlyList<GlobSegment[]> Alternatives => _alternatives;

    /// <exception cref="GlobException">It is malformed, relative, or stands for too many patterns.</exception>
    public static GlobPattern Parse(string text)
    {
        if (!text.StartsWith('/')) throw new GlobException(text, "give the path from the root, beginning with /");
        var expanded = new List<string>();
        Expand(text, text, expanded);
        var alternatives = expanded.ConvertAll(one => Array.ConvertAll(
            one.Split('/', StringSplitOptions.RemoveEmptyEntries), segment => GlobSegment.Parse(segment, text)));
        return new GlobPattern(text, [.. alternatives]);
    }

    public bool Matches(string path)
    {
        var names = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        return Array.Exists(_alternatives, segments => Matches(segments, names));
    }

    /// <summary>Like a star over folders: only the last <c>**</c> is taken back, so the cost stays
    /// polynomial.</summary>
    private static bool Matches(GlobSegment[] segments, string[] names)
    {
        int segment = 0, name = 0, any = -1, anyName = 0;
        while (name < names.Length || segment < segments.Length)
        {
            if (segment < segments.Length && segments[segment].IsAnyDepth)
            {
                any = segment++;
                anyName = name;
                continue;
            }

            if (name < names.Length && segment < segments.Length && segments[segment].Matches(names[name]))
            {
                segment++;
                name++;
                continue;
            }

            if (any < 0 || anyName >= names.Length) return false;
            name = ++anyName;
            segment = any + 1;
        }

        return true;
    }

    /// <summary>Replaces the first group of braces by each of its alternatives, and goes on with what
    /// results.</summary>
    private static void Expand(string text, string pattern, List<string> expanded)
    {
        var open = FindOpen(text, pattern);
        if (open < 0)
        {
            if (expanded.Count == AlternativesMax)
                throw new GlobException(pattern, $"its braces stand for more than {AlternativesMax} patterns");
            expanded.Add(text);
            return;
        }

        var depth = 0;
        var start = open + 1;
        var alternatives = new List<string>();
        for (var i = open; i < text.Length; i++)
        {
            if (text[i] == '\\') i++;
            else if (text[i] == '[') GlobClass.Parse(text, ref i, pattern);
            if (i >= text.Length) break;
            if (text[i] == '{') depth++;
            else if (text[i] == '}') depth--;
            if (depth > 0 && (text[i] != ',' || depth > 1)) continue;
            alternatives.Add(text[start..i]);
            start = i + 1;
            if (depth > 0) continue;
            foreach (var alternative in alternatives)
                Expand(string.Concat(text.AsSpan(0, open), alternative, text.AsSpan(i + 1)), pattern, expanded);
            return;
        }

        throw new GlobException(pattern, "a { has no }");
    }

    private static int FindOpen(string text, string pattern)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '{') return i;
            if (text[i] == '\\') i++;
            else if (text[i] == '[')
            {
                GlobClass.Parse(text, ref i, pattern);
                i--;
            }
        }

        return -1;
    }
}
