using Weir.Routing.Language;
using Weir.Routing.Patterns;

namespace Weir.Routing.Stages;

/// <summary>Checks of the regular expressions in stages' arguments.</summary>
internal static class StagePatterns
{
    /// <summary>Reports a pattern that does not compile; an empty one is none.</summary>
    public static void Check(string argument, string pattern, OptionProblems problems)
    {
        if (!GoRegex.TryCompile(pattern, out _, out var error))
            problems.Add(argument, error, "the syntax is RE2's, as in Go: no look-around, no back-references");
    }

    /// <summary>Reports a source that is given and empty.</summary>
    public static void CheckSource(string? source, OptionProblems problems)
    {
        if (source is "") problems.Add("source", "is empty", "leave it out to read the line");
    }
}
