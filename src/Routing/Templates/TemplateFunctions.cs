using System.Text;

namespace Weir.Routing.Templates;

/// <summary>
/// The functions of a template: Go's own, Promtail's, and those of Sprig that log configurations use.
/// </summary>
internal static class TemplateFunctions
{
    public const int Any = int.MaxValue;

    // Those of Sprig that also come as "must…", which fail where the others hide it: here both fail.
    private static readonly HashSet<string> Strict = new(StringComparer.Ordinal)
    {
        "append", "push", "prepend", "first", "rest", "last", "initial", "reverse", "uniq", "without", "has", "slice",
        "chunk", "compact", "merge", "mergeOverwrite", "deepCopy", "regexMatch", "regexFindAll", "regexFind",
        "regexReplaceAll", "regexReplaceAllLiteral", "regexSplit",
    };

    private static readonly Dictionary<string, TemplateFunction> Known = new[]
    {
        Core, TemplateTextFunctions.All, TemplateNumberFunctions.All, TemplateListFunctions.All,
        TemplateWordFunctions.All, TemplateJson.All, TemplateTimeFunctions.All, TemplateChanceFunctions.All,
        TemplateEncodingFunctions.All, TemplateLayoutFunctions.All, TemplateUrl.All,
    }.SelectMany(group => group).SelectMany(WithStrict)
        .ToDictionary(function => function.Name, StringComparer.Ordinal);

    private static TemplateFunction[] Core =>
    [
        new("and", 1, Any, call => call[0]), // decided where it is called: it does not evaluate all arguments
        new("or", 1, Any, call => call[0]),
        new("not", 1, 1, call => !TemplateValues.IsTrue(call[0])),
        new("eq", 2, Any, call => Enumerable.Range(1, call.Count - 1).Any(i => Same(call, call[0], call[i]))),
        new("ne", 2, 2, call => !Same(call, call[0], call[1])),
        new("lt", 2, 2, call => Order(call) < 0),
        new("le", 2, 2, call => Order(call) <= 0),
        new("gt", 2, 2, call => Order(call) > 0),
        new("ge", 2, 2, call => Order(call) >= 0),
        new("len", 1, 1, Length),
        new("index", 1, Any, Index),
        new("slice", 1, 3, Slice),
        new("print", 0, Any, call => TemplateFormat.PrintAll(call.Values, isLine: false)),
        new("println", 0, Any, call => TemplateFormat.PrintAll(call.Values, isLine: true)),
        new("printf", 1, Any, call => TemplateFormat.Format(call.Text(0), call.Values.AsSpan(1), call.Run)),
        new("html", 1, Any, Html),
        new("urlquery", 1, Any, UrlQuery),
        new("default", 1, 2, call => call.Count == 2 && TemplateValues.IsTrue(call[1]) ? call[1] : call[0]),
        new("empty", 1, 1, call => !TemplateValues.IsTrue(call[0])),
        new("coalesce", 0, Any, call => Array.Find(call.Values, TemplateValues.IsTrue)),
        new("ternary", 3, 3, call => TemplateValues.IsTrue(call[2]) ? call[0] : call[1]),
        new("list", 0, Any, call => call.Values.ToList()),
        new("dict", 0, Any, Map),
        new("get", 2, 2, call => TemplateValues.Field(call[0], [call.Text(1)]) ?? ""),
        new("hasKey", 2, 2, call => call[0] is SortedDictionary<string, object?> map
            ? map.ContainsKey(call.Text(1)) : call[0] is ITemplateData data && data.TryGet(call.Text(1), out _)),
        new("first", 1, 1, call => call.List(0).FirstOrDefault()),
        new("last", 1, 1, call => call.List(0).LastOrDefault()),
        new("rest", 1, 1, call => call.List(0).Skip(1).ToList()),
        new("has", 2, 2, call => call.List(1).Contains(call[0])),
        new("toString", 1, 1, call => TemplateValues.Print(call[0])),
        new("kindOf", 1, 1, call => TemplateValues.KindOf(call[0])),
        new("hello", 0, 0, _ => "Hello!"),
        new("call", 1, Any, call => throw new TemplateException(
            $"error calling call: a {TemplateValues.KindOf(call[0])} is no function")),
        new("semver", 1, 1, call => SemanticVersion.Parse(call, call.Text(0))),
        new("semverCompare", 2, 2, call =>
            SemanticRange.Parse(call, call.Text(0)).Holds(SemanticVersion.Parse(call, call.Text(1)))),
    ];

    /// <exception cref="TemplateException">Unknown.</exception>
    public static TemplateFunction Find(string name) => Known.TryGetValue(name, out var function)
        ? function
        : throw new TemplateException(RefusalOf(name)
            ?? $"function \"{name}\" not defined; known are " + string.Join(", ", Known.Keys));

