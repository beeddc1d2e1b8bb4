using System.Text;

namespace Weir.Routing.Language;

/// <summary>A line of formatted text before its columns are aligned.</summary>
/// <param name="indent">Tabs in front of it.</param>
/// <param name="blankBefore">Whether a blank line stands above it.</param>
internal sealed class OutputLine(int indent, bool blankBefore)
{
    public int Indent => indent;

    public bool BlankBefore => blankBefore;

    /// <summary>Everything but the trailing comment.</summary>
    public StringBuilder Text { get; } = new();

    /// <summary>How many tokens <see cref="Text"/> holds.</summary>
    public int TokenCount { get; set; }

    /// <summary>The comment behind the text, or null.</summary>
    public string? Comment { get; set; }

    /// <summary>Where in <see cref="Text"/> the name in front of the equals sign ends; -1 when it is not
    /// aligned.</summary>
    public int NameEnd { get; set; } = -1;

    /// <summary>Lines of the same run have their equals signs in one column.</summary>
    public int Run { get; set; } = -1;

    /// <summary>Aligns columns and writes the lines.</summary>
    public static string Join(IReadOnlyList<OutputLine> lines)
    {
        AlignNames(lines);
        var text = new StringBuilder();
        for (var from = 0; from < lines.Count;)
        {
            var to = from + 1;
            while (to < lines.Count && SharesCommentColumn(lines[to - 1], lines[to])) to++;
            var column = 0;
            for (var at = from; at < to; at++) column = Math.Max(column, lines[at].Text.Length);
            for (; from < to; from++) lines[from].AppendTo(text, column);
        }
        return text.ToString();
    }

    private static void AlignNames(IReadOnlyList<OutputLine> lines)
    {
        var columns = new Dictionary<int, int>();
        foreach (var line in lines)
            if (line.NameEnd >= 0) columns[line.Run] = Math.Max(columns.GetValueOrDefault(line.Run), line.NameEnd);
        foreach (var line in lines)
            if (line.NameEnd >= 0) line.Text.Insert(line.NameEnd, " ", columns[line.Run] - line.NameEnd);
    }

    private static bool SharesCommentColumn(OutputLine above, OutputLine below) =>
        above.HasPlainComment && below.HasPlainComment && !below.BlankBefore && above.Indent == below.Indent;

    // A text of several lines (a raw string) has no column of its own.
    private bool HasPlainComment =>
        Comment is not null && Text.Length > 0 && !Text.ToString().Contains('\n', StringComparison.Ordinal);

    private void AppendTo(StringBuilder text, int column)
    {
        if (BlankBefore) text.Append('\n');
        text.Append('\t', Indent).Append(Text);
        if (Comment is not null)
        {
            if (Text.Length > 0) text.Append(' ', Math.Max(0, column - Text.Length) + 1);
            text.Append(Comment);
        }
        text.Append('\n');
    }
}
