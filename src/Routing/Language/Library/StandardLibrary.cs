using System.Diagnostics.CodeAnalysis;

namespace Weir.Routing.Language;

/// <summary>The functions and constants of the language, with the older names that Alloy still accepts.</summary>
public static class StandardLibrary
{
    /// <summary>The scope of a host's configuration.</summary>
    public static IScope For(HostFacts host)
    {
        var names = new Dictionary<string, Value>(StringComparer.Ordinal);
        AddNamespace(names, "sys", [Function("sys.env", 1, 1, arguments => Env(host, arguments))]);
        AddNamespace(names, "array", ArrayFunctions.All);
        AddNamespace(names, "convert", [Function("convert.nonsensitive", 1, 1, NonSensitive)]);
        AddNamespace(names, "encoding", EncodingFunctions.All);
        AddNamespace(names, "file", [Function("file.path_join", 0, int.MaxValue, PathJoin)]);
        AddNamespace(names, "string", StringFunctions.All);
        names["constants"] = new ObjectValue(
        [
            KeyValuePair.Create<string, Value>("hostname", new StringValue(host.Hostname)),
            KeyValuePair.Create<string, Value>("os", new StringValue(host.Os)),
            KeyValuePair.Create<string, Value>("arch", new StringValue(host.Arch)),
            KeyValuePair.Create<string, Value>("version", new StringValue(host.Version)),
        ]);
        names[Coalescing] = Function(Coalescing, 0, int.MaxValue, Coalesce);
        names["json_path"] = Function("json_path", 2, 2, JsonPathOf);
        foreach (var (alias, space, name) in Aliases)
            names[alias] = ((ObjectValue)names[space]).TryGet(name, out var function) ? function : throw Missing(alias);
        return new LibraryScope(names);
    }

    /// <summary>The function that takes the first of its arguments that is not empty.</summary>
    internal const string Coalescing = "coalesce";

    private static readonly (string Alias, string Space, string Name)[] Aliases =
    [
        ("env", "sys", "env"), ("nonsensitive", "convert", "nonsensitive"), ("concat", "array", "concat"),
        ("json_decode", "encoding", "from_json"), ("yaml_decode", "encoding", "from_yaml"),
        ("base64_decode", "encoding", "from_base64"), ("format", "string", "format"), ("join", "string", "join"),
        ("replace", "string", "replace"), ("split", "string", "split"), ("to_lower", "string", "to_lower"),
        ("to_upper", "string", "to_upper"), ("trim", "string", "trim"), ("trim_prefix", "string", "trim_prefix"),
        ("trim_suffix", "string", "trim_suffix"), ("trim_space", "string", "trim_space"),
    ];

    /// <summary>A function that checks how many arguments it gets.</summary>
    internal static FunctionValue Function(string name, int least, int most, Func<IReadOnlyList<Value>, Value> call) =>
        new(name, arguments =>
        {
            Arguments.Count(arguments, least, most);
            return call(arguments);
        });

    private static InvalidOperationException Missing(string alias) => new($"{alias} has no function");

    private static void AddNamespace(
        Dictionary<string, Value> names, string space, IEnumerable<FunctionValue> functions) =>
        names[space] = new ObjectValue(functions.Select(
            function => KeyValuePair.Create<string, Value>(function.Name[(space.Length + 1)..], function)));

    private static Value Env(HostFacts host, IReadOnlyList<Value> arguments) =>
        host.Environment(Arguments.Text(arguments, 0)) is { } text ? new StringValue(text)
        : host.IsChecking ? UnknownValue.Unset : new StringValue("");

    private static Value NonSensitive(IReadOnlyList<Value> arguments) => arguments[0] switch
    {
        SecretValue secret => new StringValue(secret.Reveal()),
        StringValue text => text,
        var other => throw Arguments.Wrong(0, "secret", other),
    };

    private static Value Coalesce(IReadOnlyList<Value> arguments) =>
        arguments.FirstOrDefault(argument => !IsEmpty(argument))
        ?? (arguments.Count > 0 ? arguments[^1] : NullValue.Instance);

    private static bool IsEmpty(Value value) => value switch
    {
        NullValue => true,
        StringValue text => text.Text.Length == 0,
        SecretValue secret => secret.Reveal().Length == 0,
        NumberValue number => number.Float == 0,
        BoolValue truth => !truth.Value,
        ArrayValue array => array.Elements.Count == 0,
        ObjectValue fields => fields.Names.Count == 0,
        _ => false,
    };

    private static ArrayValue JsonPathOf(IReadOnlyList<Value> arguments)
    {
        var document = EncodingFunctions.ParseJson(Arguments.Text(arguments, 0), 0);
        return new ArrayValue(JsonPath.Parse(Arguments.Text(arguments, 1)).Select(document));
    }

    // As Go's filepath.Join: empty parts are left out, the rest is joined and simplified.
    private static StringValue PathJoin(IReadOnlyList<Value> arguments)
    {
        var all = arguments.Select((_, index) => Arguments.Text(arguments, index));
        var parts = all.Where(part => part.Length > 0).ToList();
        if (parts.Count == 0) return new StringValue("");
        var path = string.Join('/', parts);
        var rooted = path[0] == '/';
        var kept = new List<string>();
        foreach (var part in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (part == ".") continue;
            if (part != "..") kept.Add(part);
            else if (kept.Count > 0 && kept[^1] != "..") kept.RemoveAt(kept.Count - 1);
            else if (!rooted) kept.Add(part);
        }
        var clean = (rooted ? "/" : "") + string.Join('/', kept);
        return new StringValue(clean.Length == 0 ? "." : clean);
    }

    private sealed class LibraryScope(Dictionary<string, Value> names) : IScope
    {
        public bool TryResolve(IReadOnlyList<string> path, [NotNullWhen(true)] out Value? value, out int used)
        {
            used = 1;
            return names.TryGetValue(path[0], out value);
        }

        public (string Message, string? Hint) Explain(IReadOnlyList<string> path) =>
            ($"identifier \"{path[0]}\" does not exist",
                Suggestion.DidYouMean(path[0], names.Keys) ?? $"if it is a text, put it in quotes: \"{path[0]}\"");
    }
}
