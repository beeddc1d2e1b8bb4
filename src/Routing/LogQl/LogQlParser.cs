using System.Globalization;
using Weir.Routing.Patterns;

namespace Weir.Routing.LogQl;

/// <summary>Reads queries of Loki's language, as far as Weir answers them; what it does not answer it names.</summary>
/// <remarks>Recursive descent with a depth limit; this part knows selectors and metric queries, the other the
/// stages.</remarks>
public sealed partial class LogQlParser
{
    /// <summary>Nesting of parentheses and aggregations.</summary>
    private const int DepthMax = 64;

    private static readonly string[] RangeFunctions = ["count_over_time", "rate", "bytes_over_time", "bytes_rate"];
    private static readonly string[] Aggregations = ["sum", "avg", "min", "max", "count", "topk", "bottomk"];

    /// <summary>Operators of one query: what they join is nested as deep.</summary>
    private const int OperatorsMax = 500;

    private readonly string _query;
    private readonly List<LogQlToken> _tokens;
    private int _next;
    private int _depth;
    private int _operators;

    private LogQlParser(string query)
    {
        _query = query;
        _tokens = LogQlLexer.Scan(query);
    }

    private LogQlToken Current => _tokens[_next];

    /// <summary>Any query.</summary>
    /// <exception cref="LogQlException">It cannot be understood.</exception>
    public static LogQlQuery Parse(string query)
    {
        var parser = new LogQlParser(query);
        var parsed = parser.ParseQuery();
        parser.ExpectEnd();
        return parsed is NumberQuery
            ? throw parser.Fault("a number alone is no query here: use vector()") : parsed;
    }

    /// <summary>A selector with line filters alone: what <c>stage.match</c> takes.</summary>
    /// <exception cref="LogQlException">It is more than that, or cannot be understood.</exception>
    public static LogQuery ParseMatcher(string query)
    {
        var parser = new LogQlParser(query);
        var selector = parser.ParseSelector();
        var filters = new List<LogStage>();
        while (parser.AtLineFilter()) filters.Add(parser.ParseLineFilter());
        if (parser.Current.Kind != LogQlTokenKind.End)
        {
            throw parser.Fault(
                $"unexpected {parser.Current}: a match takes a selector and the line filters |= != |~ !~");
        }

        return new LogQuery(selector, filters);
    }

    /// <summary>A selector alone: what <c>match[]</c> takes.</summary>
    /// <exception cref="LogQlException">It cannot be understood.</exception>
    public static StreamSelector ParseSelectorAlone(string query)
    {
        var parser = new LogQlParser(query);
        var selector = parser.ParseSelector();
        parser.ExpectEnd();
        return selector;
    }

    private LogQlQuery ParseQuery()
    {
        if (++_depth > DepthMax) throw Fault($"the query nests deeper than {DepthMax}");
        var query = ParseProduct();
        while (Current.Is("+") || Current.Is("-")) query = ParseArithmetic(query, ParseProduct);
        _depth--;
        return query;
    }

    private LogQlQuery ParseProduct()
    {
        var query = ParseOperand();
        while (Current.Is("*") || Current.Is("/") || Current.Is("%")) query = ParseArithmetic(query, ParseOperand);
        return query;
    }

    private ArithmeticQuery ParseArithmetic(LogQlQuery left, Func<LogQlQuery> parseRight)
    {
        var sign = Current;
        CountOperator();
        Take();
        var right = parseRight();
        if (left is LogQuery || right is LogQuery)
            throw Fault($"{sign.Text} takes numbers, not lines: put count_over_time or rate around them", sign);
        if (left is NumberQuery && right is NumberQuery)
            throw Fault("both sides are plain numbers: one of them is to be a metric query or vector()", sign);
        return new ArithmeticQuery(sign.Text, left, right);
    }

    private LogQlQuery ParseOperand() => Current.Kind switch
    {
        LogQlTokenKind.Sign when Current.Is("{") => ParseLogQuery(),
        LogQlTokenKind.Sign when Current.Is("(") => ParseParenthesized(),
        LogQlTokenKind.Number => new NumberQuery(ParseNumber()),
        LogQlTokenKind.Name when Current.IsName("vector") => ParseVector(),
        LogQlTokenKind.Name when RangeFunctions.Contains(Current.Text) => ParseRangeQuery(),
        LogQlTokenKind.Name when Aggregations.Contains(Current.Text) => ParseAggregate(),
        _ => throw Fault($"unexpected {Current}: a query begins with {{, or with one of "
            + string.Join(", ", RangeFunctions.Concat(Aggregations).Append("vector"))),
    };

    private VectorQuery ParseVector()
    {
        Take();
        Expect("(");
        var value = ParseNumber();
        Expect(")");
        return new VectorQuery(value);
    }

    private double ParseNumber() => Current.Kind == LogQlTokenKind.Number
        ? double.Parse(Take().Text, NumberStyles.Float, CultureInfo.InvariantCulture)
        : throw Fault($"unexpected {Current}: a number stands here");

