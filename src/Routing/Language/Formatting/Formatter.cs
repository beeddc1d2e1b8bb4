namespace Weir.Routing.Language;

/// <summary>
/// Brings a file into the one layout: tabs, aligned equals signs and trailing comments, at most one blank line. It
/// changes no token but a comma that nothing follows or that a line end stands for, keeps comments and the choice
/// between one line and several, and formatting its result again changes nothing.
/// </summary>
public static class Formatter
{
    /// <param name="source">The file.</param>
    /// <param name="diagnostics">Gets the syntax errors, and what it mends.</param>
    /// <returns>The formatted text, or null when the file has a syntax error: its layout then says little.</returns>
    public static string? Format(SourceFile source, DiagnosticBag diagnostics)
    {
        var tree = Parser.Parse(source);
        diagnostics.AddRange(tree.Diagnostics);
        return tree.HasErrors ? null : new TokenLayout(tree).Write();
    }
}
