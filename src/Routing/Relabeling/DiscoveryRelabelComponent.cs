using Weir.Routing.Components;
using Weir.Routing.Language;

namespace Weir.Routing.Relabeling;

/// <summary>Block <c>discovery.relabel</c>: rules for the labels of discovered targets.</summary>
[Component("discovery.relabel", Exports = typeof(DiscoveryRelabelExports))]
public sealed record DiscoveryRelabelOptions
{
    [Argument("targets", Required = true)]
    public IReadOnlyList<IReadOnlyDictionary<string, string>> Targets { get; init; } = [];

    [Block("rule")]
    public IReadOnlyList<RuleOptions> Rules { get; init; } = [];
}

/// <summary>What <c>discovery.relabel</c> gives to others.</summary>
public sealed record DiscoveryRelabelExports
{
    /// <summary>The targets that no rule drops, with their labels changed.</summary>
    [Export("output")]
    public required IReadOnlyList<IReadOnlyDictionary<string, string>> Output { get; init; }

    [Export("rules")]
    public required RelabelRules Rules { get; init; }
}

/// <summary>Component <c>discovery.relabel</c>: works when its arguments change, and has nothing to run.</summary>
public sealed class DiscoveryRelabelComponent(IComponentHost host) : Component<DiscoveryRelabelOptions>(host)
{
    protected override ValueTask ApplyAsync(DiscoveryRelabelOptions options, CancellationToken cancel)
    {
        var rules = new RelabelRules(options.Rules);
        var output = new List<IReadOnlyDictionary<string, string>>(options.Targets.Count);
        foreach (var target in options.Targets)
            if (rules.Apply(target) is { } relabelled) output.Add(relabelled);
        Host.Export(new DiscoveryRelabelExports { Output = output, Rules = rules });
        Host.Report(HealthState.Healthy, $"{output.Count} of {options.Targets.Count} targets go on");
        return ValueTask.CompletedTask;
    }
}
