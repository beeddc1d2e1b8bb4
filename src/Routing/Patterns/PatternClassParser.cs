using System.Buffers;
using System.Globalization;
using System.Text;

namespace Weir.Routing.Patterns;

/// <summary>Reads what stands for a set of code points: brackets and the escapes that may stand in them.</summary>
internal sealed class PatternClassParser(string text, int start, PatternFlags flags)
{
    private readonly int _open = start;
    private int _at = start;

    private bool Folds => flags.HasFlag(PatternFlags.FoldCase);

    /// <summary>Reads <c>[…]</c>; <paramref name="end"/> is behind the closing bracket.</summary>
    public RuneRanges ParseBrackets(out int end)
    {
        var set = new RuneRanges();
        _at++;
        var isNegated = _at < text.Length && text[_at] == '^';
        if (isNegated) _at++;
        for (var isFirst = true; ; isFirst = false)
        {
            if (_at >= text.Length) throw new PatternException("missing closing ]", text[_open..], _open);
            if (text[_at] == ']' && !isFirst) break;
            if (!TryParsePosix(set)) ParseMember(set);
        }

        end = _at + 1;
        return isNegated ? set.Negated() : set;
    }

    /// <summary>Reads an escape that stands for a code point or a class.</summary>
    /// <param name="set">What the escape stands for is added.</param>
    /// <param name="end">Behind the escape.</param>
    /// <param name="rune">The code point, or -1 for a class.</param>
    public void ParseEscape(RuneRanges set, out int end, out int rune)
    {
        rune = -1;
        if (!TryParseClassEscape(set))
        {
            rune = ParseRuneEscape();
            Add(set, rune, rune);
        }

        end = _at;
    }

    private void ParseMember(RuneRanges set)
    {
        var from = _at;
        if (TryParseClassEscape(set)) return;
        var low = ParseRune();
        var high = low;
        if (_at + 1 < text.Length && text[_at] == '-' && text[_at + 1] != ']')
        {
            _at++;
            high = ParseRune();
            if (high < low) throw new PatternException("invalid character class range", text[from.._at], from);
        }

        Add(set, low, high);
    }

    private void Add(RuneRanges set, int low, int high)
    {
        if (Folds) set.AddFolded(low, high);
        else set.Add(low, high);
    }

    private void Add(RuneRanges set, RuneRanges named, bool isNegated)
    {
        if (Folds)
        {
            var folded = new RuneRanges();
            foreach (var (low, high) in named.Ranges) folded.AddFolded(low, high);
            named = folded;
        }

        set.Add(isNegated ? named.Negated() : named);
    }

    private bool TryParsePosix(RuneRanges set)
    {
        if (!text.AsSpan(_at).StartsWith("[:")) return false;
        var end = text.IndexOf(":]", _at + 2, StringComparison.Ordinal);
        if (end < 0) return false;
        var isNegated = text[_at + 2] == '^';
        if (!RuneClasses.TryPosix(text[(_at + (isNegated ? 3 : 2))..end], out var named))
            throw new PatternException("invalid character class range", text[_at..(end + 2)], _at);
        Add(set, named, isNegated);
        _at = end + 2;
        return true;
    }

    private bool TryParseClassEscape(RuneRanges set)
    {
        if (text[_at] != '\\' || _at + 1 >= text.Length) return false;
        var letter = text[_at + 1];
        var named = char.ToLowerInvariant(letter) switch
        {
            'd' => RuneClasses.Digit,
            's' => RuneClasses.Space,
            'w' => RuneClasses.Word,
            _ => null,
        };
        if (named != null)
        {
            _at += 2;
            Add(set, named, isNegated: char.IsAsciiLetterUpper(letter));
            return true;
        }

        if (letter is not ('p' or 'P')) return false;
        ParseUnicodeClass(set, isNegated: letter == 'P');
        return true;
    }

    private void ParseUnicodeClass(RuneRanges set, bool isNegated)
    {
        var from = _at;
        _at += 2;
        string name;
        if (_at < text.Length && text[_at] == '{')
        {
            var end = text.IndexOf('}', _at);
            if (end < 0) throw new PatternException("invalid character class range", text[from..], from);
            name = text[(_at + 1)..end];
            _at = end + 1;
        }
        else name = _at < text.Length ? char.ConvertFromUtf32(NextRune()) : "";

        if (name.StartsWith('^'))
        {
            isNegated = !isNegated;
            name = name[1..];
        }

        if (!RuneClasses.TryUnicode(name, out var named))
            throw new PatternException("invalid character class range", text[from.._at], from);
        Add(set, named, isNegated);
    }

    private int ParseRune()
    {
        if (_at >= text.Length) throw new PatternException("missing closing ]", text[_open..], _open);
        return text[_at] == '\\' ? ParseRuneEscape() : NextRune();
    }

    private int NextRune()
    {
        if (Rune.DecodeFromUtf16(text.AsSpan(_at), out var rune, out var length) != OperationStatus.Done)
            throw new PatternException("invalid UTF-8", text, _at);
        _at += length;
        return rune.Value;
    }

    private int ParseRuneEscape()
    {
        var from = _at++;
        if (_at >= text.Length) throw new PatternException("trailing backslash at end of expression", "", from);
        var letter = NextRune();
        switch (letter)
        {
            case >= '1' and <= '7' when _at < text.Length && text[_at] is >= '0' and <= '7':
            case '0':
                return ParseOctal(letter - '0');
            case 'x': return ParseHex(from);
            case 'a': return 7;
            case 'f': return '\f';
            case 'n': return '\n';
            case 'r': return '\r';
            case 't': return '\t';
            case 'v': return '\v';
        }

        if (letter < 0x80 && !char.IsAsciiLetterOrDigit((char)letter)) return letter;
        throw new PatternException("invalid escape sequence", text[from.._at], from);
    }

    private int ParseOctal(int value)
    {
        for (var digits = 1; digits < 3 && _at < text.Length && text[_at] is >= '0' and <= '7'; digits++)
            value = value * 8 + (text[_at++] - '0');
        return value;
    }

    private int ParseHex(int from)
    {
        var digits = _at;
        int end;
        if (_at < text.Length && text[_at] == '{')
        {
            digits++;
            end = text.IndexOf('}', _at);
            _at = end + 1;
        }
        else _at = end = _at + 2;

        if (end > digits && end <= text.Length
            && int.TryParse(text.AsSpan(digits, end - digits), NumberStyles.AllowHexSpecifier,
                CultureInfo.InvariantCulture, out var value)
            && value is >= 0 and <= RuneRanges.RuneMax)
            return value;
        throw new PatternException("invalid escape sequence", text[from..Math.Min(text.Length, from + 4)], from);
    }
}
