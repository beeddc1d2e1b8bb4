using System.Diagnostics.CodeAnalysis;

namespace Weir.Routing.Language;

/// <summary>What is known about the top-level blocks of one name.</summary>
/// <param name="Name"><c>loki.write</c>, <c>logging</c>.</param>
/// <param name="IsComponent">True for a component, false for a block that configures the node itself.</param>
/// <param name="Options">The record that its body fills.</param>
/// <param name="Exports">The record of a component's exports, or null when it has none.</param>
/// <param name="NeedsLabel">Whether it has a label; one without is unique.</param>
/// <param name="Stability">How settled it is.</param>
public sealed record BlockDescription(
    string Name, bool IsComponent, Type Options, Type? Exports, bool NeedsLabel, Stability Stability);

/// <summary>The top-level blocks that this program supports.</summary>
public interface IComponentCatalog
{
    /// <summary>All names.</summary>
    IEnumerable<string> Names { get; }

    /// <returns>False when there is no such block.</returns>
    bool TryFind(string name, [NotNullWhen(true)] out BlockDescription? description);
}
