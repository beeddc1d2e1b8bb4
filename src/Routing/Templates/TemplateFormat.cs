using System.Globalization;
using System.Text;

namespace Weir.Routing.Templates;

/// <summary>Go's print and printf.</summary>
internal static class TemplateFormat
{
    /// <summary>Characters to which a value may be padded.</summary>
    public const int WidthMax = 10_000;

    /// <summary>As <c>print</c>: a space between two values of which neither is a text.</summary>
    public static string PrintAll(object?[] values, bool isLine)
    {
        var text = new StringBuilder();
        for (var i = 0; i < values.Length; i++)
        {
            if (i > 0 && (isLine || (values[i] is not string && values[i - 1] is not string))) text.Append(' ');
            text.Append(TemplateValues.Print(values[i]));
        }

        return isLine ? text.Append('\n').ToString() : text.ToString();
    }

    public static string Format(string format, ReadOnlySpan<object?> values, TemplateRun run)
    {
        var text = new StringBuilder();
        var next = 0;
        for (var at = 0; at < format.Length;)
        {
            var percent = format.IndexOf('%', at);
            text.Append(format, at, (percent < 0 ? format.Length : percent) - at);
            if (percent < 0) break;
            at = percent + 1;
            var verb = Verb.Read(format, ref at);
            if (verb.Letter == '%') text.Append('%');
            else if (verb.Letter == '\0') text.Append("%!(NOVERB)");
            else if (next >= values.Length) text.Append("%!").Append(verb.Letter).Append("(MISSING)");
            else text.Append(verb.Apply(values[next++]));
            run.SpendCharacters(verb.Width);
        }

        if (next < values.Length)
        {
            var extra = values[next..].ToArray().Select(value =>
                value is null ? "<nil>" : $"{TemplateValues.KindOf(value)}={TemplateValues.Print(value)}");
            text.Append("%!(EXTRA ").AppendJoin(", ", extra).Append(')');
        }

        return text.ToString();
    }

    /// <summary>As Go's strconv.Quote.</summary>
    public static string Quote(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (var rune in text.EnumerateRunes())
        {
            var plain = "\a\b\f\n\r\t\v\\\"".IndexOf((char)Math.Min(rune.Value, char.MaxValue),
                StringComparison.Ordinal);
            if (plain >= 0) quoted.Append('\\').Append("abfnrtv\\\""[plain]);
            else if (rune.Value < 0x20 || rune.Value == 0x7F)
                quoted.Append(CultureInfo.InvariantCulture, $"\\x{rune.Value:x2}");
            else quoted.Append(rune.ToString());
        }

        return quoted.Append('"').ToString();
    }

    /// <summary>A verb with its flags, width and precision.</summary>
    private readonly record struct Verb(char Letter, string Flags, int Width, int Precision)
    {
        public static Verb Read(string format, ref int at)
        {
            var start = at;
            while (at < format.Length && "+-# 0".Contains(format[at], StringComparison.Ordinal)) at++;
            var flags = format[start..at];
            var width = Math.Max(0, Number(format, ref at));
            var precision = -1;
            if (at < format.Length && format[at] == '.')
            {
                at++;
                precision = Math.Max(0, Number(format, ref at));
            }

            return new Verb(at < format.Length ? format[at++] : '\0', flags, width, precision);
        }

        public string Apply(object? value)
        {
            var text = Letter switch
            {
                'v' or 's' when value is string plain => Cut(plain),
                'v' => TemplateValues.Print(value),
                's' when value is ITemplateObject => TemplateValues.Print(value),
                'q' when value is string plain => Quote(Cut(plain)),
                'x' when value is string plain => Convert.ToHexStringLower(Encoding.UTF8.GetBytes(plain)),
                'X' when value is string plain => Convert.ToHexString(Encoding.UTF8.GetBytes(plain)),
                't' when value is bool truth => truth ? "true" : "false",
                'c' when value is long rune && Rune.IsValid((int)Math.Clamp(rune, 0, int.MaxValue)) =>
                    new Rune((int)rune).ToString(),
                'd' or 'x' or 'X' or 'o' or 'b' when value is long whole => Signed(whole < 0, Digits(whole)),
                'f' or 'F' or 'e' or 'E' or 'g' or 'G' when value is double real =>
                    Signed(real < 0, Digits(Math.Abs(real))),
                _ when value is null => $"%!{Letter}(<nil>)",
                _ => $"%!{Letter}({TemplateValues.KindOf(value)}={TemplateValues.Print(value)})",
            };
            return Pad(text, value);
        }

        private static int Number(string format, ref int at)
        {
            var number = 0;
            while (at < format.Length && char.IsAsciiDigit(format[at]))
                number = Math.Min(WidthMax, number * 10 + (format[at++] - '0'));
            return number;
        }

        private string Cut(string text) => Precision < 0 ? text
            : string.Concat(text.EnumerateRunes().Take(Precision).Select(rune => rune.ToString()));

        private string Signed(bool isNegative, string digits) =>
            (isNegative ? "-" : Flags.Contains('+', StringComparison.Ordinal) ? "+"
                : Flags.Contains(' ', StringComparison.Ordinal) ? " " : "") + digits;

        private string Digits(long number)
        {
            var magnitude = number < 0 ? (ulong)-(number + 1) + 1 : (ulong)number;
            return Letter switch
            {
                'x' => magnitude.ToString("x", CultureInfo.InvariantCulture),
                'X' => magnitude.ToString("X", CultureInfo.InvariantCulture),
                'b' => magnitude.ToString("b", CultureInfo.InvariantCulture),
                'o' => Octal(magnitude),
                _ => magnitude.ToString(CultureInfo.InvariantCulture),
            };
        }

        private static string Octal(ulong number)
        {
            var digits = "";
            do digits = (char)('0' + (number & 7)) + digits;
            while ((number >>= 3) > 0);
            return digits;
        }

        private string Digits(double number)
        {
            var decimals = Math.Min(Precision < 0 ? 6 : Precision, 400).ToString(CultureInfo.InvariantCulture);
            if (Letter is 'f' or 'F') return number.ToString("F" + decimals, CultureInfo.InvariantCulture);
            if (char.ToLowerInvariant(Letter) == 'g') return TemplateValues.Print(number);
            var parts = number.ToString((Letter == 'e' ? "e" : "E") + decimals,
                CultureInfo.InvariantCulture).Split('e', 'E');
            var exponent = parts.Length < 2 ? "" : Letter + parts[1][..1]
                + int.Parse(parts[1][1..], CultureInfo.InvariantCulture).ToString("D2", CultureInfo.InvariantCulture);
            return parts[0] + exponent;
        }

        private string Pad(string text, object? value)
        {
            var missing = Width - text.EnumerateRunes().Count();
            if (missing <= 0) return text;
            if (Flags.Contains('-', StringComparison.Ordinal)) return text + new string(' ', missing);
            if (!Flags.Contains('0', StringComparison.Ordinal) || value is not (long or double))
                return new string(' ', missing) + text;
            var sign = text.Length > 0 && text[0] is '-' or '+' or ' ' ? 1 : 0;
            return text[..sign] + new string('0', missing) + text[sign..];
        }
    }
}
