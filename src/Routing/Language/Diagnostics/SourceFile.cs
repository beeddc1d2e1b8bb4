using System.Text;

namespace Weir.Routing.Language;

/// <summary>The text of one configuration file and where its lines begin. Immutable.</summary>
public sealed class SourceFile
{
    /// <summary>Longest file that is read, in UTF-16 units; the largest known configurations are a hundredth of
    /// it.</summary>
    public const int LengthMax = 16 * 1024 * 1024;

    private const char ByteOrderMark = '\uFEFF';
    private readonly int[] _lineStarts;

    /// <param name="name">Shown in errors, usually the path as the operator gave it.</param>
    /// <param name="text">A byte order mark at its beginning is taken off.</param>
    public SourceFile(string name, string text)
    {
        Name = name;
        Text = text.Length > 0 && text[0] == ByteOrderMark ? text[1..] : text;
        _lineStarts = FindLineStarts(Text);
    }

    /// <summary>Shown in errors.</summary>
    public string Name { get; }

    /// <summary>No line of it may be shown.</summary>
    public bool IsSecret { get; init; }

    /// <summary>The whole text without byte order mark.</summary>
    public string Text { get; }

    /// <summary>Decodes a file's bytes; malformed UTF-8 becomes U+FFFD, which the lexer refuses outside
    /// strings.</summary>
    public static SourceFile Decode(string name, ReadOnlySpan<byte> utf8) => new(name, Encoding.UTF8.GetString(utf8));

    /// <summary>Line of an offset, the first being 1.</summary>
    public int LineOf(int offset)
    {
        var found = Array.BinarySearch(_lineStarts, offset);
        return found >= 0 ? found + 1 : ~found;
    }

    /// <summary>Column of an offset in UTF-16 units, the first being 1.</summary>
    public int ColumnOf(int offset) => offset - _lineStarts[LineOf(offset) - 1] + 1;

    /// <summary>Offset of the first character of a line; the first line is 1.</summary>
    public int LineStart(int line) => _lineStarts[line - 1];

    /// <summary>A line's text without its end; the first line is 1.</summary>
    public ReadOnlySpan<char> LineText(int line)
    {
        var start = _lineStarts[line - 1];
        var end = line < _lineStarts.Length ? _lineStarts[line] : Text.Length;
        return Text.AsSpan(start, end - start).TrimEnd("\r\n");
    }

    private static int[] FindLineStarts(string text)
    {
        var starts = new List<int> { 0 };
        for (var at = 0; at < text.Length; at++)
            if (text[at] == '\n') starts.Add(at + 1);
        return [.. starts];
    }
}
