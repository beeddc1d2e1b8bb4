namespace Weir.Routing.Language;

/// <summary>Lays the tokens of a file out anew.</summary>
internal sealed class TokenLayout
{
    private readonly SourceFile _source;
    private readonly SyntaxRoles _roles;
    private readonly List<Token> _tokens;
    private readonly HashSet<int> _missingCommas;
    private readonly List<OutputLine> _lines = [];
    private readonly Stack<Frame> _frames = new();
    private int _runs;

    // The last token that is no comment.
    private Token? _lastWritten;

    public TokenLayout(SyntaxTree tree)
    {
        _source = tree.Source;
        _roles = new SyntaxRoles(tree.Body);
        _missingCommas = [.. tree.MissingCommas];
        _tokens = [.. tree.Tokens.Where(token => token.Kind is not (TokenKind.Terminator or TokenKind.EndOfFile))];
        _frames.Push(new Frame(0));
    }

    /// <summary>An open bracket, or the file: how far its content is indented, and the run of aligned names in
    /// it.</summary>
    private sealed class Frame(int indent)
    {
        public int Indent => indent;

        public int Run { get; set; } = -1;
    }

    public string Write()
    {
        for (var i = 0; i < _tokens.Count; i++)
        {
            if (!IsNeedlessComma(i))
            {
                if (i == 0 || BreaksBefore(i)) StartLine(i);
                Append(i);
            }

            if (_tokens[i].Kind != TokenKind.Comment) _lastWritten = _tokens[i];
        }
        return OutputLine.Join(_lines);
    }

    private Token? At(int index) => index >= 0 && index < _tokens.Count ? _tokens[index] : null;

    private int NewlinesBefore(int index) => index == 0
        ? 0
        : _source.Text.AsSpan(_tokens[index - 1].End, _tokens[index].Offset - _tokens[index - 1].End).Count('\n');

    private bool IsLineComment(Token token) =>
        token.Kind == TokenKind.Comment && (IsHashComment(token) || _source.Text[token.Offset + 1] == '/');

    private bool IsHashComment(Token token) => _source.Text[token.Offset] == '#';

    // "[1, 2,]": behind the comma of a line's end, the closing bracket would stand on the next line.
    private bool IsNeedlessComma(int index) => _tokens[index].Kind == TokenKind.Comma
        && At(index + 1) is { } next && IsClosing(next.Kind) && NewlinesBefore(index + 1) == 0;

    private static bool IsOpening(TokenKind kind) =>
        kind is TokenKind.OpenBrace or TokenKind.OpenBracket or TokenKind.OpenParenthesis;

    private static bool IsClosing(TokenKind kind) =>
        kind is TokenKind.CloseBrace or TokenKind.CloseBracket or TokenKind.CloseParenthesis;

    private bool BreaksBefore(int index)
    {
        var (previous, token) = (_tokens[index - 1], _tokens[index]);
        if (IsLineComment(previous)) return true;
        var newlines = NewlinesBefore(index);
        if (_roles.IsBlockBrace(previous) && previous.Kind == TokenKind.OpenBrace)
            return !IsEmptyBlock(index) && !(newlines == 0 && EndsLine(index));
        if (_roles.IsBlockBrace(token) && token.Kind == TokenKind.CloseBrace) return true;
        return newlines > 0 && !HoldsNext(previous);
    }

    private bool IsEmptyBlock(int index) =>
        _tokens[index].Kind == TokenKind.CloseBrace && _roles.IsBlockBrace(_tokens[index]);

    // A comment that is the last token of its line.
    private bool EndsLine(int index) => _tokens[index].Kind == TokenKind.Comment
        && (IsLineComment(_tokens[index]) || index + 1 == _tokens.Count || NewlinesBefore(index + 1) > 0);

    // Tokens behind which the language allows a line end that this layout does not keep.
    private bool HoldsNext(Token token) =>
        token.Kind is TokenKind.Assign or TokenKind.Dot || _roles.IsUnary(token);