    /// <summary>Why a function that Sprig has is not offered; null when Sprig has none of that name.</summary>
    private static string? RefusalOf(string name) => name switch
    {
        "genPrivateKey" or "genCA" or "genCAWithKey" or "genSelfSignedCert" or "genSelfSignedCertWithKey"
            or "genSignedCert" or "genSignedCertWithKey" or "buildCustomCert" =>
            $"function \"{name}\" would make a key or certificate for each line: make it once, outside, and write "
                + "its text into the template",
        "bcrypt" or "htpasswd" or "derivePassword" =>
            $"function \"{name}\" is slow on purpose and would hold up all lines: use sha256sum, or Hash with a salt",
        "getHostByName" => $"function \"{name}\" would ask name servers while lines wait: have discovery.dns or "
            + "loki.enrich set a label, and read that",
        _ => null,
    };

    private static IEnumerable<TemplateFunction> WithStrict(TemplateFunction function) => Strict.Contains(function.Name)
        ? [function, function with { Name = "must" + char.ToUpperInvariant(function.Name[0]) + function.Name[1..] }]
        : [function];

    private static bool Same(TemplateCall call, object? one, object? other)
    {
        if (one is null || other is null) return one is null && other is null;
        if (one.GetType() == other.GetType() && one is bool or long or double or string) return one.Equals(other);
        throw new TemplateException($"error calling {call.Name}: incompatible types for comparison");
    }

    private static int Order(TemplateCall call) => (call[0], call[1]) switch
    {
        (long one, long other) => one.CompareTo(other),
        (double one, double other) => one.CompareTo(other),
        (string one, string other) => string.CompareOrdinal(one, other),
        _ => throw new TemplateException($"error calling {call.Name}: incompatible types for comparison"),
    };

    private static string Html(TemplateCall call) => TemplateFormat.PrintAll(call.Values, isLine: false)
        .Replace("&", "&amp;", StringComparison.Ordinal).Replace("'", "&#39;", StringComparison.Ordinal)
        .Replace("<", "&lt;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal)
        .Replace("\"", "&#34;", StringComparison.Ordinal);

    private static string UrlQuery(TemplateCall call) =>
        Uri.EscapeDataString(TemplateFormat.PrintAll(call.Values, isLine: false))
            .Replace("%20", "+", StringComparison.Ordinal);

    private static object Length(TemplateCall call) => call[0] switch
    {
        string text => (long)Encoding.UTF8.GetByteCount(text),
        List<object?> list => (long)list.Count,
        SortedDictionary<string, object?> map => (long)map.Count,
        _ => throw call.Misfit(0, "string, list or map"),
    };

    private static object? Index(TemplateCall call)
    {
        var value = call[0];
        for (var i = 1; i < call.Count; i++)
        {
            value = (value, call[i]) switch
            {
                (List<object?> list, long at) when at >= 0 && at < list.Count => list[(int)at],
                (List<object?>, long at) => throw new TemplateException(
                    $"error calling index: index out of range: {at}"),
                (string text, long at) => (long)ByteAt(text, at),
                (SortedDictionary<string, object?> or ITemplateData, string name) =>
                    TemplateValues.Field(value, [name]),
                (null, _) => throw new TemplateException("error calling index: index of untyped nil"),
                _ => throw call.Misfit(i, "an index or key"),
            };
        }

        return value;
    }

    private static byte ByteAt(string text, long at)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        if (at >= 0 && at < bytes.Length) return bytes[at];
        throw new TemplateException($"error calling index: index out of range: {at}");
    }

    private static object Slice(TemplateCall call)
    {
        if (call[0] is not (string or List<object?>)) throw call.Misfit(0, "string or list");
        var bytes = call[0] is string text ? Encoding.UTF8.GetBytes(text) : [];
        var list = call[0] as List<object?>;
        var length = list?.Count ?? bytes.Length;
        var from = call.Count > 1 ? call.Whole(1) : 0;
        var to = call.Count > 2 ? call.Whole(2) : length;
        if (from < 0 || to > length || from > to)
            throw new TemplateException($"error calling slice: index out of range: {from}:{to}");
        return list is null ? Encoding.UTF8.GetString(bytes.AsSpan((int)from, (int)(to - from)))
            : list.GetRange((int)from, (int)(to - from));
    }

    private static SortedDictionary<string, object?> Map(TemplateCall call)
    {
        var map = new SortedDictionary<string, object?>(StringComparer.Ordinal);
        for (var i = 0; i < call.Count; i += 2) map[call.AnyText(i)] = i + 1 < call.Count ? call[i + 1] : "";
        return map;
    }
}
