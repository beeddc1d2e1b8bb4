namespace Weir.Routing.Language;

/// <summary>Collects the diagnostics of one load, so that all mistakes are reported together. Not
/// thread-safe.</summary>
public sealed class DiagnosticBag
{
    private readonly List<Diagnostic> _items = [];

    /// <summary>In the order of their discovery.</summary>
    public IReadOnlyList<Diagnostic> Items => _items;

    /// <summary>How many of the items are errors.</summary>
    public int ErrorCount { get; private set; }

    /// <summary>Whether the configuration is refused.</summary>
    public bool HasErrors => ErrorCount > 0;

    /// <summary>Adds an error.</summary>
    public void Error(SourcePlace place, string message, string? hint = null, string code = Diagnostic.Invalid) =>
        Add(new Diagnostic(DiagnosticSeverity.Error, place, message, hint) { Code = code });

    /// <summary>Adds a warning.</summary>
    public void Warning(SourcePlace place, string message, string? hint = null, string code = Diagnostic.Invalid) =>
        Add(new Diagnostic(DiagnosticSeverity.Warning, place, message, hint) { Code = code });

    /// <summary>Adds what another run collected.</summary>
    public void AddRange(IEnumerable<Diagnostic> diagnostics)
    {
        foreach (var diagnostic in diagnostics) Add(diagnostic);
    }

    /// <summary>Adds one.</summary>
    public void Add(Diagnostic diagnostic)
    {
        _items.Add(diagnostic);
        if (diagnostic.Severity == DiagnosticSeverity.Error) ErrorCount++;
    }

    /// <summary>By file (in order of appearance), line and column.</summary>
    public IReadOnlyList<Diagnostic> Sorted()
    {
        var files = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var item in _items) files.TryAdd(item.Place.File, files.Count);
        return [.. _items.OrderBy(item => files[item.Place.File]).ThenBy(item => item.Place.Offset)];
    }
}
