using System.Text;

namespace Weir.Routing.Language;

/// <summary>
/// Cuts a file into tokens, in one pass. As in Go, a newline behind a name, a literal or a closing bracket ends the
/// statement. Comments stay in the stream for the formatter.
/// </summary>
public sealed class Lexer
{
    private readonly SourceFile _source;
    private readonly string _text;
    private readonly DiagnosticBag _diagnostics;
    private readonly List<Token> _tokens = [];
    private int _at;
    private bool _endsStatement;

    private Lexer(SourceFile source, DiagnosticBag diagnostics)
    {
        (_source, _text, _diagnostics) = (source, source.Text, diagnostics);
    }

    /// <returns>All tokens; the last is <see cref="TokenKind.EndOfFile"/>. Mistakes are in the diagnostics.</returns>
    public static IReadOnlyList<Token> Scan(SourceFile source, DiagnosticBag diagnostics)
    {
        var lexer = new Lexer(source, diagnostics);
        while (lexer._at < lexer._text.Length) lexer.Next();
        lexer.Terminate();
        lexer._tokens.Add(new Token(TokenKind.EndOfFile, lexer._at, 0));
        return lexer._tokens;
    }

    private void Next()
    {
        var character = _text[_at];
        switch (character)
        {
            case ' ' or '\t' or '\r': _at++; break;
            case '\n':
                Terminate();
                _at++;
                break;
            case '/' when Peek(1) is '/': LineComment(); break;
            case '/' when Peek(1) is '*': BlockComment(); break;
            case '#': HashComment(); break;
            case '"': QuotedString('"'); break;
            case '\'': SingleQuotedString(); break;
            case '`': RawString(); break;
            case >= '0' and <= '9': Number(); break;
            case '.' when Peek(1) is >= '0' and <= '9' && !BehindOperand(): Number(); break;
            default:
                if (LengthOfLetter(_at) > 0) Word();
                else if (!Symbol(character)) Illegal();
                break;
        }
    }

    private char Peek(int ahead) => _at + ahead < _text.Length ? _text[_at + ahead] : '\0';

    // "a.5" is no access to a field and ".5" no operand behind one; the parser's message is better than two numbers.
    private bool BehindOperand() => _endsStatement && _tokens.Count > 0 && _tokens[^1].End == _at;

    private void Terminate()
    {
        if (_endsStatement) _tokens.Add(new Token(TokenKind.Terminator, _at, 0));
        _endsStatement = false;
    }

    private void Add(TokenKind kind, int length)
    {
        _tokens.Add(new Token(kind, _at, length));
        _at += length;
        if (kind == TokenKind.Comment) return;
        _endsStatement = kind is TokenKind.Identifier or TokenKind.Number or TokenKind.Float or TokenKind.String
            or TokenKind.RawString or TokenKind.Bool or TokenKind.Null or TokenKind.CloseBrace
            or TokenKind.CloseBracket or TokenKind.CloseParenthesis or TokenKind.Illegal;
    }

    private void Error(int offset, int length, string message, string? hint = null) =>
        _diagnostics.Error(new SourcePlace(_source, offset, length), message, hint);

    private int LengthToLineEnd(int from)
    {
        var length = _text.AsSpan(from).IndexOf('\n');
        if (length < 0) return _text.Length - from;
        return length > 0 && _text[from + length - 1] == '\r' ? length - 1 : length;
    }

    private void LineComment() => Add(TokenKind.Comment, LengthToLineEnd(_at));

    // Nothing else begins so: what is meant is certain.
    private void HashComment()
    {
        _diagnostics.Warning(new SourcePlace(_source, _at, 1), "'#' begins no comment in Alloy",
            "a comment begins with //; weir fmt -w writes it so", "hash-comment");
        LineComment();
    }

    private void BlockComment()
    {
        var length = _text.AsSpan(_at + 2).IndexOf("*/");
        if (length < 0)
        {
            Error(_at, 2, "block comment is not closed", "close it with */");
            length = _text.Length - _at;
        }
        else
        {
            length += 4;
        }
        // A comment with a newline in it ends the statement as the newline alone would.
        if (_text.AsSpan(_at, length).Contains('\n')) Terminate();
        Add(TokenKind.Comment, length);
    }

    private void QuotedString(char quote)
    {
        var end = _at + 1;
        while (end < _text.Length && _text[end] != quote && _text[end] != '\n')
            end += _text[end] == '\\' && end + 1 < _text.Length && _text[end + 1] != '\n' ? 2 : 1;
        end = Math.Min(end, _text.Length);
        if (end < _text.Length && _text[end] == quote)
        {
            end++;
        }
        else
        {
            if (end > _at && _text[end - 1] == '\r') end--;
            Error(_at, end - _at, "string is not closed on its line",
                quote == '"' ? "close it with \", or use backticks for a string of several lines" : null);
        }
        Add(TokenKind.String, end - _at);
    }

