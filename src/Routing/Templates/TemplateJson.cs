using System.Text;
using System.Text.Json;
using Weir.Routing.Stages;

namespace Weir.Routing.Templates;

/// <summary>Values of a template as JSON, as Go's library reads and writes them.</summary>
internal static class TemplateJson
{
    private const int DepthMax = TemplateValues.DepthMax;

    private static readonly JsonDocumentOptions Reading = new() { MaxDepth = DepthMax };

    public static TemplateFunction[] All =>
    [
        new("fromJson", 1, 1, call => TryRead(call.Text(0), out var value) ? value : null),
        new("mustFromJson", 1, 1, call => TryRead(call.Text(0), out var value) ? value
            : throw new TemplateException("error calling mustFromJson: the text is no JSON")),
        new("toJson", 1, 1, call => Write(call, "", escapes: true)),
        new("mustToJson", 1, 1, call => Write(call, "", escapes: true)),
        new("toRawJson", 1, 1, call => Write(call, "", escapes: false)),
        new("mustToRawJson", 1, 1, call => Write(call, "", escapes: false)),
        new("toPrettyJson", 1, 1, call => Write(call, "  ", escapes: true)),
        new("mustToPrettyJson", 1, 1, call => Write(call, "  ", escapes: true)),
    ];

    /// <summary>A copy that shares nothing with the value; it costs a step for each element.</summary>
    public static object? Copy(object? value, TemplateRun run, int depth = 0)
    {
        if (depth > DepthMax) throw TooDeep();
        run.Spend(1);
        switch (value)
        {
            case List<object?> list: return list.ConvertAll(item => Copy(item, run, depth + 1));
            case SortedDictionary<string, object?> map:
                var copy = new SortedDictionary<string, object?>(StringComparer.Ordinal);
                foreach (var (name, inner) in map) copy[name] = Copy(inner, run, depth + 1);
                return copy;
            default: return value;
        }
    }

    private static bool TryRead(string text, out object? value)
    {
        value = null;
        try
        {
            using var document = JsonDocument.Parse(text, Reading);
            value = ValueOf(document.RootElement);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static object? ValueOf(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                var map = new SortedDictionary<string, object?>(StringComparer.Ordinal);
                foreach (var field in element.EnumerateObject()) map[field.Name] = ValueOf(field.Value);
                return map;
            case JsonValueKind.Array: return element.EnumerateArray().Select(ValueOf).ToList();
            case JsonValueKind.String: return element.GetString();
            case JsonValueKind.Number: return element.GetDouble();
            case JsonValueKind.True: return true;
            case JsonValueKind.False: return false;
            default: return null;
        }
    }

    private static string Write(TemplateCall call, string indent, bool escapes)
    {
        var text = new StringBuilder();
        Write(call, call[0], text, indent, escapes, 0);
        return text.ToString();
    }

    private static void Write(
        TemplateCall call, object? value, StringBuilder text, string indent, bool escapes, int depth)
    {
        if (depth > DepthMax) throw TooDeep();
        call.Run.Spend(1);
        switch (value)
        {
            case null: text.Append("null"); break;
            case bool truth: text.Append(truth ? "true" : "false"); break;
            case long or double: text.Append(NumberOf(value)); break;
            case ITemplateObject known: text.Append(Quoted(known.Json, escapes)); break;
            case string plain: text.Append(Quoted(plain, escapes)); break;
            case List<object?> list:
                WriteAll(list, text.Append('['), indent, depth, item =>
                    Write(call, item, text, indent, escapes, depth + 1));
                text.Append(']');
                break;
            case SortedDictionary<string, object?> map:
                WriteAll(map, text.Append('{'), indent, depth, pair =>
                {
                    text.Append(Quoted(pair.Key, escapes)).Append(indent.Length > 0 ? ": " : ":");
                    Write(call, pair.Value, text, indent, escapes, depth + 1);
                });
                text.Append('}');
                break;
            default: throw call.Misfit(0, "a value whose fields are known");
        }

        if (text.Length > TemplateRun.CharactersMax) call.Run.SpendCharacters(text.Length);
    }

    private static void WriteAll<T>(
        IReadOnlyCollection<T> items, StringBuilder text, string indent, int depth, Action<T> write)
    {
        var isFirst = true;
        foreach (var item in items)
        {
            if (!isFirst) text.Append(',');
            isFirst = false;
            NewLine(text, indent, depth + 1);
            write(item);
        }

        if (!isFirst) NewLine(text, indent, depth);
    }

    private static void NewLine(StringBuilder text, string indent, int depth)
    {
        if (indent.Length > 0) text.Append('\n').Insert(text.Length, indent, depth);
    }

    // As Go: an exponent from 1e21 up and below 1e-6.
    private static string NumberOf(object number) => number switch
    {
        double real when !double.IsFinite(real) => throw new TemplateException("JSON has no such number"),
        double real when Math.Abs(real) is < 1e15 and (>= 1e-6 or 0) =>
            real.ToString("0.####################", System.Globalization.CultureInfo.InvariantCulture),
        double real => real.ToString("R", System.Globalization.CultureInfo.InvariantCulture).ToLowerInvariant(),
        _ => TemplateValues.Print(number),
    };

    private static string Quoted(string text, bool escapes)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var quoted = new byte[bytes.Length * JsonQuote.GrowthMax + 2];
        var json = Encoding.UTF8.GetString(quoted.AsSpan(0, JsonQuote.Write(bytes, quoted)));
        return escapes ? json : json.Replace("\\u003c", "<", StringComparison.Ordinal)
            .Replace("\\u003e", ">", StringComparison.Ordinal).Replace("\\u0026", "&", StringComparison.Ordinal);
    }

    private static TemplateException TooDeep() => new($"a value is nested more than {DepthMax} levels deep");
}
