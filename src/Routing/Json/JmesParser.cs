using System.Globalization;

namespace Weir.Routing.Json;

/// <summary>Reads a JMESPath expression by binding powers, as the standard's reference parser does.</summary>
internal sealed class JmesParser
{
    /// <summary>Expressions within each other.</summary>
    public const int DepthMax = 100;

    /// <summary>Characters of an expression.</summary>
    public const int LengthMax = 4096;

    private const int ProjectionStops = 10;
    private const int StarPower = 20;

    private readonly List<JmesToken> _tokens;
    private int _at;
    private int _depth;

    private JmesParser(List<JmesToken> tokens) => _tokens = tokens;

    private JmesToken Token => _tokens[_at];

    /// <exception cref="JmesException">Not an expression.</exception>
    public static JmesNode Parse(string text)
    {
        if (text.Length > LengthMax) throw new JmesException($"longer than {LengthMax} characters");
        var parser = new JmesParser(new JmesLexer(text).Read());
        var node = parser.Expression(0);
        parser.Expect(JmesTokenKind.End, "the end");
        return node;
    }

    private static int PowerOf(JmesTokenKind kind) => kind switch
    {
        JmesTokenKind.Pipe => 1,
        JmesTokenKind.Or => 2,
        JmesTokenKind.And => 3,
        JmesTokenKind.Comparison => 5,
        JmesTokenKind.Flatten => 9,
        JmesTokenKind.Star => StarPower,
        JmesTokenKind.OpenFilter => 21,
        JmesTokenKind.Dot => 40,
        JmesTokenKind.Not => 45,
        JmesTokenKind.OpenBrace => 50,
        JmesTokenKind.OpenBracket => 55,
        JmesTokenKind.OpenParenthesis => 60,
        _ => 0,
    };

    private JmesException Unexpected(string wanted) => new(Token.Kind == JmesTokenKind.End
        ? $"expected {wanted}, but the expression ends" : $"expected {wanted} at offset {Token.At}");

    private JmesToken Take() => _tokens[_at++];

    private bool TryTake(JmesTokenKind kind)
    {
        if (Token.Kind != kind) return false;
        _at++;
        return true;
    }

    private void Expect(JmesTokenKind kind, string wanted)
    {
        if (Token.Kind != kind) throw Unexpected(wanted);
        if (kind != JmesTokenKind.End) _at++;
    }

    private JmesNode Expression(int power)
    {
        if (++_depth > DepthMax) throw new JmesException($"nests deeper than {DepthMax} expressions");
        var left = Begin();
        while (power < PowerOf(Token.Kind)) left = Continue(left);
        _depth--;
        return left;
    }

    private JmesNode Begin()
    {
        if (Token.Kind == JmesTokenKind.End) throw Unexpected("an expression");
        var token = Take();
        switch (token.Kind)
        {
            case JmesTokenKind.Literal: return new JmesNode.Literal(token.Value);
            case JmesTokenKind.Identifier: return new JmesNode.Field(token.Text);
            case JmesTokenKind.Quoted: return new JmesNode.Field(token.Text);
            case JmesTokenKind.Current: return new JmesNode.Current();
            case JmesTokenKind.Reference: return new JmesNode.Reference(Expression(0));
            case JmesTokenKind.Not: return new JmesNode.Not(Expression(45));
            case JmesTokenKind.Star: return Project(new JmesNode.Current(), null, StarPower, ofValues: true);
            case JmesTokenKind.OpenFilter: return Filter(new JmesNode.Current());
            case JmesTokenKind.OpenBrace: return ObjectOf();
            case JmesTokenKind.Flatten:
                return Project(new JmesNode.Flatten(new JmesNode.Current()), null, 9, ofValues: false);
            case JmesTokenKind.OpenBracket:
                return Bracket(new JmesNode.Current(), mayList: true);
            case JmesTokenKind.OpenParenthesis:
                var inner = Expression(0);
                Expect(JmesTokenKind.CloseParenthesis, "\")\"");
                // Ends a projection: what follows works on the whole of it.
                return new JmesNode.Chain(inner, new JmesNode.Current(), PassesNull: true);
            default:
                _at--;
                throw Unexpected("an expression");
        }
    }

    private JmesNode Continue(JmesNode left)
    {
        var token = Take();
        switch (token.Kind)
        {
            case JmesTokenKind.Dot:
                if (TryTake(JmesTokenKind.Star)) return Project(left, null, StarPower, ofValues: true);
                return new JmesNode.Chain(left, AfterDot(40), PassesNull: false);
            case JmesTokenKind.Pipe: return new JmesNode.Chain(left, Expression(1), PassesNull: true);
            case JmesTokenKind.Or: return new JmesNode.Either(left, Expression(2), IsOr: true);
            case JmesTokenKind.And: return new JmesNode.Either(left, Expression(3), IsOr: false);
            case JmesTokenKind.Comparison: return new JmesNode.Comparison(left, token.Text, Expression(5));
            case JmesTokenKind.OpenParenthesis: return Call(left, token);
            case JmesTokenKind.OpenFilter: return Filter(left);
            case JmesTokenKind.Flatten: return Project(new JmesNode.Flatten(left), null, 9, ofValues: false);
            case JmesTokenKind.OpenBracket: return Bracket(left, mayList: false);
            default:
                _at--;
                throw Unexpected("an operator");
        }
    }

