namespace Weir.Routing.Language;

public sealed partial class Parser
{
    private ExpressionSyntax ParseExpression() => ParseBinary(1);

    private static int Precedence(TokenKind kind) => kind switch
    {
        TokenKind.Or => 1,
        TokenKind.And => 2,
        TokenKind.Equal or TokenKind.NotEqual or TokenKind.Less or TokenKind.LessOrEqual or TokenKind.Greater
            or TokenKind.GreaterOrEqual => 3,
        TokenKind.Plus or TokenKind.Minus => 4,
        TokenKind.Star or TokenKind.Slash or TokenKind.Percent => 5,
        TokenKind.Caret => 6,
        _ => 0,
    };

    private ExpressionSyntax ParseBinary(int least)
    {
        var entered = TryEnter();
        var left = entered ? ParseUnary() : Wrong();
        while (Precedence(Current.Kind) is var precedence && precedence >= least)
        {
            var token = Advance();
            // a ^ b ^ c is a ^ (b ^ c); all other operators group to the left.
            var right = ParseBinary(token.Kind == TokenKind.Caret ? precedence : precedence + 1);
            left = Checked(new BinarySyntax(left, token.Kind, PlaceOf(token), right));
        }
        _depth--;
        return left;
    }

    private ExpressionSyntax ParseUnary()
    {
        if (Current.Kind is not (TokenKind.Not or TokenKind.Minus)) return ParsePostfix(ParsePrimary());
        var token = Advance();
        var operand = TryEnter() ? ParseUnary() : Wrong();
        _depth--;
        return Checked(new UnarySyntax(PlaceOf(token).To(operand.Place), token.Kind, operand));
    }

    private ExpressionSyntax ParsePostfix(ExpressionSyntax target)
    {
        while (true)
        {
            var token = Current;
            switch (token.Kind)
            {
                case TokenKind.Dot:
                    Advance();
                    if (Current.Kind != TokenKind.Identifier)
                    {
                        Unexpected("a field's name behind \".\"", "other names are reached with [\"name\"] or [0]");
                        return new WrongSyntax(target.Place);
                    }
                    var name = Advance();
                    target = Checked(new AccessSyntax(target, TextOf(name).ToString(), PlaceOf(name)));
                    break;
                case TokenKind.OpenBracket:
                    Advance();
                    var index = ParseExpression();
                    Close(token, TokenKind.CloseBracket);
                    target = Checked(new IndexSyntax(target.Place.To(BehindLast()), target, index));
                    break;
                case TokenKind.OpenParenthesis:
                    Advance();
                    var arguments = ParseList(token, TokenKind.CloseParenthesis);
                    target = Checked(new CallSyntax(target.Place.To(BehindLast()), target, arguments,
                        Math.Max(target.Height, HeightOf(arguments)) + 1));
                    break;
                default:
                    return target;
            }
        }
    }

    private ExpressionSyntax ParsePrimary()
    {
        var token = Current;
        switch (token.Kind)
        {
            case TokenKind.Identifier:
                Advance();
                return new IdentifierSyntax(PlaceOf(token), TextOf(token).ToString());
            case TokenKind.Number or TokenKind.Float or TokenKind.String or TokenKind.RawString or TokenKind.Bool
                or TokenKind.Null:
                Advance();
                return new LiteralSyntax(PlaceOf(token), ValueOf(token));
            case TokenKind.OpenParenthesis:
                Advance();
                var inside = ParseExpression();
                Close(token, TokenKind.CloseParenthesis);
                return Checked(new ParenthesizedSyntax(PlaceOf(token).To(BehindLast()), inside));
            case TokenKind.OpenBracket:
                Advance();
                var elements = ParseList(token, TokenKind.CloseBracket);
                return Checked(new ArraySyntax(PlaceOf(token).To(BehindLast()), elements, HeightOf(elements) + 1));
            case TokenKind.OpenBrace:
                return ParseObject(_assigned?.ValueIndex == _index ? _assigned : null);
            case TokenKind.Illegal:
                Advance();
                return new WrongSyntax(PlaceOf(token));
            default:
                Unexpected("a value", token.Kind == TokenKind.Terminator
                    ? "a value begins on the line of its name" : null);
                return Wrong();
        }
    }

    private WrongSyntax Wrong() => new(PlaceOf(Current) with { Length = 0 });

    private static int HeightOf(List<ExpressionSyntax> expressions)
    {
        var height = 0;
        foreach (var expression in expressions) height = Math.Max(height, expression.Height);
        return height;
    }

    private Value ValueOf(Token token)
    {
        var text = TextOf(token);
        switch (token.Kind)
        {
            case TokenKind.Bool:
                return BoolValue.Of(text.SequenceEqual("true"));
            case TokenKind.Number or TokenKind.Float:
                if (!NumberValue.TryParse(text, out var number)) Error(PlaceOf(token), "number is too large");
                return number;
            case TokenKind.RawString:
                return new StringValue(text[1..].TrimEnd('`').ToString().Replace("\r", "", StringComparison.Ordinal));
            case TokenKind.String:
                var inside = text[1..];
                if (inside.Length > 0 && inside[^1] == text[0]) inside = inside[..^1];
                if (!StringLiteral.TryDecode(inside, out var value, out var wrong)) WrongEscape(token, inside, wrong);
                return new StringValue(value);
            default:
                return NullValue.Instance;
        }
    }

    private void WrongEscape(Token token, ReadOnlySpan<char> inside, int wrong)
    {
        var sequence = inside.Slice(wrong, Math.Min(2, inside.Length - wrong)).ToString();
        Error(new SourcePlace(_source, token.Offset + 1 + wrong, sequence.Length),
            $"unknown escape sequence {sequence}",
            $"write \\{sequence} for a backslash, or put the string in backticks");
    }

    private void Close(Token open, TokenKind close)
    {
        if (TryTake(close)) return;
        var text = close == TokenKind.CloseBracket ? "]" : ")";
        if (Current.Kind is TokenKind.Terminator && Peek(1).Kind == close)
        {
            Error(BehindLast(), $"expected \"{text}\" on the same line",
                "a line end behind a value ends the statement");
            Advance();
            Advance();
        }
        else if (Current.Kind is TokenKind.Terminator or TokenKind.EndOfFile)
        {
            Error(PlaceOf(open), $"\"{TextOf(open)}\" is not closed", $"add the missing \"{text}\"");
        }
        else
        {
            Unexpected($"\"{text}\"");
        }
    }
}
