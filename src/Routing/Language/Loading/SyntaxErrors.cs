namespace Weir.Routing.Language;

/// <summary>Where files have syntax errors, so that what such an error has damaged is not complained of
/// again.</summary>
internal sealed class SyntaxErrors
{
    private readonly Dictionary<SourceFile, int[]> _offsets = [];

    /// <summary>Whether an error may have hidden a whole statement.</summary>
    public bool MissesStatements { get; set; }

    public void Add(SyntaxTree tree)
    {
        int[] errors =
        [
            .. tree.Diagnostics.Where(found => found.Severity == DiagnosticSeverity.Error)
                .Select(found => found.Place.Offset).Order(),
        ];
        _offsets[tree.Source] = errors;
        MissesStatements |= tree.Body.Statements.Sum(CountIn) < errors.Length;
    }

    public int CountIn(StatementSyntax statement)
    {
        // What was implied has none.
        var errors = _offsets.GetValueOrDefault(statement.Place.Source, []);
        return IndexFrom(errors, statement.Place.End + 1) - IndexFrom(errors, statement.Place.Offset);
    }

    // Index of the first offset that is not smaller. Offsets differ: there is one error a line.
    private static int IndexFrom(int[] offsets, int least)
    {
        var index = Array.BinarySearch(offsets, least);
        return index < 0 ? ~index : index;
    }
}
