using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Weir.Routing.LogQl;

/// <summary>A pattern of LogQL: literal text with captures, <c>&lt;name&gt;</c>, or <c>&lt;_&gt;</c> for what is not
/// wanted. Immutable; any number of threads; matching allocates nothing.</summary>
/// <remarks>A capture goes up to the first occurrence of the literal behind it, so matching is linear.</remarks>
public sealed class LinePattern
{
    private const string Unwanted = "_";

    private readonly byte[] _start;

    // Each capture with the literal behind it, empty after the last capture.
    private readonly (bool IsWanted, byte[] End)[] _captures;

    private LinePattern(string start, List<(string Name, string End)> captures)
    {
        _start = Encoding.UTF8.GetBytes(start);
        _captures = [.. captures.Select(capture => (capture.Name != Unwanted, Encoding.UTF8.GetBytes(capture.End)))];
        Names = [.. captures.Select(capture => capture.Name).Where(name => name != Unwanted)];
    }

    /// <summary>The names of the wanted captures, in their order; none twice.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <param name="text">The pattern.</param>
    /// <param name="pattern">Null when refused.</param>
    /// <param name="error">Why.</param>
    public static bool TryCompile(string text, [NotNullWhen(true)] out LinePattern? pattern, out string error)
    {
        pattern = null;
        var captures = new List<(string Name, string End)>();
        var (start, literal) = ("", 0);
        for (var at = 0; at < text.Length;)
        {
            var length = CaptureLength(text.AsSpan(at));
            if (length == 0)
            {
                at++;
                continue;
            }

            if (captures.Count == 0) start = text[..at];
            else if (at == literal) return Refuse($"no text between two captures, at {text[literal..]}", out error);
            else captures[^1] = (captures[^1].Name, text[literal..at]);
            captures.Add((text[(at + 1)..(at + length - 1)], ""));
            at += length;
            literal = at;
        }

        if (captures.Count > 0) captures[^1] = (captures[^1].Name, text[literal..]);
        var names = captures.Select(capture => capture.Name).Where(name => name != Unwanted).ToList();
        if (names.Count == 0) return Refuse("no capture: name at least one, <name>", out error);
        var twice = names.GroupBy(name => name).FirstOrDefault(group => group.Count() > 1);
        if (twice is not null) return Refuse($"the capture <{twice.Key}> is there twice", out error);
        pattern = new LinePattern(start, captures);
        error = "";
        return true;
    }

    /// <summary>Matches a line from its start.</summary>
    /// <param name="bounds">Two for each name: start and end of the capture.</param>
    /// <returns>
    /// How many captures were filled, from the first on: where the literal behind one does not occur, it takes the rest
    /// of the line, and those behind it are not filled. -1 when the line is empty or begins otherwise.
    /// </returns>
    public int Match(ReadOnlySpan<byte> line, Span<int> bounds)
    {
        if (line.IsEmpty || !line.StartsWith(_start)) return -1;
        var (at, filled) = (_start.Length, 0);
        foreach (var (isWanted, end) in _captures)
        {
            var length = end.Length == 0 ? -1 : line[at..].IndexOf(end);
            var stop = length < 0 ? line.Length : at + length;
            if (isWanted)
            {
                bounds[filled * 2] = at;
                bounds[filled * 2 + 1] = stop;
                filled++;
            }

            if (length < 0) return filled;
            at = stop + end.Length;
        }

        return filled;
    }

    /// <summary>Length of the capture with which a text begins, 0 where it begins with none.</summary>
    private static int CaptureLength(ReadOnlySpan<char> text)
    {
        if (text is not ['<', (>= 'a' and <= 'z') or (>= 'A' and <= 'Z') or '_', ..]) return 0;
        var at = 2;
        while (at < text.Length && (char.IsAsciiLetterOrDigit(text[at]) || text[at] == '_')) at++;
        return at < text.Length && text[at] == '>' ? at + 1 : 0;
    }

    private static bool Refuse(string reason, out string error)
    {
        error = "pattern: " + reason;
        return false;
    }
}
