using System.Globalization;
using Weir.Routing.Patterns;

namespace Weir.Routing.LogQl;

public sealed partial class LogQlParser
{
    private List<LogStage> ParseStages()
    {
        var stages = new List<LogStage>();
        while (true)
        {
            if (AtLineFilter()) stages.Add(ParseLineFilter());
            else if (Current.Is("|")) stages.Add(ParsePipeStage());
            else if (Current.Is("|>") || Current.Is("!>"))
                throw Fault("pattern filters are not answered here: use |~ with a regular expression");
            else return stages;
        }
    }

    private bool AtLineFilter() => Current.Is("|=") || Current.Is("!=") || Current.Is("|~") || Current.Is("!~");

    private LineFilterStage ParseLineFilter()
    {
        var sign = Take().Text;
        var (texts, patterns) = (new List<string>(), new List<GoRegex>());
        do
        {
            if (texts.Count + patterns.Count > 0) Take();
            var value = Current;
            var text = TakeText();
            if (sign is "|=" or "!=") texts.Add(text);
            else if (GoRegex.TryCompile(text, out var pattern, out var error)) patterns.Add(pattern);
            else throw Fault(error, value);
        }
        while (Current.IsName("or"));
        return new LineFilterStage(new LineFilter(sign[0] == '!', texts, patterns));
    }

    private LogStage ParsePipeStage()
    {
        Expect("|");
        if (Current.Is("(")) return new LabelFilterStage(ParseEither());
        if (Current.Kind != LogQlTokenKind.Name) throw Fault($"unexpected {Current}: a stage stands here");
        var name = Current.Text;
        switch (name)
        {
            case "json":
                Take();
                return new JsonStage(ParseWanted());
            case "logfmt":
                Take();
                return new LogfmtStage(ParseWanted());
            case "line_format":
                Take();
                return ParseLineFormat();
            case "drop" or "keep":
                Take();
                return new LabelListStage(ParseNames(), name == "keep");
            case "regexp" or "pattern" or "unpack" or "label_format" or "decolorize" or "unwrap":
                throw Fault($"the stage {name} is not answered here: query Loki for it");
            default:
                return new LabelFilterStage(ParseEither());
        }
    }

    private List<KeyValuePair<string, string>> ParseWanted()
    {
        var wanted = new List<KeyValuePair<string, string>>();
        while (Current.Kind == LogQlTokenKind.Name)
        {
            var name = Take().Text;
            var path = name;
            if (Current.Is("="))
            {
                Take();
                path = TakeText();
            }

            wanted.Add(new(name, path));
            if (!Current.Is(",")) break;
            Take();
        }

        return wanted;
    }

    private List<string> ParseNames()
    {
        var names = new List<string> { TakeName("a label name") };
        while (Current.Is(","))
        {
            Take();
            names.Add(TakeName("a label name"));
        }

        return names;
    }

    /// <summary>Texts with <c>{{.label}}</c> between them; Go's other actions are refused by name.</summary>
    private LineFormatStage ParseLineFormat()
    {
        var token = Current;
        var template = TakeText();
        var parts = new List<string>();
        var at = 0;
        while (true)
        {
            var open = template.IndexOf("{{", at, StringComparison.Ordinal);
            parts.Add(open < 0 ? template[at..] : template[at..open]);
            if (open < 0) return new LineFormatStage(parts);
            var close = template.IndexOf("}}", open, StringComparison.Ordinal);
            var action = close < 0 ? "" : template[(open + 2)..close].Trim();
            var isLabel = action.Length > 1 && action[0] == '.'
                && action.AsSpan(1).IndexOfAnyExcept(NameCharacters) < 0;
            if (!isLabel) throw Fault("line_format takes {{.label}} here; for other actions query Loki", token);
            parts.Add(action[1..]);
            at = close + 2;
        }
    }

    private LabelFilter ParseEither()
    {
        if (++_depth > DepthMax) throw Fault($"the query nests deeper than {DepthMax}");
        var left = ParseBoth();
        while (Current.IsName("or"))
        {
            CountOperator();
            Take();
            left = new EitherFilter(left, ParseBoth());
        }

        _depth--;
        return left;
    }

    private LabelFilter ParseBoth()
    {
        var left = ParseCondition();
        while (Current.IsName("and") || Current.Is(","))
        {
            CountOperator();
            Take();
            left = new BothFilter(left, ParseCondition());
        }

        return left;
    }

    private LabelFilter ParseCondition()
    {
        if (Current.Is("("))
        {
            Take();
            var inner = ParseEither();
            Expect(")");
            return inner;
        }

        var name = TakeName("a label name");
        var value = _tokens[Math.Min(_next + 1, _tokens.Count - 1)];
        if (value.Kind == LogQlTokenKind.Text) return new TextFilter(ParseLabelMatcher(name));
        var sign = Take();
        if (sign.Kind != LogQlTokenKind.Sign || sign.Text is not ("=" or "==" or "!=" or ">" or ">=" or "<" or "<="))
            throw Fault($"unexpected {sign}: {name} is compared here", sign);
        return ParseNumberFilter(name, sign.Text == "=" ? "==" : sign.Text);
    }

    private NumberFilter ParseNumberFilter(string name, string comparison)
    {
        var negative = Current.Is("-");
        if (negative) Take();
        var token = Take();
        var (unit, value) = (NumberUnit.None, 0.0);
        if (token.Kind == LogQlTokenKind.Number)
            value = double.Parse(token.Text, NumberStyles.Float, CultureInfo.InvariantCulture);
        else if (LogQlQuantity.TryDuration(token.Text, out var duration))
            (unit, value) = (NumberUnit.Duration, duration.TotalSeconds);
        else if (LogQlQuantity.TryBytes(token.Text, out var bytes)) (unit, value) = (NumberUnit.Bytes, bytes);
        else throw Fault($"unexpected {token}: a number, a duration, a size or a quoted string stands here", token);
        return new NumberFilter(name, comparison, negative ? -value : value, unit);
    }

    private static readonly System.Buffers.SearchValues<char> NameCharacters =
        System.Buffers.SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");
}
