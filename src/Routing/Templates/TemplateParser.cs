namespace Weir.Routing.Templates;

/// <summary>Reads Go's text/template: text and actions between <c>{{</c> and <c>}}</c>.</summary>
internal sealed class TemplateParser
{
    /// <summary>Blocks and parentheses within each other.</summary>
    public const int DepthMax = 100;

    private readonly List<(string? Text, List<TemplateToken>? Action)> _pieces = [];
    private readonly List<string> _variables = ["$"];
    private readonly SortedSet<string> _fields = new(StringComparer.Ordinal);
    private List<TemplateToken> _tokens = [];
    private int _piece;
    private int _at;
    private int _depth;
    private int _loops;
    private int _dots;
    private bool _readsAll;

    private TemplateToken Token => _tokens[_at];

    /// <param name="text">The template.</param>
    /// <exception cref="TemplateException">Not a template.</exception>
    public static TemplateSyntax Parse(string text)
    {
        var parser = new TemplateParser();
        parser.Cut(text);
        var node = parser.Block(out var ending);
        if (ending != "") throw new TemplateException($"unexpected {{{{{ending}}}}}");
        return new TemplateSyntax(node, [.. parser._fields], parser._readsAll);
    }

    /// <summary>Parts text and actions; a dash at an action's edge takes the white space beside it.</summary>
    private void Cut(string text)
    {
        var trims = false;
        for (var at = 0; at <= text.Length;)
        {
            var open = text.IndexOf("{{", at, StringComparison.Ordinal);
            var plain = open < 0 ? text[at..] : text[at..open];
            if (trims) plain = plain.TrimStart();
            var start = open + 2;
            var trimsBefore = open >= 0 && start + 1 < text.Length && text[start] == '-'
                && char.IsWhiteSpace(text[start + 1]);
            if (trimsBefore)
            {
                plain = plain.TrimEnd();
                start++;
            }

            if (plain.Length > 0) _pieces.Add((plain, null));
            if (open < 0) return;
            var end = EndOf(text, start);
            trims = end - 1 > start && text[end - 1] == '-' && char.IsWhiteSpace(text[end - 2]);
            var inner = text[start..(trims ? end - 1 : end)].Trim();
            at = end + 2;
            if (inner.StartsWith("/*", StringComparison.Ordinal))
            {
                if (!inner.EndsWith("*/", StringComparison.Ordinal)) throw new TemplateException("unclosed comment");
                continue;
            }

            _pieces.Add((null, TemplateLexer.Read(inner)));
        }
    }

    /// <summary>Where an action closes; braces in strings do not.</summary>
    private static int EndOf(string text, int at)
    {
        var isComment = text.AsSpan(at).TrimStart().StartsWith("/*");
        for (var quote = '\0'; at < text.Length; at++)
        {
            var unit = text[at];
            if (quote != '\0')
            {
                if (unit == '\\' && quote != '`') at++;
                else if (unit == quote) quote = '\0';
            }
            else if (!isComment && unit is '"' or '`' or '\'') quote = unit;
            else if (unit == '}' && at + 1 < text.Length && text[at + 1] == '}') return at;
        }

        throw new TemplateException("unclosed action");
    }

    /// <summary>Reads up to <c>end</c>, <c>else</c> or the template's end.</summary>
    /// <param name="ending">The word that ended it; its tokens are at hand, behind the word.</param>
    private TemplateNode.Block Block(out string ending)
    {
        if (++_depth > DepthMax) throw new TemplateException($"nests deeper than {DepthMax} blocks");
        var items = new List<TemplateNode>();
        ending = "";
        while (_piece < _pieces.Count)
        {
            var (text, action) = _pieces[_piece++];
            if (text != null)
            {
                items.Add(new TemplateNode.Text(text));
                continue;
            }

            (_tokens, _at) = (action!, 0);
            if (Token is { Kind: TemplateTokenKind.Word, Text: "end" or "else" })
            {
                ending = Token.Text;
                _at++;
                break;
            }

            items.Add(Action());
        }

        _depth--;
        return new TemplateNode.Block(items);
    }

