using System.Collections;
using System.Globalization;

namespace Weir.Routing.Language;

/// <summary>Turns the program's objects (exports of components, facts of the host) into values.</summary>
public static class ProgramValues
{
    /// <summary>
    /// Texts, numbers, truth values, durations, sizes, secrets, lists and maps become values of the language; any other
    /// object becomes a capsule.
    /// </summary>
    public static Value ToValue(object? item) => item switch
    {
        null => NullValue.Instance,
        Value value => value,
        string text => new StringValue(text),
        bool truth => BoolValue.Of(truth),
        double or float => NumberValue.Of(Convert.ToDouble(item, CultureInfo.InvariantCulture)),
        ulong number => NumberValue.Of((Int128)number),
        sbyte or byte or short or ushort or int or uint or long =>
            NumberValue.Of((Int128)Convert.ToInt64(item, CultureInfo.InvariantCulture)),
        Secret secret => new SecretValue(secret.Reveal()),
        TimeSpan duration => new StringValue(GoDuration.Format(duration)),
        ByteSize size => new StringValue(size.ToString()),
        Enum word => new StringValue(EnumSpelling.Of(word)),
        IDictionary map => OfMap(map),
        IList list => new ArrayValue([.. list.Cast<object?>().Select(ToValue)]),
        IEnumerable items when IsPlainCollection(items) => ValueTypes.MapElement(items.GetType()) is null
            ? new ArrayValue([.. items.Cast<object?>().Select(ToValue)])
            : OfPairs(items),
        _ => new CapsuleValue(item),
    };

    // A collection type of our own, such as compiled rules, is an object with a meaning: a capsule.
    private static bool IsPlainCollection(IEnumerable items) =>
        items.GetType().Namespace?.StartsWith("System", StringComparison.Ordinal) ?? true;

    private static ObjectValue OfMap(IDictionary map)
    {
        var fields = new List<KeyValuePair<string, Value>>(map.Count);
        foreach (DictionaryEntry entry in map) fields.Add(KeyValuePair.Create((string)entry.Key, ToValue(entry.Value)));
        return new ObjectValue(fields);
    }

    // A read-only dictionary of any value type, which has no common interface without type arguments.
    private static ObjectValue OfPairs(IEnumerable pairs)
    {
        var fields = new List<KeyValuePair<string, Value>>();
        foreach (var pair in pairs)
        {
            var type = pair!.GetType();
            fields.Add(KeyValuePair.Create((string)type.GetProperty("Key")!.GetValue(pair)!,
                ToValue(type.GetProperty("Value")!.GetValue(pair))));
        }
        return new ObjectValue(fields);
    }
}
