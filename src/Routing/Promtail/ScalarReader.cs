using System.Globalization;
using System.Text.RegularExpressions;
using Weir.Routing.Language;
using Weir.Routing.Patterns;

namespace Weir.Routing.Promtail;

/// <summary>Reads texts of a YAML file as its fields mean them.</summary>
internal static partial class ScalarReader
{
    // Of years and weeks, as Prometheus counts them.
    private const long HoursOfYear = 365 * 24;
    private const long HoursOfWeek = 7 * 24;
    private const long HoursOfDay = 24;

    // 21 octal digits are 63 bits.
    private const int OctalDigitsMax = 22;

    // 1 ms: a bare number below it is meant in seconds.
    private const long NanosecondsMin = 1_000_000;

    /// <summary>Reads a text.</summary>
    /// <param name="field">What it is to be.</param>
    /// <param name="text">As the file has it.</param>
    /// <param name="expression">The value in the configuration language; empty when false is returned.</param>
    /// <param name="canonical">The same for all spellings of a value; empty when false is returned.</param>
    /// <param name="problem">What is wrong; empty when true is returned. It never quotes the text.</param>
    public static bool TryRead(Field field, string text, out string expression, out string canonical,
        out string problem)
    {
        (expression, canonical, problem) = (Literal.Text(text), text, "");
        switch (field.Kind)
        {
            case FieldKind.Word:
                expression = Literal.Text(canonical = text.ToLowerInvariant());
                if (!field.Words.Contains(canonical, StringComparer.Ordinal))
                    problem = "expected one of " + string.Join(", ", field.Words);
                break;
            case FieldKind.Regex:
                if (!GoRegex.TryCompile(text, out _, out var error)) problem = "invalid regular expression: " + error;
                break;
            case FieldKind.Flag:
                if (Flag(text) is { } flag) expression = canonical = flag ? "true" : "false";
                else problem = "expected true or false";
                break;
            case FieldKind.Integer:
                if (Integer(text) is { } integer)
                    expression = canonical = integer.ToString(CultureInfo.InvariantCulture);
                else problem = "expected a whole number";
                break;
            case FieldKind.Number:
                if (Number(text) is { } number)
                    expression = canonical = number.ToString("0.#############", CultureInfo.InvariantCulture);
                else problem = "expected a number";
                break;
            case FieldKind.Duration or FieldKind.LongDuration:
                ReadDuration(field.Kind, text, out expression, out canonical, out problem);
                break;
            case FieldKind.Size or FieldKind.ByteCount:
                if (!ByteSize.TryParse(text, out var size, out problem)) break;
                canonical = size.ToString();
                expression = field.Kind == FieldKind.Size
                    ? Literal.Text(canonical) : size.Bytes.ToString(CultureInfo.InvariantCulture);
                break;
        }
        return problem.Length == 0;
    }

    /// <summary>The words that YAML 1.1 knows; null for others.</summary>
    public static bool? Flag(string text) => text switch
    {
        "true" or "True" or "TRUE" or "yes" or "Yes" or "YES" or "y" or "Y" or "on" or "On" or "ON" => true,
        "false" or "False" or "FALSE" or "no" or "No" or "NO" or "n" or "N" or "off" or "Off" or "OFF" => false,
        _ => null,
    };

    /// <summary>Decimal, with underscores as YAML 1.1 allows, hexadecimal, octal (<c>010</c>, <c>0o10</c>) or binary;
    /// null for others.</summary>
    public static long? Integer(string text)
    {
        var digits = text.Replace("_", "", StringComparison.Ordinal);
        if (digits.StartsWith("0x", StringComparison.OrdinalIgnoreCase))
            return Whole(digits.AsSpan(2), NumberStyles.AllowHexSpecifier);
        if (digits.StartsWith("0b", StringComparison.OrdinalIgnoreCase))
            return Whole(digits.AsSpan(2), NumberStyles.AllowBinarySpecifier);
        var isOctal = digits is ['0', 'o', _, ..] or ['0', _, ..];
        var octal = digits.AsSpan(!isOctal ? 0 : digits[1] == 'o' ? 2 : 1);
        if (isOctal && !octal.ContainsAnyExceptInRange('0', '7'))
            return octal.Length < OctalDigitsMax ? octal.ToArray().Aggregate(0L, (sum, one) => sum * 8 + (one - '0'))
                : null;
        return Whole(digits, NumberStyles.AllowLeadingSign);
    }

    private static long? Whole(ReadOnlySpan<char> digits, NumberStyles style) =>
        long.TryParse(digits, style, CultureInfo.InvariantCulture, out var value) ? value : null;

    /// <summary>Null for others, also for what is no finite number.</summary>
    public static double? Number(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
            && double.IsFinite(value) && Math.Abs(value) < 1e15
            ? value : null;

    /// <summary>Whether a duration has no unit and is meant in seconds: Promtail takes it for nanoseconds, which nobody
    /// writes unless there are many of them.</summary>
    public static bool IsBareDuration(FieldKind kind, string text) => kind switch
    {
        FieldKind.Duration => Integer(text) is > 0 and < NanosecondsMin,
        FieldKind.LongDuration => Integer(text) is > 0,
        _ => false,
    };

    private static void ReadDuration(FieldKind kind, string text, out string expression, out string canonical,
        out string problem)
    {
        var written = text == "0" ? "0s" : text;
        if (Integer(text) is > 0 and var count)
            written = IsBareDuration(kind, text) ? $"{count}s" : $"{count}ns";
        if (kind == FieldKind.LongDuration) written = WithoutDays(written);
        (expression, canonical) = (Literal.Text(written), written);
        if (GoDuration.TryParse(written, out var value, out problem)) canonical = GoDuration.Format(value);
    }

    private static string WithoutDays(string text)
    {
        if (text.AsSpan().IndexOfAny('d', 'w', 'y') < 0) return text;
        var match = DaysPattern().Match(text);
        if (!match.Success) return text;
        long Part(int group) => long.TryParse(match.Groups[group].Value, NumberStyles.None,
            CultureInfo.InvariantCulture, out var value) ? Math.Min(value, int.MaxValue) : 0;
        var hours = Part(1) * HoursOfYear + Part(2) * HoursOfWeek + Part(3) * HoursOfDay + Part(4);
        return hours.ToString(CultureInfo.InvariantCulture) + "h" + match.Groups[5].Value;
    }

    [GeneratedRegex("^(?:([0-9]+)y)?(?:([0-9]+)w)?(?:([0-9]+)d)?(?:([0-9]+)h)?"
        + "((?:[0-9]+m)?(?:[0-9]+s)?(?:[0-9]+ms)?)$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex DaysPattern();
}
