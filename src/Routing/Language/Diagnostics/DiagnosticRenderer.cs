using System.Text;

namespace Weir.Routing.Language;

/// <summary>
/// Renders diagnostics for a terminal: place and message, the line at fault, carets below the characters at fault, a
/// hint. String literals that look like credentials are masked in the line shown.
/// </summary>
public static class DiagnosticRenderer
{
    // A minified line would scroll the message out of sight.
    private const int ExcerptMax = 160;

    /// <summary>All of them, sorted by place, parted by blank lines; empty for none.</summary>
    public static string Render(DiagnosticBag diagnostics)
    {
        var text = new StringBuilder();
        foreach (var diagnostic in diagnostics.Sorted())
        {
            if (text.Length > 0) text.Append('\n');
            Append(text, diagnostic);
        }
        return text.ToString();
    }

    /// <summary>One of them, with a line end behind its last line.</summary>
    public static string Render(Diagnostic diagnostic)
    {
        var text = new StringBuilder();
        Append(text, diagnostic);
        return text.ToString();
    }

    private static void Append(StringBuilder text, Diagnostic diagnostic)
    {
        var place = diagnostic.Place;
        var severity = diagnostic.Severity == DiagnosticSeverity.Error ? "error" : "warning";
        text.Append(place.ToString()).Append(": ").Append(severity).Append(": ").Append(diagnostic.Message);
        if (diagnostic.Code != Diagnostic.Invalid) text.Append(" [").Append(diagnostic.Code).Append(']');
        text.Append('\n');
        if (!place.Source.IsSecret) AppendExcerpt(text, place);
        if (diagnostic.Hint is not null) text.Append("hint: ").Append(diagnostic.Hint).Append('\n');
    }

    private static void AppendExcerpt(StringBuilder text, SourcePlace place)
    {
        var line = SecretMask.Mask(place.Source, place.Line);
        var column = Math.Min(place.Column - 1, line.Length);
        var first = column < ExcerptMax ? 0 : column - ExcerptMax / 2;
        var shown = line.AsSpan(first, Math.Min(ExcerptMax, line.Length - first));
        var number = place.Line.ToString(System.Globalization.CultureInfo.InvariantCulture);
        text.Append(number).Append(" | ");
        foreach (var character in shown) text.Append(char.IsControl(character) && character != '\t' ? '?' : character);
        text.Append('\n').Append(' ', number.Length).Append(" | ");
        // Tabs are repeated, so that the carets stand below whatever width the terminal gives them.
        foreach (var character in shown[..Math.Min(column - first, shown.Length)])
            text.Append(character == '\t' ? '\t' : ' ');
        text.Append('^', Math.Clamp(place.Length, 1, Math.Max(1, shown.Length - (column - first)))).Append('\n');
    }
}
