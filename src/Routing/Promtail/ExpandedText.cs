using Weir.Routing.Language;

namespace Weir.Routing.Promtail;

/// <summary>A text that was made from a file, and where each of its characters comes from. Immutable once
/// built.</summary>
internal sealed class ExpandedText
{
    private readonly SourceFile _file;
    private readonly List<Piece> _pieces;

    private ExpandedText(SourceFile file, string text, List<Piece> pieces) =>
        (_file, Text, _pieces) = (file, text, pieces);

    public string Text { get; }

    /// <summary>The file as it is.</summary>
    public static ExpandedText Unchanged(SourceFile file) => new(file, file.Text, [new Piece(0, 0, null)]);

    /// <param name="file">The file that was read.</param>
    /// <param name="text">What became of it.</param>
    /// <param name="pieces">Ascending, the first at 0.</param>
    public static ExpandedText Of(SourceFile file, string text, List<Piece> pieces) => new(file, text, pieces);

    /// <summary>Where the characters from <paramref name="start"/> to <paramref name="end"/> come from: for a
    /// variable's
    /// value, the place that names the variable.</summary>
    public SourcePlace PlaceOf(int start, int end)
    {
        var first = Math.Clamp(start, 0, Text.Length);
        var last = Math.Clamp(end, first, Text.Length);
        var from = OffsetOf(first, false);
        var to = last == first ? from : OffsetOf(last - 1, true);
        return new SourcePlace(_file, from, Math.Max(0, to - from));
    }

    private int OffsetOf(int at, bool behind)
    {
        var index = PieceAt(at);
        var piece = _pieces[index];
        var offset = piece.SourceLength is { } length
            ? piece.Source + (behind ? length : 0)
            : piece.Source + (at - piece.Start) + (behind ? 1 : 0);
        return Math.Min(offset, _file.Text.Length);
    }

    // The last piece that begins at or before the character; an empty one (an unset variable) never holds a character.
    private int PieceAt(int at)
    {
        var (low, high) = (0, _pieces.Count - 1);
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            if (_pieces[middle].Start <= at) low = middle;
            else high = middle - 1;
        }
        return low;
    }

    /// <summary>A run of the text.</summary>
    /// <param name="Start">Its first character in the text.</param>
    /// <param name="Source">Its first character in the file.</param>
    /// <param name="SourceLength">What it replaces in the file; null where it stands in both.</param>
    internal readonly record struct Piece(int Start, int Source, int? SourceLength);
}
