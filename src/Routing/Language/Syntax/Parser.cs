namespace Weir.Routing.Language;

/// <summary>
/// Builds the syntax tree of a file. It goes on behind a mistake, so that all of them are reported in one run, one a
/// line. Takes time linear in the length of the file.
/// </summary>
public sealed partial class Parser
{
    /// <summary>
    /// Deepest nesting of blocks and expressions, and longest chain of operators. Real files stay below 20;
    /// the limit keeps a hostile one from overflowing the stack.
    /// </summary>
    public const int NestingMax = 250;

    private readonly SourceFile _source;
    private readonly DiagnosticBag _diagnostics = new();
    private readonly List<Token> _tokens;
    private readonly List<int> _missingCommas = [];
    private int _index;
    private int _depth;
    private bool _gaveUp;
    private AssignedTo? _assigned;

    private Parser(SourceFile source, IEnumerable<Token> tokens)
    {
        _source = source;
        _tokens = [.. tokens.Where(token => token.Kind != TokenKind.Comment)];
    }

    private Token Current => _tokens[_index];

    /// <summary>Parses a file. Mistakes are in the tree's diagnostics; the tree holds what could be
    /// understood.</summary>
    public static SyntaxTree Parse(SourceFile source)
    {
        var found = new DiagnosticBag();
        if (source.Text.Length > SourceFile.LengthMax)
        {
            found.Error(new SourcePlace(source, 0, 0), $"file is longer than {SourceFile.LengthMax} characters");
            var nothing = new BodySyntax(new SourcePlace(source, 0, 0), []);
            return new SyntaxTree(source, nothing, [new Token(TokenKind.EndOfFile, 0, 0)], found.Items);
        }
        var tokens = Lexer.Scan(source, found);
        var parser = new Parser(source, tokens);
        var body = parser.ParseFile();
        found.AddRange(parser._diagnostics.Items);
        return new SyntaxTree(source, body, tokens, FirstOfEachLine(found)) { MissingCommas = parser._missingCommas };
    }

    // A mistake often makes the rest of its line look wrong too; only the first complaint helps. An error goes before
    // a warning.
    private static List<Diagnostic> FirstOfEachLine(DiagnosticBag found)
    {
        var kept = new List<Diagnostic>();
        foreach (var diagnostic in found.Sorted())
        {
            if (kept.Count == 0 || kept[^1].Place.Line != diagnostic.Place.Line) kept.Add(diagnostic);
            else if (diagnostic.Severity > kept[^1].Severity) kept[^1] = diagnostic;
        }
        return kept;
    }

    private Token Peek(int ahead) => _tokens[Math.Min(_index + ahead, _tokens.Count - 1)];

    private Token Advance()
    {
        var token = Current;
        if (_index < _tokens.Count - 1) _index++;
        return token;
    }

    private bool TryTake(TokenKind kind)
    {
        if (Current.Kind != kind) return false;
        Advance();
        return true;
    }

    private SourcePlace PlaceOf(Token token) => new(_source, token.Offset, token.Length);

    private ReadOnlySpan<char> TextOf(Token token) => _source.Text.AsSpan(token.Offset, token.Length);

    /// <summary>The point just behind the last token, where a missing comma or bracket belongs.</summary>
    private SourcePlace BehindLast() => new(_source, _index == 0 ? 0 : _tokens[_index - 1].End, 0);

    private void Error(SourcePlace place, string message, string? hint = null)
    {
        if (!_gaveUp) _diagnostics.Error(place, message, hint);
    }

    // A line end parts elements as well as a comma does, so what is meant is certain.
    private void MissingComma(SourcePlace place, string list, string hint)
    {
        if (!_gaveUp)
            _diagnostics.Warning(place, $"missing ',' in {list}", $"{hint}; weir fmt -w adds it", "missing-comma");
    }

    // An illegal token has been reported by the lexer already, with a better message.
    private void Unexpected(string expected, string? hint = null)
    {
        if (Current.Kind != TokenKind.Illegal)
            Error(PlaceOf(Current), $"expected {expected}, got {Describe(Current)}", hint);
    }

    private bool TryEnter()
    {
        if (++_depth <= NestingMax) return true;
        GiveUp(PlaceOf(Current));
        return false;
    }

    private void GiveUp(SourcePlace place)
    {
        Error(place, $"nested more than {NestingMax} levels deep", "split the expression or block");
        _gaveUp = true;
        _index = _tokens.Count - 1;
    }

    private T Checked<T>(T expression) where T : ExpressionSyntax
    {
        if (expression.Height > NestingMax && !_gaveUp) GiveUp(expression.Place);
        return expression;
    }

    /// <summary>Skips the rest of a statement that is not understood, brackets in it included.</summary>
    private void SkipStatement()
    {
        for (var open = 0; Current.Kind != TokenKind.EndOfFile; Advance())
        {
            if (open == 0 && Current.Kind is TokenKind.Terminator or TokenKind.CloseBrace) return;
            if (IsOpening(Current.Kind)) open++;
            if (IsClosing(Current.Kind) && open > 0) open--;
        }
    }

    private static bool IsOpening(TokenKind kind) =>
        kind is TokenKind.OpenBrace or TokenKind.OpenBracket or TokenKind.OpenParenthesis;

    private static bool IsClosing(TokenKind kind) =>
        kind is TokenKind.CloseBrace or TokenKind.CloseBracket or TokenKind.CloseParenthesis;

    private string Describe(Token token) => token.Kind switch
    {
        TokenKind.EndOfFile => "the end of the file",
        TokenKind.Terminator => "the end of the line",
        // What is too long for a name may be a piece of a key.
        TokenKind.Identifier when token.Length > 32 => "a long name",
        TokenKind.Identifier => $"name {TextOf(token)}",
        TokenKind.Number or TokenKind.Float => $"number {Shorten(TextOf(token))}",
        TokenKind.String or TokenKind.RawString => "a string",
        _ => $"\"{Shorten(TextOf(token))}\"",
    };

    private static string Shorten(ReadOnlySpan<char> text) => text.Length <= 40 ? text.ToString() : $"{text[..40]}…";
}
