using System.Buffers;
using System.Text;

namespace Weir.Routing.Patterns;

/// <summary>
/// Reads Go's regular expression syntax (RE2, with Perl's classes and flags, as <c>regexp.Compile</c> takes it).
/// </summary>
internal sealed class PatternParser
{
    /// <summary>Parentheses inside parentheses, as in Go.</summary>
    public const int DepthMax = 1000;

    /// <summary>The highest repeat count, also of counts multiplied by nesting; as in Go.</summary>
    public const int RepeatMax = 1000;

    private readonly string _text;
    private readonly List<string> _groupNames = [""];
    private int _at;
    private int _depth;
    private PatternFlags _flags;

    private PatternParser(string text, PatternFlags flags)
    {
        _text = text;
        _flags = flags;
    }

    /// <param name="text">The pattern.</param>
    /// <param name="flags">As they stand at the pattern's start.</param>
    /// <param name="groupNames">One a group, "" where it has none; the first stands for the whole match.</param>
    /// <exception cref="PatternException">Not a pattern Go accepts.</exception>
    public static PatternNode Parse(string text, PatternFlags flags, out IReadOnlyList<string> groupNames)
    {
        var parser = new PatternParser(text, flags);
        var node = parser.ParseChoice();
        if (parser._at < text.Length) throw new PatternException("unexpected )", text, parser._at);
        if (RepeatedCopies(node) > RepeatMax) throw new PatternException("invalid repeat count", text, 0);
        groupNames = parser._groupNames;
        return node;
    }

    private static long RepeatedCopies(PatternNode node) => node switch
    {
        PatternNode.Sequence sequence => sequence.Items.Count == 0 ? 1 : sequence.Items.Max(RepeatedCopies),
        PatternNode.Choice choice => choice.Items.Max(RepeatedCopies),
        PatternNode.Group group => RepeatedCopies(group.Item),
        PatternNode.Repeat repeat => RepeatedCopies(repeat.Item) * Math.Max(1, Math.Max(repeat.Least, repeat.Most)),
        _ => 1,
    };

    private PatternNode ParseChoice()
    {
        if (++_depth > DepthMax) throw new PatternException("expression nests too deeply", _text, _at);
        var flagsBefore = _flags;
        var branches = new List<PatternNode>();
        while (true)
        {
            branches.Add(ParseSequence());
            if (_at >= _text.Length || _text[_at] != '|') break;
            _at++;
        }

        _flags = flagsBefore;
        _depth--;
        return branches.Count == 1 ? branches[0] : new PatternNode.Choice(branches);
    }

    private PatternNode ParseSequence()
    {
        var items = new List<PatternNode>();
        var repeatStart = -1; // where the operator of the last item began, to refuse a second one
        while (_at < _text.Length && _text[_at] is not ('|' or ')'))
        {
            if (TryParseRepeat(items, ref repeatStart)) continue;
            repeatStart = -1;
            ParseItem(items);
        }

        return items.Count switch
        {
            0 => new PatternNode.Empty(),
            1 => items[0],
            _ => new PatternNode.Sequence(items),
        };
    }

    private bool TryParseRepeat(List<PatternNode> items, ref int repeatStart)
    {
        var start = _at;
        int least, most;
        switch (_text[_at])
        {
            case '*': (least, most) = (0, -1); _at++; break;
            case '+': (least, most) = (1, -1); _at++; break;
            case '?': (least, most) = (0, 1); _at++; break;
            case '{' when TryParseCounts(out least, out most): break;
            default: return false;
        }

        var isGreedy = !_flags.HasFlag(PatternFlags.Ungreedy);
        if (_at < _text.Length && _text[_at] == '?')
        {
            _at++;
            isGreedy = !isGreedy;
        }

        if (repeatStart >= 0)
            throw new PatternException("invalid nested repetition operator", _text[repeatStart.._at], start);
        if (items.Count == 0)
            throw new PatternException("missing argument to repetition operator", _text[start.._at], start);
        repeatStart = start;
        items[^1] = new PatternNode.Repeat(items[^1], least, most, isGreedy);
        return true;
    }

    /// <summary>Reads <c>{n}</c>, <c>{n,}</c>, <c>{n,m}</c>; anything else is a literal brace.</summary>
    private bool TryParseCounts(out int least, out int most)
    {
        most = -1;
        var at = _at + 1;
        if (!TryParseCount(ref at, out least)) return false;
        if (at < _text.Length && _text[at] == ',')
        {
            at++;
            if (at < _text.Length && _text[at] != '}' && !TryParseCount(ref at, out most)) return false;
        }
        else most = least;

        if (at >= _text.Length || _text[at] != '}') return false;
        var written = _text[_at..(at + 1)];
        if (least > RepeatMax || most > RepeatMax || (most >= 0 && least > most))
            throw new PatternException("invalid repeat count", written, _at);
        _at = at + 1;
        return true;
    }

    private bool TryParseCount(ref int at, out int count)
    {
        count = 0;
        var start = at;
        while (at < _text.Length && char.IsAsciiDigit(_text[at]))
            count = Math.Min(count * 10 + (_text[at++] - '0'), RepeatMax + 1);
        return at > start && (at - start == 1 || _text[start] != '0');
    }

