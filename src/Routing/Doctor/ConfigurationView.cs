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
    /// <param name="written">May hold more: blocks that are not supported also use what others export.</param>
    /// <param name="library">What names mean besides components.</param>
    public static ConfigurationView Of(
        IReadOnlyList<ConfiguredBlock> blocks, IReadOnlyList<SyntaxTree> written, IScope library)
    {
        var scope = new ComponentScope(library);
        foreach (var block in blocks)
            if (block.Description.IsComponent) scope.PublishValue(block.Id, ExportsOf(block.Description));
        var components = new Dictionary<string, ComponentView>(StringComparer.Ordinal);
        foreach (var block in blocks)
        {
            // Its mistakes have been reported.
            if (block.Evaluate(scope, new DiagnosticBag()) is { } options)
                components.TryAdd(block.Id, new ComponentView(block, new BodyView(block.Syntax, options)));
        }

        foreach (var block in blocks) Connect(block, components, scope);
        var understood = blocks.Where(block => components.ContainsKey(block.Id))
            .Select(block => block.Place).ToHashSet();
        foreach (var block in written.SelectMany(tree => tree.Body.Blocks))
            if (!understood.Contains(block.HeaderPlace)) Mention(block, components, scope);
        return new ConfigurationView([.. components.Values]);
    }

    private static ObjectValue ExportsOf(BlockDescription description) =>
        description.Exports is null ? new ObjectValue([]) : ExportsSchema.Unknown(description.Exports);

    private static void Connect(
        ConfiguredBlock block, Dictionary<string, ComponentView> components, ComponentScope scope)
    {
        if (!components.TryGetValue(block.Id, out var user)) return;
        foreach (var reference in References.In(block.Syntax.Body))
        {
            if (TargetOf(reference, components, scope) is not { } target) continue;
            var id = target.Id;
            var isReceiver = reference.Path.Count > id.Count(character => character == '.') + 1
                && reference.Path[^1] == Receiver;
            if (!isReceiver) target.UsedBy.Add(user);
            else
            {
                user.Feeds.Add(target);
                target.FedBy.Add(user);
            }
        }
    }

    private static void Mention(BlockSyntax block, Dictionary<string, ComponentView> components, ComponentScope scope)
    {
        foreach (var reference in References.In(block.Body))
            if (TargetOf(reference, components, scope) is { } target) target.IsMentioned = true;
    }

    private static ComponentView? TargetOf(
        Reference reference, Dictionary<string, ComponentView> components, ComponentScope scope) =>
        scope.FindComponent(reference.Path) is { } id ? components.GetValueOrDefault(id) : null;
}
