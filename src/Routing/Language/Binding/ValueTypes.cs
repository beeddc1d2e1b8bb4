using System.Collections;

namespace Weir.Routing.Language;

/// <summary>Which program types the language's lists, maps and numbers are bound to.</summary>
internal static class ValueTypes
{
    private static readonly HashSet<Type> Numbers =
    [
        typeof(int), typeof(long), typeof(uint), typeof(ulong), typeof(short), typeof(ushort), typeof(byte),
        typeof(double), typeof(float),
    ];

    public static bool IsNumber(Type type) => Numbers.Contains(type);

    /// <summary>The element type of an array or read-only list, or null.</summary>
    public static Type? ListElement(Type type)
    {
        if (type.IsArray) return type.GetElementType();
        if (type == typeof(string) || !typeof(IEnumerable).IsAssignableFrom(type)) return null;
        if (MapElement(type) is not null) return null;
        return Implemented(type, typeof(IReadOnlyList<>))?.GetGenericArguments()[0]
            ?? Implemented(type, typeof(IEnumerable<>))?.GetGenericArguments()[0];
    }

    /// <summary>Whether an array can be bound to the type.</summary>
    public static bool TakesArray(Type type) => ListElement(type) is { } element
        && type.IsAssignableFrom(element.MakeArrayType());

    /// <summary>The value type of a read-only dictionary with text keys, or null.</summary>
    public static Type? MapElement(Type type)
    {
        var arguments = (Implemented(type, typeof(IReadOnlyDictionary<,>)) ?? Implemented(type, typeof(IDictionary<,>)))
            ?.GetGenericArguments();
        return arguments is [var key, var value] && key == typeof(string) ? value : null;
    }

    private static Type? Implemented(Type type, Type generic)
    {
        if (type.IsGenericType && type.GetGenericTypeDefinition() == generic) return type;
        return type.GetInterfaces().FirstOrDefault(
            candidate => candidate.IsGenericType && candidate.GetGenericTypeDefinition() == generic);
    }
}