    private TemplateNode Action()
    {
        if (Token.Kind == TemplateTokenKind.Word)
        {
            var word = Token.Text;
            switch (word)
            {
                case "if" or "with":
                    _at++;
                    return Branch(word);
                case "range":
                    _at++;
                    return Range();
                case "break" or "continue":
                    if (_loops == 0) throw new TemplateException($"{{{{{word}}}}} outside {{{{range}}}}");
                    _at++;
                    ExpectEnd(word);
                    return new TemplateNode.Leave(word == "break" ? LoopExit.Break : LoopExit.Continue);
                case "define" or "template" or "block":
                    throw new TemplateException(
                        $"{{{{{word}}}}} is not supported: write the template out in one place");
            }
        }

        var pipeline = Pipeline(variablesMax: 1);
        ExpectEnd("command");
        return new TemplateNode.Action(pipeline);
    }

    private void ExpectEnd(string context)
    {
        if (Token.Kind != TemplateTokenKind.End)
            throw new TemplateException($"unexpected \"{Token.Text}\" in {context}");
    }

    private TemplateNode.If Branch(string word)
    {
        var mark = _variables.Count;
        var condition = Pipeline(variablesMax: 1);
        ExpectEnd(word);
        var setsDot = word == "with" ? 1 : 0;
        _dots += setsDot;
        var then = Block(out var ending);
        _dots -= setsDot;
        var otherwise = Otherwise(word, ending);
        _variables.RemoveRange(mark, _variables.Count - mark);
        return new TemplateNode.If(condition, then, otherwise, SetsDot: word == "with");
    }

    private TemplateNode? Otherwise(string word, string ending)
    {
        if (ending == "end")
        {
            ExpectEnd("end");
            return null;
        }

        if (ending != "else") throw new TemplateException($"{{{{{word}}}}} without {{{{end}}}}");
        if (Token is { Kind: TemplateTokenKind.Word, Text: "if" or "with" } next && next.Text == word)
        {
            _at++;
            if (++_depth > DepthMax) throw new TemplateException($"nests deeper than {DepthMax} blocks");
            var chained = Branch(word);
            _depth--;
            return chained;
        }

        ExpectEnd("else");
        var otherwise = Block(out ending);
        if (ending != "end") throw new TemplateException($"expected {{{{end}}}} of {{{{{word}}}}}");
        return otherwise;
    }

    private TemplateNode.Range Range()
    {
        var mark = _variables.Count;
        var source = Pipeline(variablesMax: 2);
        ExpectEnd("range");
        _loops++;
        _dots++;
        var body = Block(out var ending);
        _dots--;
        _loops--;
        var otherwise = Otherwise("range", ending);
        _variables.RemoveRange(mark, _variables.Count - mark);
        return new TemplateNode.Range(source, body, otherwise);
    }

    private TemplatePipeline Pipeline(int variablesMax)
    {
        var variables = new List<string>();
        var isDeclaration = false;
        var start = _at;
        while (Token.Kind == TemplateTokenKind.Variable && variables.Count < variablesMax)
        {
            variables.Add(_tokens[_at++].Text);
            if (Token.IsSign(",")) _at++;
            else break;
        }

        if (Token.IsSign(":=") || Token.IsSign("=")) isDeclaration = _tokens[_at++].Text == ":=";
        else
        {
            variables.Clear();
            _at = start;
        }

        foreach (var name in variables)
            if (!isDeclaration && !_variables.Contains(name)) throw new TemplateException(
                $"undefined variable \"{name}\"");
        var commands = new List<TemplateExpression>();
        do commands.Add(Command(isPiped: commands.Count > 0));
        while (TryTakePipe());
        if (isDeclaration) _variables.AddRange(variables);
        return new TemplatePipeline(commands, variables, isDeclaration);
    }

    private bool TryTakePipe()
    {
        if (!Token.IsSign("|")) return false;
        _at++;
        return true;
    }

    private TemplateExpression Command(bool isPiped)
    {
        if (Token.Kind == TemplateTokenKind.Word && Token.Text is not ("true" or "false" or "nil"))
        {
            if (HasFields(_at + 1)) return Behind(Operand(), isPiped);
            var function = TemplateFunctions.Find(_tokens[_at++].Text);
            var readsAll = _readsAll;
            var arguments = Arguments();
            // These ask the data for one name: it need not be made into a map.
            if (function.Name is "index" or "get" or "hasKey" && arguments is [var data, TemplateExpression.Constant]
                && data is TemplateExpression.Path { Fields.Count: 0 } or TemplateExpression.Variable { Name: "$" })
                _readsAll = readsAll;
            function.CheckCount(arguments.Count + (isPiped ? 1 : 0));
            return new TemplateExpression.Call(function, arguments);
        }

        return Behind(Operand(), isPiped);
    }

