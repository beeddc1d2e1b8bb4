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

    /// <summary>Reports a template in place of a pattern.</summary>
    /// <returns>Whether it is one.</returns>
    public static bool CheckTemplate(string argument, string pattern, OptionProblems problems)
    {
        var open = pattern.IndexOf("{{", StringComparison.Ordinal);
        if (open < 0 || pattern.IndexOf("}}", open, StringComparison.Ordinal) < 0) return false;
        problems.Add(argument, "holds a Go template, {{ … }}, but is a regular expression",
            "match the text itself: expression = \"level=(debug|trace)\"; or make the text with stage.template and "
            + "name it as the source; braces in the line are \\\\{\\\\{");
        return true;
    }

    /// <summary>Reports a source that is given and empty.</summary>
    public static void CheckSource(string? source, OptionProblems problems)
    {
        if (source is "") problems.Add("source", "is empty", "leave it out to read the line");
    }
}
