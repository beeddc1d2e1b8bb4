using System.Globalization;
using System.Text;

namespace Weir.Routing.Language;

/// <summary>
/// Go's <c>fmt.Sprintf</c> for the values of the language. Verbs: %v %s %q %t %d %b %o %x %X %f %F %e %g %c %%, with
/// flags, width and precision. Where Go prints <c>%!d(MISSING)</c>, the call is refused instead.
/// </summary>
internal static class GoFormat
{
    // No line of a log needs wider fields.
    private const int WidthMax = 10_000;

    private sealed record Verb(char Letter, string Flags, int Width, int? Precision)
    {
        public bool Has(char flag) => Flags.Contains(flag, StringComparison.Ordinal);
    }

    /// <param name="format">The text with verbs.</param>
    /// <param name="arguments">The format itself first, then a value for each verb.</param>
    /// <exception cref="FunctionException">Verbs and values do not match.</exception>
    public static string Format(string format, IReadOnlyList<Value> arguments)
    {
        var text = new StringBuilder();
        var next = 1;
        for (var at = 0; at < format.Length;)
        {
            if (format[at] != '%')
            {
                text.Append(format[at++]);
                continue;
            }
            var verb = ReadVerb(format, ref at);
            if (verb.Letter == '%')
            {
                text.Append('%');
                continue;
            }
            if (next >= arguments.Count) throw new FunctionException(0, $"verb %{verb.Letter} has no value");
            text.Append(Pad(verb, Format(verb, arguments[next], next)));
            next++;
        }
        if (next < arguments.Count) throw new FunctionException(next, "the format has no verb for this value");
        return text.ToString();
    }

    private static Verb ReadVerb(string format, ref int at)
    {
        var start = ++at;
        while (at < format.Length && "+-# 0".Contains(format[at], StringComparison.Ordinal)) at++;
        var flags = format[start..at];
        var width = ReadNumber(format, ref at) ?? 0;
        int? precision = null;
        if (at < format.Length && format[at] == '.')
        {
            at++;
            precision = ReadNumber(format, ref at) ?? 0;
        }
        if (at == format.Length) throw new FunctionException(0, "the format ends in a lone %");
        return new Verb(format[at++], flags, width, precision);
    }

    private static int? ReadNumber(string format, ref int at)
    {
        var start = at;
        while (at < format.Length && char.IsAsciiDigit(format[at])) at++;
        if (at == start) return null;
        if (int.TryParse(format.AsSpan(start, at - start), CultureInfo.InvariantCulture, out var number)
            && number <= WidthMax)
            return number;
        throw new FunctionException(0, $"width or precision is above {WidthMax}");
    }

    private static string Format(Verb verb, Value value, int index) => (verb.Letter, value) switch
    {
        (_, SecretValue) => throw Arguments.Wrong(index, "a value that is no secret", value),
        ('v', _) => Plain(value),
        ('s', _) => Cut(verb, Plain(value)),
        ('q', StringValue text) => StringLiteral.Encode(Cut(verb, text.Text)),
        ('t', BoolValue) => Plain(value),
        ('x' or 'X', StringValue text) => Hex(verb, text.Text),
        ('d' or 'b' or 'o' or 'x' or 'X' or 'c', NumberValue number) when WholeOf(number) is { } whole =>
            Whole(verb, whole),
        ('f' or 'F' or 'e' or 'g', NumberValue number) =>
            Signed(verb, Float(verb, Math.Abs(number.Float)), number.Float < 0),
        ('q' or 't' or 'd' or 'b' or 'o' or 'x' or 'X' or 'c' or 'f' or 'F' or 'e' or 'g', _) =>
            throw new FunctionException(index, $"%{verb.Letter} does not take {value.TypeName}"),
        _ => throw new FunctionException(0, $"unknown verb %{verb.Letter}"),
    };

    private static string Plain(Value value) => value switch
    {
        NullValue => "<nil>",
        StringValue text => text.Text,
        NumberValue number => number.ToText(),
        BoolValue truth => truth.Value ? "true" : "false",
        ArrayValue array => $"[{string.Join(' ', array.Elements.Select(Plain))}]",
        ObjectValue fields => $"map[{string.Join(' ', fields.Fields.OrderBy(field => field.Key, StringComparer.Ordinal)
            .Select(field => $"{field.Key}:{Plain(field.Value)}"))}]",
        SecretValue => Secret.Mask,
        _ => value.ToString(),
    };

    private static string Cut(Verb verb, string text)
    {
        if (verb.Precision is not { } most) return text;
        return string.Concat(text.EnumerateRunes().Take(most).Select(rune => rune.ToString()));
    }

    private static string Hex(Verb verb, string text)
    {
        var hex = Convert.ToHexString(Encoding.UTF8.GetBytes(text));
        return verb.Letter == 'X' ? hex : hex.ToLowerInvariant();
    }

    private static Int128? WholeOf(NumberValue number) => number.IsWhole ? number.Whole
        : double.IsInteger(number.Float) && Math.Abs(number.Float) < 1e18 ? (Int128)number.Float
        : null;

    private static string Whole(Verb verb, Int128 number)
    {
        if (verb.Letter == 'c')
            return Rune.TryCreate((int)Int128.Clamp(number, -1, int.MaxValue), out var rune) ? rune.ToString()
                : "\uFFFD";
        var size = Int128.Abs(number);
        var digits = verb.Letter switch
        {
            'd' => size.ToString(CultureInfo.InvariantCulture),
            'x' => (verb.Has('#') ? "0x" : "") + ((ulong)size).ToString("x", CultureInfo.InvariantCulture),
            'X' => (verb.Has('#') ? "0X" : "") + ((ulong)size).ToString("X", CultureInfo.InvariantCulture),
            'b' => ((ulong)size).ToString("b", CultureInfo.InvariantCulture),
            _ => Octal((ulong)size),
        };
        return Signed(verb, digits.PadLeft(verb.Precision ?? 0, '0'), number < 0);
    }

    private static string Octal(ulong number)
    {
        var digits = new StringBuilder();
        do digits.Insert(0, (char)('0' + (number & 7)));
        while ((number >>= 3) > 0);
        return digits.ToString();
    }

    private static string Float(Verb verb, double number)
    {
        var digits = (verb.Precision ?? 6).ToString(CultureInfo.InvariantCulture);
        return verb.Letter switch
        {
            'g' => GoNumber.Shortest(number),
            'e' => number.ToString(verb.Precision is 0 ? "0e+00" : $"0.{new string('0', verb.Precision ?? 6)}e+00",
                CultureInfo.InvariantCulture),
            _ => number.ToString($"F{digits}", CultureInfo.InvariantCulture),
        };
    }

    private static string Signed(Verb verb, string digits, bool negative)
    {
        var sign = negative ? "-" : verb.Has('+') ? "+" : verb.Has(' ') ? " " : "";
        var zeros = verb.Has('0') && !verb.Has('-') ? Math.Max(0, verb.Width - sign.Length - digits.Length) : 0;
        return sign + new string('0', zeros) + digits;
    }

    private static string Pad(Verb verb, string text)
    {
        var missing = verb.Width - text.EnumerateRunes().Count();
        if (missing <= 0) return text;
        return verb.Has('-') ? text + new string(' ', missing) : new string(' ', missing) + text;
    }
}
