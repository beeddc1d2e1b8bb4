namespace Weir.Routing.Language;

public sealed partial class Parser
{
    /// <summary>The attribute that an object literal is the value of: it may be a block that was given a "=".</summary>
    private sealed record AssignedTo(string Name, SourcePlace AssignPlace, int ValueIndex)
    {
        public string Hint => $"a block is written without \"=\": {Name} {{ … }}";
    }

    private List<ExpressionSyntax> ParseList(Token open, TokenKind close)
    {
        var elements = new List<ExpressionSyntax>();
        while (!TryTake(close))
        {
            var before = _index;
            elements.Add(ParseExpression());
            switch (Separate(open, close, StartsExpression, "a comma parts the elements of a list"))
            {
                case Separator.Comma: break;
                case Separator.End: return elements;
                case Separator.Missing:
                    Error(MissingCommaPlace(), "missing ',' in list", MissingCommaHint(close));
                    break;
                case Separator.LineEnd:
                    MissingComma(MissingCommaPlace(), "list", MissingCommaHint(close));
                    break;
            }
            if (_index == before) Advance();
        }
        return elements;
    }

    private ExpressionSyntax ParseObject(AssignedTo? assigned)
    {
        var open = Advance();
        var fields = new List<ObjectFieldSyntax>();
        var missing = new List<MissingAt>();
        var isBlock = !TryEnter() || !ParseFields(open, fields, missing, assigned);
        _depth--;
        var place = PlaceOf(open).To(BehindLast());
        if (isBlock) return new WrongSyntax(place);
        ReportMissingCommas(fields.Count, missing, assigned);
        var height = 1;
        foreach (var field in fields) height = Math.Max(height, field.Value.Height + 1);
        return Checked(new ObjectSyntax(place, fields, height));
    }

    /// <returns>False when it turned out to be the body of a block, which has been parsed to its end.</returns>
    private bool ParseFields(
        Token open, List<ObjectFieldSyntax> fields, List<MissingAt> missing, AssignedTo? assigned)
    {
        while (!TryTake(TokenKind.CloseBrace))
        {
            var before = _index;
            if (BlockAhead(_index))
            {
                if (assigned is null) Error(PlaceOf(Current), "cannot use a block as an expression");
                else Error(assigned.AssignPlace, "cannot use a block as an expression", assigned.Hint);
                ParseStatements([]);
                TryTake(TokenKind.CloseBrace);
                return false;
            }
            if (ParseField() is { } field) fields.Add(field);
            var separator = Separate(
                open, TokenKind.CloseBrace, StartsField, "a comma parts the fields of an object");
            if (separator == Separator.End) return true;
            if (separator != Separator.Comma)
                missing.Add(new MissingAt(
                    MissingCommaPlace(), MissingCommaHint(TokenKind.CloseBrace), separator == Separator.LineEnd));
            if (_index == before) Advance();
        }
        return true;
    }

    private ObjectFieldSyntax? ParseField()
    {
        var token = Current;
        if (token.Kind is not (TokenKind.Identifier or TokenKind.String))
        {
            Unexpected("a field's name", token.Kind == TokenKind.RawString ? "put it in double quotes" : null);
            return null;
        }
        Advance();
        var name = token.Kind == TokenKind.String ? Unquoted(TextOf(token)) : TextOf(token).ToString();
        if (Current.Kind is not (TokenKind.Assign or TokenKind.Illegal))
        {
            Unexpected("\"=\" behind the field's name",
                Current.Kind == TokenKind.Dot ? $"put names with other characters in quotes: \"{name}.…\"" : null);
            return null;
        }
        Advance(); // an illegal ":" has been reported by the lexer
        return new ObjectFieldSyntax(name, PlaceOf(token), ParseExpression());
    }

    // As in Alloy, escape sequences in a field's name are not decoded.
    private static string Unquoted(ReadOnlySpan<char> text) =>
        (text.Length > 1 && text[^1] == text[0] ? text[1..^1] : text[1..]).ToString();

    // Without any comma it is one mistake, not one a line, and likely a block.
    private void ReportMissingCommas(int fields, List<MissingAt> missing, AssignedTo? assigned)
    {
        var all = missing.Count > 1 && missing.Count >= fields - 1;
        var shown = all ? [missing.Find(one => !one.EndsLine) ?? missing[0]] : missing;
        foreach (var (place, hint, endsLine) in shown)
        {
            var text = all ? "part the fields of an object with commas" : hint;
            if (endsLine) MissingComma(place, "object", text);
            else
                Error(place, "missing ',' in object",
                    assigned is null ? text : $"{text}; if \"{assigned.Name}\" is a block, remove the \"=\"");
        }
    }

