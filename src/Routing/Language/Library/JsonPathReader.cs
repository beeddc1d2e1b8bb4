using System.Globalization;

namespace Weir.Routing.Language;

/// <summary>Reads the text of a <see cref="JsonPath"/>.</summary>
internal sealed class JsonPathReader(string text)
{
    private static readonly string[] Comparisons = ["==", "!=", "<=", ">=", "<", ">"];

    private int _at;

    public List<JsonPath.IStep> ReadSteps()
    {
        var steps = new List<JsonPath.IStep>();
        if (TryTake("$") || TryTake("@")) { /* the document, or the element in question */ }
        else if (_at < text.Length && text[_at] is not ('.' or '[')) steps.Add(ReadName());
        while (_at < text.Length)
        {
            if (TryTake(".."))
            {
                steps.Add(new JsonPath.DescendantsStep());
                if (Current != '[') steps.Add(ReadName());
            }
            else if (TryTake(".")) steps.Add(ReadName());
            else if (TryTake("[")) steps.Add(ReadBracket());
            else break;
        }
        return steps;
    }

    public void ExpectEnd()
    {
        if (_at < text.Length) throw Wrong();
    }

    private char Current => _at < text.Length ? text[_at] : '\0';

    private FunctionException Wrong() => new(1, $"the JSONPath is not understood at character {_at + 1}");

    private bool TryTake(string token)
    {
        if (string.CompareOrdinal(text, _at, token, 0, token.Length) != 0) return false;
        _at += token.Length;
        return true;
    }

    private void Expect(string token)
    {
        SkipSpace();
        if (!TryTake(token)) throw Wrong();
    }

    private void SkipSpace()
    {
        while (Current == ' ') _at++;
    }

    private JsonPath.IStep ReadName()
    {
        if (TryTake("*")) return new JsonPath.AllStep();
        var start = _at;
        while (Current is '_' or '-' || char.IsLetterOrDigit(Current)) _at++;
        return _at > start ? new JsonPath.NameStep(text[start.._at]) : throw Wrong();
    }

    private JsonPath.IStep ReadBracket()
    {
        if (TryTake("?"))
        {
            var parenthesized = TryTake("(");
            var condition = ReadEither();
            if (parenthesized) Expect(")");
            Expect("]");
            return new JsonPath.FilterStep(condition);
        }
        var parts = new List<JsonPath.IStep>();
        do
        {
            SkipSpace();
            parts.Add(ReadBracketPart());
            SkipSpace();
        }
        while (TryTake(","));
        Expect("]");
        return parts.Count == 1 ? parts[0] : new JsonPath.UnionStep(parts);
    }

    private JsonPath.IStep ReadBracketPart()
    {
        if (TryTake("*")) return new JsonPath.AllStep();
        if (Current is '\'' or '"') return new JsonPath.NameStep(ReadQuoted());
        var from = ReadInteger();
        if (!TryTake(":")) return from is { } index ? new JsonPath.IndexStep(index) : throw Wrong();
        var to = ReadInteger();
        return new JsonPath.SliceStep(from, to, TryTake(":") ? ReadInteger() ?? 1 : 1);
    }

    private int? ReadInteger()
    {
        var start = _at;
        if (Current == '-') _at++;
        while (char.IsAsciiDigit(Current)) _at++;
        if (_at == start) return null;
        var digits = text.AsSpan(start, _at - start);
        return int.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw Wrong();
    }

    private string ReadQuoted()
    {
        var quote = text[_at++];
        var end = text.IndexOf(quote, _at);
        if (end < 0) throw Wrong();
        var inside = text[_at..end];
        _at = end + 1;
        return inside;
    }

    private Func<Value, bool> ReadEither()
    {
        var left = ReadBoth();
        SkipSpace();
        while (TryTake("||"))
        {
            var (before, right) = (left, ReadBoth());
            left = value => before(value) || right(value);
            SkipSpace();
        }
        return left;
    }

    private Func<Value, bool> ReadBoth()
    {
        var left = ReadComparison();
        SkipSpace();
        while (TryTake("&&"))
        {
            var (before, right) = (left, ReadComparison());
            left = value => before(value) && right(value);
            SkipSpace();
        }
        return left;
    }

    private Func<Value, bool> ReadComparison()
    {
        SkipSpace();
        var wanted = true;
        while (TryTake("!")) wanted = !wanted;
        if (Current != '@') throw Wrong();
        var path = JsonPath.Of(ReadSteps());
        SkipSpace();
        var comparison = Array.Find(Comparisons, TryTake);
        if (comparison is null) return value => path.Select(value).Count > 0 == wanted;
        SkipSpace();
        var literal = ReadLiteral();
        return value => path.Select(value).Any(found => Holds(comparison, found, literal)) == wanted;
    }

    private Value ReadLiteral()
    {
        if (Current is '\'' or '"') return new StringValue(ReadQuoted());
        if (TryTake("true")) return BoolValue.True;
        if (TryTake("false")) return BoolValue.False;
        if (TryTake("null")) return NullValue.Instance;
        var start = _at;
        while (Current is '-' or '+' or '.' or 'e' or 'E' || char.IsAsciiDigit(Current)) _at++;
        return NumberValue.TryParse(text.AsSpan(start, _at - start), out var number) ? number : throw Wrong();
    }

    private static bool Holds(string comparison, Value left, Value right)
    {
        if (comparison == "==") return ValueEquality.AreEqual(left, right);
        if (comparison == "!=") return !ValueEquality.AreEqual(left, right);
        int? order = (left, right) switch
        {
            (NumberValue a, NumberValue b) => ValueEquality.Compare(a, b),
            (StringValue a, StringValue b) => string.CompareOrdinal(a.Text, b.Text),
            _ => null,
        };
        return (comparison, order) switch
        {
            ("<", < 0) or (">", > 0) or ("<=", <= 0) or (">=", >= 0) => true,
            _ => false,
        };
    }
}
