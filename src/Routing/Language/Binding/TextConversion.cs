using System.Collections.Concurrent;
using System.Reflection;

namespace Weir.Routing.Language;

/// <summary>
/// Types that are written as a text: those with a public static method
/// <c>bool TryParse(string text, out T value, out string problem)</c>; <see cref="TimeSpan"/> is read by
/// <see cref="GoDuration"/>.
/// </summary>
public static class TextConversion
{
    private static readonly ConcurrentDictionary<Type, MethodInfo?> Parsers = new();

    /// <summary>Whether values of the type are written as a text.</summary>
    public static bool IsTextual(Type type) => ParserOf(type) is not null;

    /// <summary>Reads a value of a textual type.</summary>
    /// <param name="type">A textual type.</param>
    /// <param name="text">As the configuration has it.</param>
    /// <param name="value">The value; null when false is returned.</param>
    /// <param name="problem">What is wrong; empty when true is returned.</param>
    public static bool TryParse(Type type, string text, out object? value, out string problem)
    {
        var arguments = new object?[] { text, null, null };
        var parsed = (bool)ParserOf(type)!.Invoke(null, BindingFlags.DoNotWrapExceptions, null, arguments, null)!;
        value = parsed ? arguments[1] : null;
        problem = parsed ? "" : (string)arguments[2]!;
        return parsed;
    }

    private static MethodInfo? ParserOf(Type type) => Parsers.GetOrAdd(type, static type =>
    {
        var owner = type == typeof(TimeSpan) ? typeof(GoDuration) : type;
        var method = owner.GetMethod("TryParse", BindingFlags.Public | BindingFlags.Static,
            [typeof(string), type.MakeByRefType(), typeof(string).MakeByRefType()]);
        return method is { ReturnType: var result } && result == typeof(bool)
            && method.GetParameters()[2].IsOut ? method : null;
    });
}