    private void SingleQuotedString()
    {
        Error(_at, 1, "illegal single-quoted string", "use double quotes");
        QuotedString('\'');
    }

    private void RawString()
    {
        var length = _text.AsSpan(_at + 1).IndexOf('`');
        if (length >= 0)
        {
            Add(TokenKind.RawString, length + 2);
            return;
        }
        Error(_at, 1, "raw string is not closed", "close it with a backtick");
        Add(TokenKind.RawString, _text.Length - _at);
    }

    private void Number()
    {
        var end = SkipDigits(_at);
        var kind = TokenKind.Number;
        if (end < _text.Length && _text[end] == '.')
        {
            kind = TokenKind.Float;
            end = SkipDigits(end + 1);
        }
        if (end < _text.Length && _text[end] is 'e' or 'E')
        {
            var digits = end + 1 < _text.Length && _text[end + 1] is '+' or '-' ? end + 2 : end + 1;
            var behind = SkipDigits(digits);
            if (behind > digits) (kind, end) = (TokenKind.Float, behind);
        }
        Add(kind, end - _at);
    }

    private int SkipDigits(int at)
    {
        while (at < _text.Length && char.IsAsciiDigit(_text[at])) at++;
        return at;
    }

    private int LengthOfLetter(int at)
    {
        if (at >= _text.Length) return 0;
        if (_text[at] == '_') return 1;
        return Rune.TryGetRuneAt(_text, at, out var rune) && Rune.IsLetter(rune) ? rune.Utf16SequenceLength : 0;
    }

    private void Word()
    {
        var end = _at;
        while (end < _text.Length)
        {
            var length = LengthOfLetter(end);
            if (length == 0 && char.IsDigit(_text[end])) length = 1;
            if (length == 0) break;
            end += length;
        }
        var kind = _text.AsSpan(_at, end - _at) switch
        {
            "true" or "false" => TokenKind.Bool,
            "null" => TokenKind.Null,
            _ => TokenKind.Identifier,
        };
        Add(kind, end - _at);
    }

    private bool Symbol(char character)
    {
        var (kind, length) = (character, Peek(1)) switch
        {
            ('|', '|') => (TokenKind.Or, 2),
            ('&', '&') => (TokenKind.And, 2),
            ('!', '=') => (TokenKind.NotEqual, 2),
            ('=', '=') => (TokenKind.Equal, 2),
            ('<', '=') => (TokenKind.LessOrEqual, 2),
            ('>', '=') => (TokenKind.GreaterOrEqual, 2),
            ('!', _) => (TokenKind.Not, 1),
            ('=', _) => (TokenKind.Assign, 1),
            ('<', _) => (TokenKind.Less, 1),
            ('>', _) => (TokenKind.Greater, 1),
            ('+', _) => (TokenKind.Plus, 1),
            ('-', _) => (TokenKind.Minus, 1),
            ('*', _) => (TokenKind.Star, 1),
            ('/', _) => (TokenKind.Slash, 1),
            ('%', _) => (TokenKind.Percent, 1),
            ('^', _) => (TokenKind.Caret, 1),
            ('{', _) => (TokenKind.OpenBrace, 1),
            ('}', _) => (TokenKind.CloseBrace, 1),
            ('(', _) => (TokenKind.OpenParenthesis, 1),
            (')', _) => (TokenKind.CloseParenthesis, 1),
            ('[', _) => (TokenKind.OpenBracket, 1),
            (']', _) => (TokenKind.CloseBracket, 1),
            (',', _) => (TokenKind.Comma, 1),
            ('.', _) => (TokenKind.Dot, 1),
            _ => (TokenKind.Illegal, 0),
        };
        if (length == 0) return false;
        Add(kind, length);
        return true;
    }

    private void Illegal()
    {
        var (name, hint) = _text[_at] switch
        {
            '\0' => ("NUL", "the file is not text, or is UTF-16: save it as UTF-8"),
            '\uFEFF' => ("byte order mark", "it may only be the first character of the file"),
            '\uFFFD' => ("U+FFFD", "the file is not valid UTF-8: save it as UTF-8"),
            ';' => ("';'", "a statement ends with its line"),
            ':' => ("':'", "write name = value"),
            '&' => ("'&'", "the operator is &&"),
            '|' => ("'|'", "the operator is ||"),
            '?' => ("'?'", "there is no conditional operator; coalesce(a, b) picks the first value that is not empty"),
            '$' => ("'$'", "environment variables are read with sys.env(\"NAME\")"),
            '“' or '”' or '‘' or '’' => ("typographic quote", "use \""),
            '\u00A0' => ("no-break space", "use a plain space"),
            var other when char.IsControl(other) || char.IsSurrogate(other) || char.IsWhiteSpace(other)
                => ($"U+{(int)other:X4}", null),
            var other => ($"'{other}'", (string?)null),
        };
        Error(_at, 1, $"illegal character {name}", hint);
        Add(TokenKind.Illegal, 1);
    }
}