    private void StartLine(int index)
    {
        var token = _tokens[index];
        var previous = At(index - 1);
        var frame = _frames.Peek();
        var indent = frame.Indent;
        var continues = false;
        if (IsClosing(token.Kind))
        {
            indent = Math.Max(0, indent - 1);
        }
        else
        {
            continues = IsInsideExpression();
            if (continues) indent++;
        }
        var blank = previous is { } before && NewlinesBefore(index) > 1 && !IsOpening(before.Kind)
            && !IsClosing(token.Kind);
        if (blank || (!continues && !IsClosing(token.Kind) && token.Kind != TokenKind.Comment && !BeginsAligned(index)))
            frame.Run = -1;
        _lines.Add(new OutputLine(indent, blank));
    }

    // Behind an operator, in the middle of an element or attribute.
    private bool IsInsideExpression()
    {
        return _lastWritten is { } token && (HoldsNext(token) || IsBinary(token));
    }

    private bool IsBinary(Token token) => token.Kind is >= TokenKind.Or and <= TokenKind.Caret
        and not (TokenKind.Assign or TokenKind.Not) && !_roles.IsUnary(token);

    private bool BeginsAligned(int index) => At(index + 1) is { Kind: TokenKind.Assign };

    private void Append(int index)
    {
        var token = _tokens[index];
        var line = _lines[^1];
        if (token.Kind == TokenKind.Comment && EndsLine(index))
        {
            line.Comment = TextOf(token).TrimEnd();
            return;
        }
        if (token.Kind == TokenKind.Assign && line.TokenCount == 1)
        {
            var frame = _frames.Peek();
            if (frame.Run < 0) frame.Run = _runs++;
            (line.Run, line.NameEnd) = (frame.Run, line.Text.Length);
        }
        if (line.TokenCount > 0 && NeedsSpace(index)) line.Text.Append(' ');
        line.Text.Append(TextOf(token));
        if (token.Kind != TokenKind.Comment && _missingCommas.Contains(token.End)) line.Text.Append(',');
        line.TokenCount++;
        if (IsOpening(token.Kind)) _frames.Push(new Frame(line.Indent + 1));
        if (IsClosing(token.Kind)) _frames.Pop();
    }

    private string TextOf(Token token)
    {
        var text = _source.Text.Substring(token.Offset, token.Length);
        if (token.Kind == TokenKind.Comment && IsHashComment(token)) text = string.Concat("//", text.AsSpan(1));
        return token.Kind is TokenKind.Comment or TokenKind.RawString
            ? text.Replace("\r", "", StringComparison.Ordinal)
            : text;
    }

    private bool NeedsSpace(int index)
    {
        var token = _tokens[index];
        var previous = _tokens[index - 1];
        if (previous.Kind == TokenKind.Comma && IsNeedlessComma(index - 1)) previous = _tokens[index - 2];
        if (_roles.IsBlockBrace(token) || _roles.IsBlockBrace(previous)) return true;
        if (token.Kind == TokenKind.Comment) return true;
        if (IsClosing(token.Kind) || token.Kind == TokenKind.Comma) return false;
        // "1 .x" without its space would be the number "1." and a name.
        if (token.Kind == TokenKind.Dot) return previous.Kind == TokenKind.Number;
        if (IsOpening(previous.Kind) || previous.Kind == TokenKind.Dot || _roles.IsUnary(previous)) return false;
        var isPostfix = token.Kind is TokenKind.OpenParenthesis or TokenKind.OpenBracket;
        return !isPostfix || !EndsOperand(previous);
    }

    private static bool EndsOperand(Token token) => IsClosing(token.Kind) || token.Kind is TokenKind.Identifier
        or TokenKind.Number or TokenKind.Float or TokenKind.String or TokenKind.RawString or TokenKind.Bool
        or TokenKind.Null;
}
