using System.Collections.Concurrent;

namespace Weir.Routing.Language;

/// <summary>Gives a program type the name that the language's errors use.</summary>
public static class TypeNames
{
    private static readonly ConcurrentDictionary<Type, string> Known = new();

    /// <summary><c>string</c>, <c>list(LogsReceiver)</c>, <c>map(list(secret))</c>, <c>duration</c>.</summary>
    public static string Of(Type type) => Known.GetOrAdd(type, Compose);

    private static string Compose(Type type)
    {
        if (Nullable.GetUnderlyingType(type) is { } inner) return Of(inner);
        if (type == typeof(string) || type.IsEnum) return "string";
        if (type == typeof(bool)) return "bool";
        if (type == typeof(TimeSpan)) return "duration";
        if (type == typeof(Secret)) return "secret";
        if (type == typeof(Value)) return "any";
        if (ValueTypes.IsNumber(type)) return "number";
        if (ValueTypes.MapElement(type) is { } value) return $"map({Of(value)})";
        if (ValueTypes.ListElement(type) is { } element) return $"list({Of(element)})";
        if (TextConversion.IsTextual(type)) return "string";
        // An object of the program is called by what it is to others.
        var role = type.IsInterface ? type : type.GetInterfaces().FirstOrDefault(IsOurs) ?? type;
        return role.IsInterface && role.Name is ['I', _, ..] ? role.Name[1..] : role.Name;
    }

    private static bool IsOurs(Type role) => role.Assembly == typeof(TypeNames).Assembly;
}
