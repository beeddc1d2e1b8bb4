using System.Globalization;
using System.Text;

namespace Weir.Routing.Templates;

/// <summary>What a template reads its names from.</summary>
public interface ITemplateData
{
    /// <param name="name">A field of the dot.</param>
    /// <param name="value">Null, a bool, long, double or string.</param>
    /// <returns>False when there is no such name.</returns>
    bool TryGet(string name, out object? value);

    /// <summary>All names and their values, as a map of the caller's own.</summary>
    SortedDictionary<string, object?> All();
}

/// <summary>Values of a template: null, bool, long, double, string, lists, maps, and the data itself.</summary>
internal static class TemplateValues
{
    /// <summary>Most lists and maps inside each other that are gone through: each level costs stack.</summary>
    public const int DepthMax = 64;

    private const string NoValue = "<no value>";

    public static bool IsTrue(object? value) => value switch
    {
        null => false,
        bool truth => truth,
        long number => number != 0,
        double number => number != 0,
        string text => text.Length > 0,
        List<object?> list => list.Count > 0,
        SortedDictionary<string, object?> map => map.Count > 0,
        _ => true,
    };

    public static object? Field(object? value, IReadOnlyList<string> fields)
    {
        foreach (var name in fields)
        {
            value = value switch
            {
                ITemplateData data => data.TryGet(name, out var found) ? found : null,
                SortedDictionary<string, object?> map => map.GetValueOrDefault(name),
                ITemplateObject known => known.Member(name),
                null => throw new TemplateException($"nil value has no field {name}"),
                _ => throw new TemplateException($"can't evaluate field {name} in a {KindOf(value)}"),
            };
        }

        return value;
    }

    /// <summary>What a range goes through.</summary>
    public static IEnumerable<(object? Key, object? Value)> Pairs(object? value) => value switch
    {
        List<object?> list => list.Select((item, index) => ((object?)(long)index, item)),
        SortedDictionary<string, object?> map => map.Select(pair => ((object?)pair.Key, pair.Value)),
        long count => Count(count),
        null => [],
        _ => throw new TemplateException($"range can't iterate over a {KindOf(value)}"),
    };

    public static string KindOf(object? value) => value switch
    {
        null => "nil",
        bool => "bool",
        long => "int",
        double => "float64",
        string => "string",
        List<object?> => "slice",
        ITemplateObject known => known.Kind,
        _ => "map",
    };

    /// <summary>As Go's <c>%v</c>.</summary>
    /// <exception cref="TemplateException">It is too long, or nested too deeply.</exception>
    public static string Print(object? value)
    {
        var text = new StringBuilder();
        Print(value, text, 0);
        return text.ToString();
    }

    private static void Print(object? value, StringBuilder text, int depth)
    {
        if (depth > DepthMax) throw new TemplateException($"a value is nested more than {DepthMax} levels deep");
        if (text.Length > TemplateRun.CharactersMax)
            throw new TemplateException($"makes more than {TemplateRun.CharactersMax} characters");
        var start = text.Length;
        switch (value)
        {
            case List<object?> list:
                foreach (var item in list) Print(item, text.Append(text.Length == start ? '[' : ' '), depth + 1);
                text.Append(list.Count == 0 ? "[]" : "]");
                break;
            case SortedDictionary<string, object?> map:
                foreach (var (name, inner) in map)
                    Print(inner, text.Append(text.Length == start ? "map[" : " ").Append(name).Append(':'), depth + 1);
                text.Append(map.Count == 0 ? "map[]" : "]");
                break;
            default: text.Append(PrintOne(value)); break;
        }
    }

    private static string PrintOne(object? value) => value switch
    {
        null => NoValue,
        string text => text,
        bool truth => truth ? "true" : "false",
        long number => number.ToString(CultureInfo.InvariantCulture),
        double number => Print(number),
        ITemplateObject known => known.ToString(),
        _ => "map[]",
    };

    /// <summary>The shortest digits; an exponent from 1e6 up and below 1e-4, as Go's <c>%v</c>.</summary>
    public static string Print(double number)
    {
        if (double.IsNaN(number)) return "NaN";
        if (double.IsInfinity(number)) return number > 0 ? "+Inf" : "-Inf";
        var parts = Math.Abs(number).ToString("R", CultureInfo.InvariantCulture).Split('E');
        var dot = parts[0].IndexOf('.', StringComparison.Ordinal);
        var all = parts[0].Replace(".", "", StringComparison.Ordinal);
        var exponent = (dot < 0 ? parts[0].Length : dot) - 1
            + (parts.Length > 1 ? int.Parse(parts[1], CultureInfo.InvariantCulture) : 0);
        var digits = all.TrimStart('0');
        exponent -= all.Length - digits.Length;
        digits = digits.TrimEnd('0');
        var sign = double.IsNegative(number) ? "-" : "";
        if (digits.Length == 0) return sign + "0";
        if (exponent is < -4 or >= 6)
        {
            var mantissa = digits.Length > 1 ? digits[0] + "." + digits[1..] : digits;
            return sign + mantissa + (exponent < 0 ? "e-" : "e+")
                + Math.Abs(exponent).ToString("D2", CultureInfo.InvariantCulture);
        }

        if (exponent < 0) return sign + "0." + new string('0', -exponent - 1) + digits;
        return sign + (digits.Length <= exponent + 1
            ? digits.PadRight(exponent + 1, '0') : digits[..(exponent + 1)] + "." + digits[(exponent + 1)..]);
    }

    private static IEnumerable<(object? Key, object? Value)> Count(long count)
    {
        for (var i = 0L; i < count; i++) yield return (i, i);
    }
}
