using Weir.Protocol.Batches;
using Weir.Routing.Ports;

namespace Weir.Routing.Components;

public enum HealthState : byte
{
    Unknown,
    Healthy,
    Unhealthy,

    /// <summary>Its work is done.</summary>
    Exited,

    /// <summary>The configuration has it, and it does not run: it is not supported, or needs what is not.</summary>
    Disabled,
}

/// <summary>How a component is, and since when.</summary>
public sealed record Health(HealthState State, string Message, DateTimeOffset Since);

/// <summary>What the graph gives a component.</summary>
public interface IComponentHost
{
    /// <summary>The component's id, <c>loki.write.default</c>.</summary>
    string Id { get; }

    TimeProvider Time { get; }

    RoutingEvents Events { get; }

    /// <summary>The node's table of label sets.</summary>
    LabelSets Labels { get; }

    /// <summary>Publishes new exports; components that refer to them are evaluated again. Equal exports change
    /// nothing.</summary>
    void Export(object exports);

    /// <summary>Says how the component is; an unhealthy one says what to do about it.</summary>
    void Report(HealthState state, string message);
}

/// <summary>The arguments are well-formed but cannot work; the component keeps what it had.</summary>
public sealed class ComponentException(string message) : Exception(message);

/// <summary>A running component of the configured graph.</summary>
public interface IComponent : IAsyncDisposable
{
    /// <summary>Takes over arguments: once before <see cref="RunAsync"/>, then at each change. Never called twice at
    /// once.</summary>
    /// <exception cref="ComponentException">They cannot work; nothing changed.</exception>
    ValueTask ApplyAsync(object options, CancellationToken cancel);

    /// <summary>A configuration came into force that keeps the component, after its arguments were taken over if they
    /// changed. What it had given up may be tried again.</summary>
    void Reloaded()
    {
        // Most components give nothing up.
    }

    /// <summary>Works until cancelled. The graph supervises it: a fault is counted, shown as unhealthy and followed by
    /// a restart.</summary>
    Task RunAsync(CancellationToken cancel);

    /// <summary>For the admin endpoint: a record of what the component works on (targets, positions, endpoints); never
    /// a secret.</summary>
    object? Status { get; }
}

/// <summary>A component with typed arguments.</summary>
public abstract class Component<TOptions>(IComponentHost host) : IComponent
    where TOptions : class
{
    protected IComponentHost Host { get; } = host;

    protected string Id => Host.Id;

    protected TimeProvider Time => Host.Time;

    protected RoutingEvents Events => Host.Events;

    protected LabelSets Labels => Host.Labels;

    protected IProcessLog Log => Host.Events.Log;

    public virtual object? Status => null;

    public ValueTask ApplyAsync(object options, CancellationToken cancel) => ApplyAsync((TOptions)options, cancel);

    public virtual void Reloaded()
    {
        // Most components give nothing up.
    }

    public virtual Task RunAsync(CancellationToken cancel) => Task.Delay(Timeout.Infinite, cancel);

    public virtual ValueTask DisposeAsync() => ValueTask.CompletedTask;

    protected abstract ValueTask ApplyAsync(TOptions options, CancellationToken cancel);
}
