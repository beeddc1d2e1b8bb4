using Weir.Routing.Language;

namespace Weir.Routing.Doctor;

/// <summary>A component, or a block of the node, with what feeds and uses it.</summary>
internal sealed class ComponentView(ConfiguredBlock block, BodyView body)
{
    public string Id => block.Id;

    public string Name => block.Name;

    public BodyView Body => body;

    /// <summary>The components that forward to its receiver.</summary>
    public List<ComponentView> FedBy { get; } = [];

    /// <summary>The components that use an export of it other than the receiver.</summary>
    public List<ComponentView> UsedBy { get; } = [];

    /// <summary>Whether something refers to it of which nothing more is known.</summary>
    public bool IsMentioned { get; set; }

    public bool IsSource => Name.StartsWith("loki.source.", StringComparison.Ordinal);

    /// <summary>All sources whose lines come here, over whatever components.</summary>
    public IReadOnlyCollection<ComponentView> Sources()
    {
        var reached = new HashSet<ComponentView> { this };
        var waiting = new Stack<ComponentView>(reached);
        while (waiting.TryPop(out var component))
            foreach (var feeder in component.FedBy)
                if (reached.Add(feeder)) waiting.Push(feeder);
        return [.. reached.Where(component => component.IsSource)];
    }
}
