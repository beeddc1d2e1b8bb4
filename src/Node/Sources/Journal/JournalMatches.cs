namespace Weir.Node.Sources.Journal;

/// <summary>The argument <c>matches</c>: FIELD=value, several parted by white space.</summary>
internal static class JournalMatches
{
    /// <summary>Longest name of a field that journald takes.</summary>
    private const int NameLengthMax = 64;

    /// <returns>Null: it is well-formed.</returns>
    public static string? ProblemOf(string matches)
    {
        foreach (var match in Split(matches))
        {
            var equals = match.IndexOf('=');
            if (equals < 0) return $"\"{match}\" is no FIELD=value";
            var name = match.AsSpan(0, equals);
            if (name.IsEmpty || name.Length > NameLengthMax || !name.ContainsOnlyFieldCharacters())
                return $"\"{name}\" is no name of a journal field: those are capital letters, digits and underscores";
        }

        return null;
    }

    public static string[] Split(string matches) =>
        matches.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);

    private static bool ContainsOnlyFieldCharacters(this ReadOnlySpan<char> name)
    {
        foreach (var letter in name)
            if (!char.IsAsciiLetterUpper(letter) && !char.IsAsciiDigit(letter) && letter != '_') return false;
        return true;
    }
}
