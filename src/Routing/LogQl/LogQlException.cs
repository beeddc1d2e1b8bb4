namespace Weir.Routing.LogQl;

/// <summary>A query that cannot be understood, or that Weir does not answer.</summary>
/// <param name="position">Offset of the character at fault, from 0.</param>
public sealed class LogQlException(string query, int position, string message)
    : Exception($"parse error at line {LineOf(query, position)}, col {ColumnOf(query, position)}: {message}")
{
    public int Position => position;

    private static int LineOf(string query, int position) => query.AsSpan(0, position).Count('\n') + 1;

    private static int ColumnOf(string query, int position) =>
        position - query.AsSpan(0, position).LastIndexOf('\n');
}
