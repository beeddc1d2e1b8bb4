using Weir.Node.Polling;
using Weir.Routing.Components;

namespace Weir.Node.Discovery;

/// <summary>A component that exports targets. It begins with none: what refers to them can be evaluated at once, and
/// nothing outside keeps a configuration from being loaded.</summary>
public abstract class PolledDiscovery<TOptions>(IComponentHost host) : PolledComponent<TOptions>(host)
    where TOptions : class
{
    private DiscoveredTargets? _exported;

    /// <inheritdoc/>
    public override object? Status => Volatile.Read(ref _exported)?.Targets;

    /// <inheritdoc/>
    protected override ValueTask ApplyAsync(TOptions options, CancellationToken cancel)
    {
        if (_exported is null) Publish(DiscoveredTargets.None);
        Follow(options);
        return ValueTask.CompletedTask;
    }

    protected void Publish(DiscoveredTargets targets)
    {
        Volatile.Write(ref _exported, targets);
        Host.Export(targets);
    }
}
