using System.Text;

namespace Weir.Routing.Language;

public sealed partial class Parser
{
    private BodySyntax ParseFile()
    {
        var statements = new List<StatementSyntax>();
        while (Current.Kind != TokenKind.EndOfFile)
        {
            ParseStatements(statements);
            if (Current.Kind != TokenKind.CloseBrace) continue;
            Error(PlaceOf(Current), "unexpected \"}\"",
                "no block is open here: remove it, or look for a missing \"{\" above");
            Advance();
        }
        return new BodySyntax(new SourcePlace(_source, 0, _source.Text.Length), statements);
    }

    // Stops at a closing brace or the end of the file.
    private void ParseStatements(List<StatementSyntax> statements)
    {
        while (true)
        {
            while (Current.Kind == TokenKind.Terminator) Advance();
            if (Current.Kind is TokenKind.CloseBrace or TokenKind.EndOfFile) return;
            if (ParseStatement() is { } statement) statements.Add(statement);
            if (Current.Kind is TokenKind.Terminator or TokenKind.CloseBrace or TokenKind.EndOfFile) continue;
            Unexpected("the end of the line", HintBehindStatement());
            SkipStatement();
        }
    }

    private string? HintBehindStatement()
    {
        var last = _tokens[Math.Max(0, _index - 1)];
        return Current.Kind switch
        {
            TokenKind.Comma => "attributes of a block are parted by line ends, not by commas",
            TokenKind.Identifier when last.Kind is TokenKind.Number or TokenKind.Float && last.End == Current.Offset
                => $"a duration or size is a string: \"{TextOf(last)}{TextOf(Current)}\"",
            TokenKind.Identifier => "every attribute and block begins on a line of its own",
            _ => null,
        };
    }

    private StatementSyntax? ParseStatement()
    {
        if (Current.Kind != TokenKind.Identifier)
        {
            Unexpected("an attribute or a block", HintForStatement());
            return RecoverBlock(PlaceOf(Current), "");
        }
        var first = Advance();
        var place = PlaceOf(first);
        var parts = new StringBuilder().Append(TextOf(first));
        while (TryTake(TokenKind.Dot))
        {
            if (Current.Kind != TokenKind.Identifier)
            {
                Unexpected("a name behind \".\"");
                return RecoverBlock(place, parts.ToString());
            }
            place = place.To(PlaceOf(Current));
            parts.Append('.').Append(TextOf(Advance()));
        }
        var name = parts.ToString();
        return Current.Kind == TokenKind.Assign ? ParseAttribute(name, place) : ParseBlock(name, place);
    }

    private string? HintForStatement() => Current.Kind switch
    {
        TokenKind.String => "names in the body of a block stand without quotes",
        TokenKind.Minus => "this looks like YAML: is it a Promtail configuration? then use --config.format=promtail",
        _ => null,
    };

    private AttributeSyntax ParseAttribute(string name, SourcePlace place)
    {
        if (name.Contains('.', StringComparison.Ordinal))
            Error(place, "an attribute's name has no \".\" in it", $"a block is written without \"=\": {name} {{ … }}");
        var assign = Advance();
        _assigned = new AssignedTo(name, PlaceOf(assign), _index);
        return new AttributeSyntax(name, place, ParseExpression());
    }

    private BlockSyntax? ParseBlock(string name, SourcePlace place)
    {
        LabelSyntax? label = null;
        if (Current.Kind is TokenKind.String or TokenKind.RawString)
        {
            label = ParseLabel(Advance());
        }
        else if (Current.Kind == TokenKind.Identifier && Peek(1).Kind == TokenKind.OpenBrace)
        {
            var text = TextOf(Current).ToString();
            Error(PlaceOf(Current), $"expected a label in quotes, got {Describe(Current)}", $"write \"{text}\"");
            label = new LabelSyntax(text, PlaceOf(Advance()));
        }
        if (Current.Kind == TokenKind.Terminator && Peek(1).Kind == TokenKind.OpenBrace)
        {
            Advance();
            Error(PlaceOf(Current), "expected \"{\" on the line of the block's name",
                "move it to the end of the line above");
        }
        if (Current.Kind == TokenKind.OpenBrace) return ParseBlockBody(name, place, label);
        Unexpected(label is null ? "\"=\" or \"{\"" : "\"{\"", HintBehindName());
        return RecoverBlock(place, name, label);
    }

    private string? HintBehindName() => Current.Kind switch
    {
        TokenKind.Minus => "a name consists of letters, digits and underscores",
        TokenKind.Terminator => "an attribute is written name = value, a block name { … }",
        TokenKind.String => "a block has one label at most",
        _ => null,
    };

    private LabelSyntax? ParseLabel(Token token)
    {
        var place = PlaceOf(token);
        var text = TextOf(token).Trim("\"'`").ToString();
        if (token.Kind == TokenKind.RawString)
            Error(place, "a label stands in double quotes", $"write \"{text}\"");
        if (text.Length == 0) return null;
        if (!StringLiteral.IsIdentifier(text))
        {
            var valid = Identifier(text);
            Error(place, $"expected the label to be a valid identifier, got \"{Shorten(text)}\"",
                $"use letters, digits and underscores: \"{Shorten(valid)}\"");
            text = valid;
        }
        return new LabelSyntax(text, place);
    }

    private static string Identifier(string text)
    {
        var valid = string.Concat(text.Select(character => char.IsLetterOrDigit(character) ? character : '_'));
        return char.IsDigit(valid[0]) ? "_" + valid : valid;
    }

    private BlockSyntax ParseBlockBody(string name, SourcePlace namePlace, LabelSyntax? label)
    {
        var open = Advance();
        var statements = new List<StatementSyntax>();
        if (TryEnter()) ParseStatements(statements);
        _depth--;
        var inside = new SourcePlace(_source, open.End, Math.Max(0, Current.Offset - open.End));
        if (Current.Kind == TokenKind.CloseBrace)
            return new BlockSyntax(name, namePlace, label, new BodySyntax(inside, statements), open, Advance());
        Error(namePlace, $"block {name} is not closed", "add the missing \"}\"");
        var nothing = new Token(TokenKind.CloseBrace, Current.Offset, 0);
        return new BlockSyntax(name, namePlace, label, new BodySyntax(inside, statements), open, nothing);
    }

    /// <summary>
    /// Behind a wrong block header: when the line still opens a block, its body is parsed, so that its mistakes show
    /// too and its closing brace matches.
    /// </summary>
    private BlockSyntax? RecoverBlock(SourcePlace place, string name, LabelSyntax? label = null)
    {
        while (Current.Kind is not (TokenKind.Terminator or TokenKind.CloseBrace or TokenKind.EndOfFile))
        {
            if (Current.Kind == TokenKind.OpenBrace && EndsLine(Current)) return ParseBlockBody(name, place, label);
            if (IsOpening(Current.Kind))
            {
                SkipStatement();
                return null;
            }
            Advance();
        }
        return null;
    }

    private bool EndsLine(Token token)
    {
        var next = Peek(1);
        return next.Kind is TokenKind.EndOfFile or TokenKind.CloseBrace
            || _source.Text.AsSpan(token.End, next.Offset - token.End).Contains('\n');
    }
}
