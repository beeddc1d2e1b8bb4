using Weir.Routing.Language;

namespace Weir.Routing.Doctor;

/// <summary>A configuration as checks read it.</summary>
internal sealed class ConfigurationView
{
    private const string Receiver = "receiver";

    private ConfigurationView(IReadOnlyList<ComponentView> components) => Components = components;

    /// <summary>Components and blocks of the node, in file order.</summary>
    public IReadOnlyList<ComponentView> Components { get; }

    /// <summary>Every body in it, nested ones too.</summary>
    public IEnumerable<BodyView> Bodies => Components.SelectMany(component => component.Body.All);

    /// <summary>The components of a name.</summary>
    public IEnumerable<ComponentView> Named(string name) => Components.Where(component => component.Name == name);

    /// <param name="blocks">What is understood.</param>
    /// <param name="written">May hold more: blocks that are not supported, or whose components are not known before
    /// they run, also use what others export.</param>
    public static ConfigurationView Of(IReadOnlyList<ConfiguredBlock> blocks, IReadOnlyList<SyntaxTree> written)
    {
        var components = new Dictionary<string, ComponentView>(StringComparer.Ordinal);
        foreach (var block in blocks)
        {
            // Its mistakes have been reported.
            if (block.Preview() is { } options)
                components.TryAdd(block.Id, new ComponentView(block, new BodyView(block.Syntax, options)));
        }

        foreach (var block in blocks) Connect(block, components);
        var understood = blocks.Where(block => components.ContainsKey(block.Id))
            .Select(block => block.Place).ToHashSet();
        foreach (var block in written.SelectMany(tree => tree.Body.Blocks))
            if (!understood.Contains(block.HeaderPlace)) Mention(block, components);
        return new ConfigurationView([.. components.Values]);
    }

    private static void Connect(ConfiguredBlock block, Dictionary<string, ComponentView> components)
    {
        if (!components.TryGetValue(block.Id, out var user)) return;
        foreach (var (id, export) in block.Reads)
        {
            if (!components.TryGetValue(id, out var target)) continue;
            (export == Receiver ? target.FedBy : target.UsedBy).Add(user);
        }
    }

    private static void Mention(BlockSyntax block, Dictionary<string, ComponentView> components)
    {
        foreach (var reference in References.In(block.Body))
            for (var parts = reference.Path.Count; parts > 0; parts--)
                if (components.TryGetValue(string.Join('.', reference.Path.Take(parts)), out var target))
                    target.IsMentioned = true;
    }
}
