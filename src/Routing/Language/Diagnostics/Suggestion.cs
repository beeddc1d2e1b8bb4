namespace Weir.Routing.Language;

/// <summary>Finds the known name that a mistyped one most likely means.</summary>
public static class Suggestion
{
    // Longer words are no typing mistakes of a name, and the distance is quadratic.
    private const int LengthMax = 64;

    /// <summary><c>did you mean "x"?</c> for the closest known name, or null when none is close.</summary>
    public static string? DidYouMean(string wrong, IEnumerable<string> known) =>
        Closest(wrong, known) is { } closest ? $"did you mean \"{closest}\"?" : null;

    /// <summary>The closest known name within a third of the word's length (at least one edit), or null.</summary>
    public static string? Closest(string wrong, IEnumerable<string> known)
    {
        if (wrong.Length is 0 or > LengthMax) return null;
        string? best = null;
        var bestDistance = Math.Max(1, wrong.Length / 3) + 1;
        foreach (var candidate in known)
        {
            if (candidate.Length > LengthMax || Math.Abs(candidate.Length - wrong.Length) >= bestDistance) continue;
            var distance = Distance(wrong, candidate);
            if (distance >= bestDistance) continue;
            (best, bestDistance) = (candidate, distance);
        }
        return best;
    }

    /// <summary>Insertions, deletions, replacements and swaps of neighbours that part two words; case is
    /// free.</summary>
    public static int Distance(string left, string right)
    {
        var before = new int[right.Length + 1];
        var previous = new int[right.Length + 1];
        var current = new int[right.Length + 1];
        for (var column = 0; column <= right.Length; column++) previous[column] = column;
        for (var row = 1; row <= left.Length; row++)
        {
            current[0] = row;
            for (var column = 1; column <= right.Length; column++)
            {
                var cost = Same(left[row - 1], right[column - 1]) ? 0 : 1;
                var gap = Math.Min(previous[column], current[column - 1]) + 1;
                var least = Math.Min(gap, previous[column - 1] + cost);
                if (row > 1 && column > 1 && Same(left[row - 1], right[column - 2])
                    && Same(left[row - 2], right[column - 1]))
                    least = Math.Min(least, before[column - 2] + 1);
                current[column] = least;
            }
            (before, previous, current) = (previous, current, before);
        }
        return previous[right.Length];
    }

    private static bool Same(char left, char right) => char.ToLowerInvariant(left) == char.ToLowerInvariant(right);
}
