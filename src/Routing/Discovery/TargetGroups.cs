using Weir.Routing.Language;

namespace Weir.Routing.Discovery;

/// <summary>
/// Lists of targets as files and servers give them to Prometheus: <c>[{"targets": ["host:port"], "labels": {…}}]</c>,
/// in JSON or YAML.
/// </summary>
public static class TargetGroups
{
    private const string Address = "__address__";

    /// <summary>Reads a list.</summary>
    /// <param name="extra">A label of every target that is found: where it comes from.</param>
    /// <param name="targets">Each with its address and its group's labels; empty when false is returned.</param>
    /// <param name="problem">What is wrong; empty when true is returned.</param>
    public static bool TryReadJson(
        string text, (string Name, string Value) extra,
        out IReadOnlyList<IReadOnlyDictionary<string, string>> targets, out string problem) =>
        TryRead(() => EncodingFunctions.ParseJson(text, 0), extra, out targets, out problem);

    /// <inheritdoc cref="TryReadJson"/>
    public static bool TryReadYaml(
        string text, (string Name, string Value) extra,
        out IReadOnlyList<IReadOnlyDictionary<string, string>> targets, out string problem) =>
        TryRead(() => YamlValues.Parse(text), extra, out targets, out problem);

    private static bool TryRead(
        Func<Value> parse, (string Name, string Value) extra,
        out IReadOnlyList<IReadOnlyDictionary<string, string>> targets, out string problem)
    {
        try
        {
            targets = Read(parse(), extra);
            problem = "";
            return true;
        }
        catch (FunctionException wrong)
        {
            (targets, problem) = ([], wrong.Message);
            return false;
        }
    }

    private static List<IReadOnlyDictionary<string, string>> Read(Value document, (string Name, string Value) extra)
    {
        var found = new List<IReadOnlyDictionary<string, string>>();
        foreach (var element in ListOf(document, "the document"))
        {
            if (element is NullValue) continue; // Prometheus passes over empty groups
            if (element is not ObjectValue group) throw Wrong("a group", "object", element);
            var labels = LabelsOf(group);
            foreach (var target in ListOf(group.TryGet("targets", out var targets) ? targets : null, "\"targets\""))
                found.Add(new Dictionary<string, string>(labels, StringComparer.Ordinal)
                {
                    [Address] = TextOf(target, "a target"),
                    [extra.Name] = extra.Value,
                });
        }

        return found;
    }

    private static Dictionary<string, string> LabelsOf(ObjectValue group)
    {
        var labels = new Dictionary<string, string>(StringComparer.Ordinal);
        if (!group.TryGet("labels", out var given) || given is NullValue) return labels;
        if (given is not ObjectValue fields) throw Wrong("\"labels\"", "object", given);
        foreach (var (name, value) in fields.Fields) labels[name] = TextOf(value, $"label \"{name}\"");
        return labels;
    }

    private static IReadOnlyList<Value> ListOf(Value? value, string what) => value switch
    {
        null or NullValue => [],
        ArrayValue list => list.Elements,
        _ => throw Wrong(what, "list", value),
    };

    // YAML has numbers and truth values where a text was meant.
    private static string TextOf(Value value, string what) => value switch
    {
        StringValue text => text.Text,
        NumberValue number => number.ToText(),
        BoolValue truth => truth.Value ? "true" : "false",
        _ => throw Wrong(what, "string", value),
    };

    private static FunctionException Wrong(string what, string expected, Value got) =>
        new(0, $"{what} is no {expected} but {got.TypeName}");
}
