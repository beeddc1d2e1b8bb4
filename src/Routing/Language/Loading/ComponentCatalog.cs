using System.Diagnostics.CodeAnalysis;
using System.Reflection;

namespace Weir.Routing.Language;

/// <summary>A catalog of the option records that assemblies mark as components and configuration blocks.</summary>
public sealed class ComponentCatalog : IComponentCatalog
{
    private readonly Dictionary<string, BlockDescription> _blocks = new(StringComparer.Ordinal);

    /// <param name="descriptions">The blocks; of two with the same name the program has a bug.</param>
    public ComponentCatalog(IEnumerable<BlockDescription> descriptions)
    {
        foreach (var description in descriptions) _blocks.Add(description.Name, description);
    }

    /// <inheritdoc/>
    public IEnumerable<string> Names => _blocks.Keys;

    /// <summary>
    /// Finds the records with a <see cref="ComponentAttribute"/> or <see cref="ConfigurationBlockAttribute"/>.
    /// </summary>
    public static ComponentCatalog Scan(params IEnumerable<Assembly> assemblies) =>
        new(assemblies.SelectMany(assembly => assembly.GetTypes()).SelectMany(Describe));

    /// <inheritdoc/>
    public bool TryFind(string name, [NotNullWhen(true)] out BlockDescription? description) =>
        _blocks.TryGetValue(name, out description);

    private static IEnumerable<BlockDescription> Describe(Type type)
    {
        if (type.GetCustomAttribute<ComponentAttribute>() is { } component)
            yield return new BlockDescription(
                component.Name, true, type, component.Exports, !component.Singleton, component.Stability);
        if (type.GetCustomAttribute<ConfigurationBlockAttribute>() is { } block)
            yield return new BlockDescription(block.Name, false, type, null, false, block.Stability);
    }
}