    private List<TemplateExpression> Arguments()
    {
        var arguments = new List<TemplateExpression>();
        while (Token.Kind != TemplateTokenKind.End && !Token.IsSign("|") && !Token.IsSign(")"))
            arguments.Add(Operand());
        return arguments;
    }

    private bool HasFields(int at) => _tokens[at] is { Kind: TemplateTokenKind.Field, FollowsSpace: false };

    /// <summary>A value that is no function: only a method takes arguments.</summary>
    private TemplateExpression Behind(TemplateExpression operand, bool isPiped)
    {
        var isCalled = isPiped || (Token.Kind != TemplateTokenKind.End && !Token.IsSign("|") && !Token.IsSign(")"));
        if (isCalled && operand.TryCutMethod(out var target, out var name))
            return new TemplateExpression.Method(target, name, Arguments());
        if (isPiped) throw new TemplateException("only a function can take what is piped into it");
        if (Token.Kind != TemplateTokenKind.End && !Token.IsSign("|") && !Token.IsSign(")"))
            throw new TemplateException($"can't give argument \"{Token.Text}\" to what is no function");
        return operand;
    }

    private TemplateExpression Operand()
    {
        var token = Token;
        if (token.Kind == TemplateTokenKind.End) throw new TemplateException("missing value for command");
        _at++;
        switch (token.Kind)
        {
            case TemplateTokenKind.Text: return new TemplateExpression.Constant(token.Text);
            case TemplateTokenKind.Number: return new TemplateExpression.Constant(token.Number);
            case TemplateTokenKind.Dot:
                _readsAll |= _dots == 0;
                return new TemplateExpression.Path([]);
            case TemplateTokenKind.Field:
                _fields.Add(token.Text);
                return new TemplateExpression.Path([token.Text, .. Fields()]);
            case TemplateTokenKind.Variable:
                if (!_variables.Contains(token.Text)) throw new TemplateException(
                    $"undefined variable \"{token.Text}\"");
                var fields = Fields();
                if (token.Text == "$" && fields.Count > 0) _fields.Add(fields[0]);
                _readsAll |= token.Text == "$" && fields.Count == 0;
                return new TemplateExpression.Variable(token.Text, fields);
            case TemplateTokenKind.Word:
                return token.Text switch
                {
                    "true" => new TemplateExpression.Constant(true),
                    "false" => new TemplateExpression.Constant(false),
                    "nil" => new TemplateExpression.Constant(null),
                    _ => Call(token.Text),
                };
            case TemplateTokenKind.Sign when token.Text == "(":
                return Parenthesis();
            default: throw new TemplateException($"unexpected \"{token.Text}\" in operand");
        }
    }

    /// <summary>A function without arguments, and what is read of its value.</summary>
    private TemplateExpression Call(string name)
    {
        var function = TemplateFunctions.Find(name);
        function.CheckCount(0);
        var call = new TemplateExpression.Call(function, []);
        if (!HasFields(_at)) return call;
        return new TemplateExpression.Nested(new TemplatePipeline([call], [], IsDeclaration: false), Fields());
    }

    private TemplateExpression.Nested Parenthesis()
    {
        if (++_depth > DepthMax) throw new TemplateException($"nests deeper than {DepthMax} parentheses");
        var pipeline = Pipeline(variablesMax: 0);
        if (!Token.IsSign(")")) throw new TemplateException("unclosed left paren");
        _at++;
        _depth--;
        return new TemplateExpression.Nested(pipeline, Fields());
    }

    /// <summary>Fields right behind a value, without a space.</summary>
    private List<string> Fields()
    {
        var fields = new List<string>();
        while (Token is { Kind: TemplateTokenKind.Field, FollowsSpace: false }) fields.Add(_tokens[_at++].Text);
        return fields;
    }
}

/// <param name="Node">What it writes.</param>
/// <param name="Fields">Names that are read of the dot, sorted.</param>
/// <param name="ReadsAll">The dot itself is used, with all names in it.</param>
internal sealed record TemplateSyntax(TemplateNode Node, IReadOnlyList<string> Fields, bool ReadsAll);
