using System.Collections.Concurrent;
using System.Reflection;

namespace Weir.Routing.Language;

/// <summary>What an exports record's attributes say.</summary>
public sealed class ExportsSchema
{
    private static readonly ConcurrentDictionary<Type, ExportsSchema> Known = new();

    private ExportsSchema(Type type) => Properties =
    [
        .. type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.IsDefined(typeof(ExportAttribute)))
            .Select(property => (property.GetCustomAttribute<ExportAttribute>()!.Name, property)),
    ];

    /// <summary>The exports in order of declaration.</summary>
    public IReadOnlyList<(string Name, PropertyInfo Property)> Properties { get; }

    /// <summary>The schema of a record type; one for each type.</summary>
    public static ExportsSchema Of(Type type) => Known.GetOrAdd(type, static type => new ExportsSchema(type));

    /// <summary>The exports as other components see them.</summary>
    public static ObjectValue ToValue(object exports) => new(Of(exports.GetType()).Properties.Select(
        export => KeyValuePair.Create(export.Name, ProgramValues.ToValue(export.Property.GetValue(exports)))));

    /// <summary>The exports known by their types alone, for the static check.</summary>
    public static ObjectValue Unknown(Type type) => new(Of(type).Properties.Select(
        export => KeyValuePair.Create<string, Value>(export.Name, new UnknownValue(export.Property.PropertyType))));
}