    private JmesNode AfterDot(int power)
    {
        if (Token.Kind is JmesTokenKind.Identifier or JmesTokenKind.Quoted or JmesTokenKind.Star)
            return Expression(power);
        if (TryTake(JmesTokenKind.OpenBracket)) return ListOf();
        if (TryTake(JmesTokenKind.OpenBrace)) return ObjectOf();
        throw Unexpected("a name, \"[\" or \"{\" behind the dot");
    }

    private JmesNode.Projection Project(JmesNode left, JmesNode? condition, int power, bool ofValues) =>
        new(left, condition, ProjectedBy(power), ofValues);

    /// <summary>What a projection applies to each item: as far as the expression binds more than a pipe.</summary>
    private JmesNode ProjectedBy(int power)
    {
        if (PowerOf(Token.Kind) < ProjectionStops) return new JmesNode.Current();
        if (Token.Kind is JmesTokenKind.OpenBracket or JmesTokenKind.OpenFilter) return Expression(power);
        if (TryTake(JmesTokenKind.Dot)) return AfterDot(power);
        throw Unexpected("\".\" or \"[\"");
    }

    private JmesNode.Projection Filter(JmesNode left)
    {
        var condition = Expression(0);
        Expect(JmesTokenKind.CloseBracket, "\"]\"");
        return Project(left, condition, 21, ofValues: false);
    }

    /// <summary>Behind an opening bracket: an index, a slice, a star, or a list of expressions.</summary>
    private JmesNode Bracket(JmesNode left, bool mayList)
    {
        if (Token.Kind is JmesTokenKind.Number or JmesTokenKind.Colon) return Position(left);
        if (Token.Kind == JmesTokenKind.Star && _tokens[_at + 1].Kind == JmesTokenKind.CloseBracket)
        {
            _at += 2;
            return Project(left, null, StarPower, ofValues: false);
        }

        if (mayList) return ListOf();
        throw Unexpected("a number, \":\" or \"*\"");
    }

    private JmesNode Position(JmesNode left)
    {
        Span<int?> parts = [null, null, null];
        var part = 0;
        while (Token.Kind != JmesTokenKind.CloseBracket)
        {
            if (TryTake(JmesTokenKind.Colon))
            {
                if (++part == 3) throw Unexpected("\"]\"");
            }
            else if (Token.Kind == JmesTokenKind.Number && parts[part] is null)
                parts[part] = int.Parse(Take().Text, CultureInfo.InvariantCulture);
            else throw Unexpected("\"]\"");
        }

        _at++;
        if (part == 0) return new JmesNode.Chain(left, new JmesNode.Index(parts[0]!.Value), PassesNull: false);
        if (parts[2] == 0) throw new JmesException("a slice's step must not be 0");
        var slice = new JmesNode.Chain(left, new JmesNode.Slice(parts[0], parts[1], parts[2] ?? 1), PassesNull: false);
        return Project(slice, null, StarPower, ofValues: false);
    }

    private JmesNode.ListOf ListOf()
    {
        var items = new List<JmesNode>();
        do items.Add(Expression(0));
        while (TryTake(JmesTokenKind.Comma));
        Expect(JmesTokenKind.CloseBracket, "\"]\"");
        return new JmesNode.ListOf(items);
    }

    private JmesNode.ObjectOf ObjectOf()
    {
        var members = new List<(string, JmesNode)>();
        do
        {
            if (Token.Kind is not (JmesTokenKind.Identifier or JmesTokenKind.Quoted)) throw Unexpected("a name");
            var name = Take().Text;
            Expect(JmesTokenKind.Colon, "\":\"");
            members.Add((name, Expression(0)));
        }
        while (TryTake(JmesTokenKind.Comma));
        Expect(JmesTokenKind.CloseBrace, "\"}\"");
        return new JmesNode.ObjectOf(members);
    }

    private JmesNode.Call Call(JmesNode left, JmesToken open)
    {
        // The name must stand right before the parenthesis, unquoted.
        if (left is not JmesNode.Field function || _tokens[_at - 2].Kind != JmesTokenKind.Identifier)
            throw new JmesException($"expected a function's name before \"(\" at offset {open.At}");
        var arguments = new List<JmesNode>();
        while (!TryTake(JmesTokenKind.CloseParenthesis))
        {
            if (arguments.Count > 0) Expect(JmesTokenKind.Comma, "\",\" or \")\"");
            arguments.Add(Expression(0));
        }

        return new JmesNode.Call(JmesFunction.Find(function.Name, arguments.Count), arguments);
    }
}