    private void ParseItem(List<PatternNode> items)
    {
        switch (_text[_at])
        {
            case '(':
                ParseParenthesis(items);
                break;
            case '[':
                items.Add(new PatternNode.Set(new PatternClassParser(_text, _at, _flags).ParseBrackets(out _at)));
                break;
            case '.':
                _at++;
                items.Add(new PatternNode.Set(
                    _flags.HasFlag(PatternFlags.DotNewline) ? RuneClasses.Any : RuneClasses.AnyButNewline));
                break;
            case '^':
                _at++;
                items.Add(Assertion(_flags.HasFlag(PatternFlags.MultiLine) ? Look.LineStart : Look.TextStart));
                break;
            case '$':
                _at++;
                items.Add(Assertion(_flags.HasFlag(PatternFlags.MultiLine) ? Look.LineEnd : Look.TextEnd));
                break;
            case '\\':
                ParseEscape(items);
                break;
            default:
                items.Add(Literal(NextRune()));
                break;
        }
    }

    private static PatternNode.Assertion Assertion(Look look) => new(look);

    private PatternNode.Set Literal(int rune)
    {
        var set = new RuneRanges();
        if (_flags.HasFlag(PatternFlags.FoldCase)) set.AddFolded(rune, rune);
        else set.Add(rune, rune);
        return new PatternNode.Set(set);
    }

    private int NextRune()
    {
        if (Rune.DecodeFromUtf16(_text.AsSpan(_at), out var rune, out var length) != OperationStatus.Done)
            throw new PatternException("invalid UTF-8", _text, _at);
        _at += length;
        return rune.Value;
    }

    private void ParseEscape(List<PatternNode> items)
    {
        var next = _at + 1 < _text.Length ? _text[_at + 1] : '\0';
        Look? look = next switch
        {
            'A' => Look.TextStart,
            'z' => Look.TextEnd,
            'b' => Look.WordBoundary,
            'B' => Look.NoWordBoundary,
            _ => null,
        };
        if (look is { } assertion)
        {
            _at += 2;
            items.Add(Assertion(assertion));
        }
        else if (next == 'Q')
        {
            var end = _text.IndexOf("\\E", _at + 2, StringComparison.Ordinal);
            var stop = end < 0 ? _text.Length : end;
            for (_at += 2; _at < stop;) items.Add(Literal(NextRune()));
            _at = end < 0 ? stop : end + 2;
        }
        else
        {
            var set = new RuneRanges();
            new PatternClassParser(_text, _at, _flags).ParseEscape(set, out _at, out _);
            items.Add(new PatternNode.Set(set));
        }
    }

    private void ParseParenthesis(List<PatternNode> items)
    {
        var open = _at;
        var name = "";
        if (open + 1 < _text.Length && _text[open + 1] == '?')
        {
            var nameStart = _text.AsSpan(open).StartsWith("(?P<") ? open + 4
                : _text.AsSpan(open).StartsWith("(?<") ? open + 3 : -1;
            if (nameStart < 0)
            {
                ParseFlags(items);
                return;
            }

            name = ParseGroupName(open, nameStart);
        }
        else _at++;

        var index = _groupNames.Count;
        _groupNames.Add(name);
        items.Add(new PatternNode.Group(ParseToClosing(), index));
    }

    private string ParseGroupName(int open, int nameStart)
    {
        var end = _text.IndexOf('>', nameStart);
        if (end < 0) throw new PatternException("invalid named capture", _text[open..], open);
        var name = _text[nameStart..end];
        if (name.Length == 0 || name.Any(unit => !(char.IsAsciiLetterOrDigit(unit) || unit == '_')))
            throw new PatternException("invalid named capture", _text[open..(end + 1)], open);
        if (_groupNames.Contains(name)) throw new PatternException("duplicate capture name", name, open);
        _at = end + 1;
        return name;
    }

    private PatternNode ParseToClosing()
    {
        var node = ParseChoice();
        if (_at >= _text.Length) throw new PatternException("missing closing )", _text, _text.Length);
        _at++;
        return node;
    }

    /// <summary>Reads <c>(?i)</c>, which holds to the end of its group, or <c>(?i:…)</c>.</summary>
    private void ParseFlags(List<PatternNode> items)
    {
        var open = _at;
        var flags = _flags;
        var isNegative = false;
        var hasLetter = false;
        for (_at += 2; _at < _text.Length; _at++)
        {
            var letter = _text[_at];
            var flag = letter switch
            {
                'i' => PatternFlags.FoldCase,
                'm' => PatternFlags.MultiLine,
                's' => PatternFlags.DotNewline,
                'U' => PatternFlags.Ungreedy,
                _ => PatternFlags.None,
            };
            if (flag != PatternFlags.None)
            {
                flags = isNegative ? flags & ~flag : flags | flag;
                hasLetter = true;
            }
            else if (letter == '-' && !isNegative)
            {
                isNegative = true;
                hasLetter = false;
            }
            else if (letter is ':' or ')' && (hasLetter || !isNegative))
            {
                ApplyFlags(items, flags, isGroup: letter == ':');
                return;
            }
            else break;
        }

        if (_at >= _text.Length) throw new PatternException("missing closing )", _text, open);
        throw new PatternException("invalid or unsupported Perl syntax", _text[open..(_at + 1)], open);
    }

    private void ApplyFlags(List<PatternNode> items, PatternFlags flags, bool isGroup)
    {
        _at++;
        var before = _flags;
        _flags = flags;
        if (!isGroup) return;
        var node = ParseToClosing();
        _flags = before;
        items.Add(node);
    }
}

/// <summary>Flags as they stand at a place of the pattern.</summary>
[Flags]
internal enum PatternFlags : byte
{
    None = 0,
    FoldCase = 1,
    MultiLine = 2,
    DotNewline = 4,
    Ungreedy = 8,
}