    private sealed record MissingAt(SourcePlace Place, string Hint, bool EndsLine);

    private enum Separator
    {
        Comma,

        /// <summary>A line ends where a comma belongs.</summary>
        LineEnd,

        Missing,
        End,
    }

    /// <summary>What stands between two elements. End: the closing bracket has been taken, or is missing and
    /// reported.</summary>
    private Separator Separate(Token open, TokenKind close, Func<int, bool> startsElement, string hint)
    {
        if (TryTake(TokenKind.Comma)) return Separator.Comma;
        if (TryTake(close)) return Separator.End;
        if (Current.Kind == TokenKind.Terminator)
        {
            if (Peek(1).Kind == close || startsElement(_index + 1))
            {
                _missingCommas.Add(MissingCommaPlace().Offset);
                Advance();
                return Separator.LineEnd;
            }
            if (!Unclosed(1))
            {
                Advance();
                return Skip(open, close, hint);
            }
        }
        else if (startsElement(_index))
        {
            return Separator.Missing;
        }
        else if (!Unclosed(0))
        {
            return Skip(open, close, hint);
        }
        Error(PlaceOf(open), $"\"{TextOf(open)}\" is not closed", $"add the missing \"{Closing(close)}\"");
        return Separator.End;
    }

    private bool Unclosed(int ahead) =>
        Peek(ahead).Kind is TokenKind.EndOfFile or TokenKind.Identifier or TokenKind.CloseBrace or TokenKind.Terminator;

    // Something that is neither an element nor a separator: skip to where the list can go on.
    private Separator Skip(Token open, TokenKind close, string hint)
    {
        Unexpected($"\",\" or \"{Closing(close)}\"", hint);
        for (var depth = 0; Current.Kind != TokenKind.EndOfFile; Advance())
        {
            if (depth == 0 && TryTake(TokenKind.Comma)) return Separator.Comma;
            if (depth == 0 && TryTake(close)) return Separator.End;
            if (depth == 0 && Current.Kind is TokenKind.Terminator or TokenKind.CloseBrace) return Separator.End;
            if (IsOpening(Current.Kind)) depth++;
            if (IsClosing(Current.Kind) && depth > 0) depth--;
        }
        Error(PlaceOf(open), $"\"{TextOf(open)}\" is not closed", $"add the missing \"{Closing(close)}\"");
        return Separator.End;
    }

    private static string Closing(TokenKind close) => close switch
    {
        TokenKind.CloseBrace => "}",
        TokenKind.CloseBracket => "]",
        _ => ")",
    };

    // Behind the last token that is no terminator.
    private SourcePlace MissingCommaPlace()
    {
        var last = _index - 1;
        while (last > 0 && _tokens[last].Kind == TokenKind.Terminator) last--;
        return new SourcePlace(_source, _tokens[last].End, 0);
    }

    private string MissingCommaHint(TokenKind close) => Current.Kind == close
        ? $"a comma must follow the last element when \"{Closing(close)}\" stands on a line of its own"
        : "add a comma";

    private bool StartsExpression(int index)
    {
        var kind = _tokens[index].Kind;
        if (kind == TokenKind.Identifier)
            return !BlockAhead(index) && _tokens[Math.Min(index + 1, _tokens.Count - 1)].Kind != TokenKind.Assign;
        return kind is TokenKind.Number or TokenKind.Float or TokenKind.String or TokenKind.RawString or TokenKind.Bool
            or TokenKind.Null or TokenKind.OpenBrace or TokenKind.OpenBracket or TokenKind.Not or TokenKind.Illegal;
    }

    private bool StartsField(int index) => _tokens[index].Kind is TokenKind.Identifier or TokenKind.String;

    /// <summary>Whether a block header begins here: names with dots, perhaps a label, an opening brace.</summary>
    private bool BlockAhead(int index)
    {
        if (_tokens[index].Kind != TokenKind.Identifier) return false;
        index++;
        while (_tokens[index].Kind == TokenKind.Dot && _tokens[index + 1].Kind == TokenKind.Identifier) index += 2;
        if (_tokens[index].Kind == TokenKind.String) index++;
        return _tokens[index].Kind == TokenKind.OpenBrace;
    }
}
