namespace Weir.Routing.Language;

/// <summary>How bad a diagnostic is.</summary>
public enum DiagnosticSeverity
{
    /// <summary>The configuration works, but likely not as meant.</summary>
    Warning,

    /// <summary>The configuration is refused.</summary>
    Error,
}

/// <summary>One mistake in a configuration: where, what, and what to do about it. Never holds a secret's
/// value.</summary>
/// <param name="Severity">Error or warning.</param>
/// <param name="Place">The characters at fault.</param>
/// <param name="Message">What is wrong, in lower case and without a full stop.</param>
/// <param name="Hint">The remedy, or null when there is nothing to add.</param>
public sealed record Diagnostic(DiagnosticSeverity Severity, SourcePlace Place, string Message, string? Hint = null)
{
    /// <summary>The code of diagnostics that have none of their own.</summary>
    public const string Invalid = "invalid";

    /// <summary>Names the kind of mistake in a word that stays the same over versions: <c>missing-comma</c>.</summary>
    public string Code { get; init; } = Invalid;

    /// <summary>One line: <c>file:line:column: error: message (hint)</c>.</summary>
    public override string ToString()
    {
        var severity = Severity == DiagnosticSeverity.Error ? "error" : "warning";
        return Hint is null ? $"{Place}: {severity}: {Message}" : $"{Place}: {severity}: {Message} ({Hint})";
    }
}
