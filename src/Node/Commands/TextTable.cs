namespace Weir.Node.Commands;

/// <summary>A table for people: columns as wide as they need to be, the last one as it comes.</summary>
internal sealed class TextTable(params string[] headers)
{
    private readonly List<string[]> _rows = [];

    /// <param name="cells">As many as there are headers; what would steer a terminal is shown as text.</param>
    public void Add(params string[] cells) => _rows.Add([.. cells.Select(Readable.Line)]);

    public void Print(TextWriter output)
    {
        var widths = headers.Select((header, column) =>
            _rows.Select(row => row[column].Length).Append(header.Length).Max()).ToArray();
        foreach (var row in _rows.Prepend(headers))
        {
            var cells = row.Select((cell, column) => column < row.Length - 1 ? cell.PadRight(widths[column]) : cell);
            output.WriteLine(string.Join("  ", cells).TrimEnd());
        }
    }
}
