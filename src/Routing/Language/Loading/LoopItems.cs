using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Weir.Routing.Language;

/// <summary>Names the items of a <c>foreach</c>, so that an item keeps its components while others come and
/// go.</summary>
internal static class LoopItems
{
    // Longer texts are told apart by their hash: they would make the ids of components unreadable.
    private const int TextMax = 64;

    // 64 bits; should two items share a hash, they are numbered as equal ones are.
    private const int HashBytes = 8;

    /// <summary>The items with what tells them apart: <c>foreach_web_1</c>; equal ones are numbered.</summary>
    public static IEnumerable<(string Id, Value Item)> Of(ForeachOptions options)
    {
        var seen = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var item in options.Collection)
        {
            var name = NameOf(item is ObjectValue fields && fields.TryGet(options.Id, out var id) ? id : item, options);
            var number = seen[name] = seen.GetValueOrDefault(name) + 1;
            yield return (string.Create(CultureInfo.InvariantCulture, $"foreach_{name}_{number}"), item);
        }
    }

    private static string NameOf(Value value, ForeachOptions options) => value switch
    {
        StringValue { Text.Length: <= TextMax } text when !options.HashStringId => Letters(text.Text),
        StringValue text => Hash(text.Text),
        NumberValue number => Letters(number.ToText()),
        BoolValue truth => truth.Value ? "true" : "false",
        _ => Hash(Written(value, new StringBuilder()).ToString()),
    };

    private static string Letters(string text) =>
        string.Concat(text.Select(character => char.IsLetterOrDigit(character) ? character : '_'));

    private static string Hash(string text) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, HashBytes));

    // Equal values are written equally; a secret leaves no trace in a name.
    private static StringBuilder Written(Value value, StringBuilder text)
    {
        switch (value)
        {
            case StringValue plain: text.Append('"').Append(plain.Text).Append('"'); break;
            case NumberValue number: text.Append(number.ToText()); break;
            case BoolValue truth: text.Append(truth.Value); break;
            case ArrayValue array:
                text.Append('[');
                foreach (var element in array.Elements) Written(element, text).Append(',');
                text.Append(']');
                break;
            case ObjectValue fields:
                text.Append('{');
                foreach (var (name, field) in fields.Fields.OrderBy(field => field.Key, StringComparer.Ordinal))
                    Written(field, text.Append(name).Append('=')).Append(',');
                text.Append('}');
                break;
            default: text.Append(value.TypeName); break;
        }

        return text;
    }
}