    private void CountOperator()
    {
        if (++_operators > OperatorsMax) throw Fault($"the query has more than {OperatorsMax} operators");
    }

    private LogQlQuery ParseParenthesized()
    {
        Expect("(");
        var inner = ParseQuery();
        Expect(")");
        return inner;
    }

    private LogQuery ParseLogQuery() => new(ParseSelector(), ParseStages());

    private RangeQuery ParseRangeQuery()
    {
        var function = Take().Text;
        Expect("(");
        var selector = ParseSelector();
        // The range may stand behind the selector or behind the stages.
        var range = Current.Is("[") ? ParseRange() : TimeSpan.Zero;
        var stages = ParseStages();
        if (range == TimeSpan.Zero) range = ParseRange();
        var offset = TimeSpan.Zero;
        if (Current.IsName("offset"))
        {
            Take();
            offset = ParseDuration();
        }

        Expect(")");
        return new RangeQuery(function, new LogQuery(selector, stages), range, offset);
    }

    private AggregateQuery ParseAggregate()
    {
        var function = Take().Text;
        var grouping = ParseGrouping();
        Expect("(");
        var count = 0;
        if (function is "topk" or "bottomk")
        {
            var number = Take();
            var isCount = int.TryParse(number.Text, NumberStyles.None, CultureInfo.InvariantCulture, out count);
            if (!isCount || count == 0)
                throw Fault($"{function} takes the number of series first", number);
            Expect(",");
        }

        var inner = ParseQuery();
        if (inner is LogQuery or NumberQuery)
            throw Fault($"{function} takes series of numbers: put count_over_time or rate around lines");
        Expect(")");
        grouping ??= ParseGrouping();
        return new AggregateQuery(function, inner, grouping?.Names, grouping?.IsWithout ?? false, count);
    }

    private (IReadOnlyList<string> Names, bool IsWithout)? ParseGrouping()
    {
        if (!Current.IsName("by") && !Current.IsName("without")) return null;
        var isWithout = Take().Text == "without";
        Expect("(");
        var names = new List<string>();
        while (!Current.Is(")"))
        {
            names.Add(TakeName("a label name"));
            if (!Current.Is(")")) Expect(",");
        }

        Expect(")");
        return (names, isWithout);
    }

    private StreamSelector ParseSelector()
    {
        Expect("{");
        var matchers = new List<LabelMatcher>();
        while (!Current.Is("}"))
        {
            matchers.Add(ParseLabelMatcher(TakeName("a label name")));
            if (!Current.Is("}")) Expect(",");
        }

        Expect("}");
        return new StreamSelector(matchers);
    }

    private LabelMatcher ParseLabelMatcher(string name)
    {
        var sign = Take();
        var kind = sign.Text switch
        {
            "=" or "==" when sign.Kind == LogQlTokenKind.Sign => MatchKind.Equal,
            "!=" => MatchKind.NotEqual,
            "=~" => MatchKind.Regex,
            "!~" => MatchKind.NotRegex,
            _ => throw Fault($"unexpected {sign}: {name} is compared with =, !=, =~ or !~", sign),
        };
        var value = Current;
        var text = TakeText();
        if (kind is MatchKind.Equal or MatchKind.NotEqual) return new LabelMatcher(name, kind, text, null);
        if (!GoRegex.TryCompileAnchored(text, out var pattern, out var error)) throw Fault(error, value);
        return new LabelMatcher(name, kind, text, pattern);
    }

    private TimeSpan ParseRange()
    {
        Expect("[");
        var range = ParseDuration();
        Expect("]");
        return range > TimeSpan.Zero ? range : throw Fault("a range is longer than nothing");
    }

    private TimeSpan ParseDuration()
    {
        var token = Take();
        return LogQlQuantity.TryDuration(token.Text, out var duration)
            ? duration : throw Fault($"unexpected {token}: a duration is written as 5m or 1h30m", token);
    }

    private LogQlToken Take()
    {
        var token = Current;
        if (token.Kind != LogQlTokenKind.End) _next++;
        return token;
    }

    private string TakeName(string what) =>
        Current.Kind == LogQlTokenKind.Name ? Take().Text : throw Fault($"unexpected {Current}: {what} stands here");

    private string TakeText() => Current.Kind == LogQlTokenKind.Text
        ? Take().Text : throw Fault($"unexpected {Current}: a quoted string stands here");

    private void Expect(string sign)
    {
        if (!Current.Is(sign)) throw Fault($"unexpected {Current}: {sign} stands here");
        Take();
    }

    private void ExpectEnd()
    {
        if (Current.Kind != LogQlTokenKind.End) throw Fault($"unexpected {Current} behind the query");
    }

    private LogQlException Fault(string message) => Fault(message, Current);

    private LogQlException Fault(string message, LogQlToken at) => new(_query, at.Position, message);
}
