using Weir.Routing.Language;

namespace Weir.Routing.Doctor;

/// <summary>A component, or a block of the node, with what it feeds.</summary>
internal sealed class ComponentView(ConfiguredBlock block, BodyView body)
{
    public string Id => block.Id;

    public string Name => block.Name;

    public BodyView Body => body;

    /// <summary>The components whose receivers it forwards to.</summary>
    public List<ComponentView> Feeds { get; } = [];

    /// <summary>The components that forward to its receiver.</summary>
    public List<ComponentView> FedBy { get; } = [];

    /// <summary>The components that use an export of it other than the receiver.</summary>
    public List<ComponentView> UsedBy { get; } = [];

    /// <summary>Whether something refers to it of which nothing more is known.</summary>
    public bool IsMentioned { get; set; }

    public bool IsSource => Name.StartsWith("loki.source.", StringComparison.Ordinal);

    /// <summary>All sources whose lines come here, over whatever components.</summary>
    public IReadOnlyCollection<ComponentView> Sources() =>
        [.. Reached(this, component => component.FedBy).Where(component => component.IsSource)];

    /// <summary>All components that its lines reach, itself included.</summary>
    public IReadOnlyCollection<ComponentView> Downstream() => Reached(this, component => component.Feeds);

    private static HashSet<ComponentView> Reached(
        ComponentView start, Func<ComponentView, List<ComponentView>> next)
    {
        var reached = new HashSet<ComponentView> { start };
        var waiting = new Stack<ComponentView>(reached);
        while (waiting.TryPop(out var component))
            foreach (var neighbour in next(component))
                if (reached.Add(neighbour)) waiting.Push(neighbour);
        return reached;
    }
}
