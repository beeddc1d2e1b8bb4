using Weir.Routing.Language;

namespace Weir.Node.Discovery;

/// <summary>What <c>discovery.file</c>, <c>discovery.http</c> and <c>discovery.dns</c> export.</summary>
/// <param name="Targets">Maps of label names to values.</param>
public sealed record DiscoveredTargets(
    [property: Export("targets")] IReadOnlyList<IReadOnlyDictionary<string, string>> Targets)
{
    public static readonly DiscoveredTargets None = new([]);
}
