using System.Text.Unicode;

namespace Weir.Routing.Patterns;

/// <summary>The matches of a pattern in a text, from left to right, none overlapping.</summary>
public ref struct PatternSearch
{
    private readonly GoRegex _regex;
    private readonly PatternScratch _scratch;
    private readonly ReadOnlySpan<byte> _text;
    private readonly ReadOnlySpan<byte> _clean;
    private readonly bool _isRepaired;
    private int _at;
    private int _previousEnd = -1;
    private int _textBase;
    private int _cleanBase;

    internal PatternSearch(GoRegex regex, ReadOnlySpan<byte> text)
    {
        _regex = regex;
        _scratch = regex.Rent();
        _text = _clean = text;
        _isRepaired = !Utf8.IsValid(text);
        if (!_isRepaired) return;
        _scratch.Repair.Take(text);
        _clean = _scratch.Repair.Clean.Span;
    }

    /// <summary>Finds the next match; an empty one right behind another does not count.</summary>
    /// <param name="bounds">As for <see cref="GoRegex.TryMatch"/>; empty when only asked whether there is one.</param>
    public bool TryNext(Span<int> bounds)
    {
        if (bounds.Length == 0) return _scratch.TryMatch(_clean, _at, bounds);
        while (_at <= _clean.Length && _scratch.TryMatch(_clean, _at, bounds))
        {
            var (start, end) = (bounds[0], bounds[1]);
            var isAccepted = end > start || start != _previousEnd;
            if (end > _at) _at = end;
            if (end == start)
                _at = end < _clean.Length ? end + LengthAt(end) : end + 1;
            _previousEnd = end;
            if (!isAccepted) continue;
            if (_isRepaired) Translate(bounds);
            return true;
        }

        _at = _clean.Length + 1;
        return false;
    }

    public readonly void Dispose() => _regex.Return(_scratch);

    private readonly int LengthAt(int at)
    {
        PatternText.RuneAt(_clean, at, out var length);
        return length;
    }

    private void Translate(Span<int> bounds)
    {
        var cleanEnd = bounds[1];
        for (var i = 0; i < bounds.Length; i++)
            if (bounds[i] >= 0) bounds[i] = Utf8Repair.TextOffset(_text, _textBase, _cleanBase, bounds[i]);
        (_textBase, _cleanBase) = (bounds[1], cleanEnd);
    }
}
