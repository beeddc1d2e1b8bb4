using System.Text;

namespace Weir.Routing.Promtail;

/// <summary>A shell's pattern (<c>*</c>, <c>?</c>, <c>[a-z]</c>, <c>\</c>) in time proportional to pattern times
/// text.</summary>
internal sealed class ShellPattern
{
    /// <summary>Longest pattern, in UTF-16 units.</summary>
    public const int LengthMax = 1_000;

    private readonly List<Step> _steps;

    private ShellPattern(List<Step> steps) => _steps = steps;

    /// <summary>Null when a bracket is not closed, or nothing stands behind the last backslash.</summary>
    public static ShellPattern? Parse(string pattern)
    {
        var steps = new List<Step>();
        Rune[] runes = [.. pattern.EnumerateRunes()];
        for (var at = 0; at < runes.Length; at++)
        {
            switch (runes[at].Value)
            {
                case '*': steps.Add(new Step(true, _ => true)); break;
                case '?': steps.Add(new Step(false, _ => true)); break;
                case '[':
                    if (!TryReadClass(runes, ref at, out var matches)) return null;
                    steps.Add(new Step(false, matches));
                    break;
                case '\\' when ++at == runes.Length: return null;
                default:
                    var literal = runes[at];
                    steps.Add(new Step(false, rune => rune == literal));
                    break;
            }
        }
        return new ShellPattern(steps);
    }

    /// <summary>UTF-16 units that the pattern matches at the beginning or end of a text; 0 for none.</summary>
    public int MatchLength(string text, bool atEnd, bool isLongest)
    {
        Rune[] runes = [.. text.EnumerateRunes()];
        if (atEnd) Array.Reverse(runes);
        List<Step> steps = atEnd ? [.. Enumerable.Reverse(_steps)] : _steps;
        var reached = new bool[steps.Count + 1];
        reached[0] = true;
        SkipStars(steps, reached);
        var (length, found) = (0, 0);
        foreach (var rune in runes)
        {
            length += rune.Utf16SequenceLength;
            for (var step = steps.Count; step > 0; step--)
                reached[step] = (reached[step - 1] && !steps[step - 1].IsStar && steps[step - 1].Matches(rune))
                    || (reached[step] && steps[step - 1].IsStar);
            reached[0] = false;
            SkipStars(steps, reached);
            if (!reached[^1]) continue;
            found = length;
            if (!isLongest) break;
        }
        return Math.Min(found, text.Length);
    }

    private static void SkipStars(List<Step> steps, bool[] reached)
    {
        for (var step = 0; step < steps.Count; step++)
            if (reached[step] && steps[step].IsStar) reached[step + 1] = true;
    }

    private static bool TryReadClass(Rune[] runes, ref int at, out Func<Rune, bool> matches)
    {
        var ranges = new List<(Rune From, Rune To)>();
        matches = _ => false;
        var isNegated = at + 1 < runes.Length && runes[at + 1].Value is '^' or '!';
        if (isNegated) at++;
        while (++at < runes.Length && (runes[at].Value != ']' || ranges.Count == 0))
        {
            if (runes[at].Value == '\\' && ++at == runes.Length) return false;
            var from = runes[at];
            var to = from;
            if (at + 2 < runes.Length && runes[at + 1].Value == '-' && runes[at + 2].Value != ']')
                to = runes[at += 2];
            ranges.Add((from, to));
        }
        if (at >= runes.Length) return false;
        matches = rune => isNegated != ranges.Exists(range => rune >= range.From && rune <= range.To);
        return true;
    }

    private readonly record struct Step(bool IsStar, Func<Rune, bool> Matches);
}
