using System.Collections.Concurrent;
using System.Reflection;
using System.Text;

namespace Weir.Routing.Language;

/// <summary>How the configuration writes the values of enums.</summary>
internal static class EnumSpelling
{
    private static readonly ConcurrentDictionary<Type, IReadOnlyDictionary<string, object>> Known = new();

    /// <summary>The spellings with their values, in order of declaration.</summary>
    public static IReadOnlyDictionary<string, object> For(Type type) => Known.GetOrAdd(type, static type =>
    {
        var spellings = new Dictionary<string, object>(StringComparer.Ordinal);
        foreach (var field in type.GetFields(BindingFlags.Public | BindingFlags.Static))
            spellings.Add(field.GetCustomAttribute<SpellingAttribute>()?.Text ?? SnakeCase(field.Name),
                field.GetValue(null)!);
        return spellings;
    });

    public static string Of(Enum value)
    {
        foreach (var (spelling, known) in For(value.GetType()))
            if (known.Equals(value)) return spelling;
        return value.ToString();
    }

    private static string SnakeCase(string name)
    {
        var text = new StringBuilder();
        foreach (var character in name)
        {
            if (char.IsUpper(character) && text.Length > 0) text.Append('_');
            text.Append(char.ToLowerInvariant(character));
        }
        return text.ToString();
    }
}
