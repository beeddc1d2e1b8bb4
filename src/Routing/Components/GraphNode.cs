using Weir.Protocol.Batches;
using Weir.Routing.Actors;
using Weir.Routing.Language;

namespace Weir.Routing.Components;

/// <summary>One component of the running graph with what is known of it.</summary>
internal sealed class GraphNode(
    ComponentPlan plan, LabelSets labels, TimeProvider time, RoutingEvents events, Action<string> exported)
    : IComponentHost, IAsyncDisposable
{
    /// <summary>A run this long after a fault says that the fault is over.</summary>
    public static readonly TimeSpan SettledAfter = TimeSpan.FromSeconds(10);

    private readonly CancellationTokenSource _stop = new();
    private IComponent? _component;
    private Task _running = Task.CompletedTask;
    private object? _exports;
    private volatile Health? _refused;
    private Health? _fault;
    private Health _health = new(HealthState.Unknown, "not started", time.GetUtcNow());

    public string Id => Plan.Id;

    public TimeProvider Time => time;

    public RoutingEvents Events => events;

    public LabelSets Labels => labels;

    public ComponentPlan Plan { get; set; } = plan;

    public object? Options { get; private set; }

    public object? Exports => Volatile.Read(ref _exports);

    public ComponentState State => new(
        Id, Plan.Name, _refused ?? Volatile.Read(ref _health), Plan.References, Options, Exports, _component?.Status);

    public void Export(object exports)
    {
        var before = Interlocked.Exchange(ref _exports, exports);
        if (!OptionEquality.AreEqual(before, exports)) exported(Id);
    }

    public void Report(HealthState state, string message)
    {
        var before = Volatile.Read(ref _health);
        if (before.State == state && before.Message == message) return;
        Volatile.Write(ref _health, new Health(state, message, time.GetUtcNow()));
        events.ComponentHealthChanged(Id, before.State, state, message);
    }

    /// <summary>Its newest arguments cannot be taken over, so it works with those it had; null: they can
    /// again.</summary>
    public void Refused(string? reason)
    {
        if (_refused?.Message == reason) return;
        _refused = reason is null ? null : new Health(HealthState.Unhealthy, reason, time.GetUtcNow());
        events.ComponentHealthChanged(
            Id, reason is null ? HealthState.Unhealthy : HealthState.Healthy,
            reason is null ? HealthState.Healthy : HealthState.Unhealthy, reason ?? "its arguments are in force");
    }

    /// <exception cref="ComponentException">The arguments cannot work; the component keeps what it had.</exception>
    public async ValueTask ApplyAsync(IComponent component, object options, CancellationToken cancel)
    {
        _component = component;
        await component.ApplyAsync(options, cancel);
        Options = options;
        Refused(null);
        if (_health.State is HealthState.Unknown) Report(HealthState.Healthy, "arguments applied");
    }

    public ValueTask ReapplyAsync(object options, CancellationToken cancel) =>
        ApplyAsync(_component ?? throw new InvalidOperationException($"{Id} was never made"), options, cancel);

    public void Reloaded() => _component?.Reloaded();

    public void Start()
    {
        var component = _component ?? throw new InvalidOperationException($"{Id} was never made");
        _running = Task.Run(() => Supervision.RunAsync(
            Id, cancel => RunOnceAsync(component, cancel), RestartPolicy.Forever, events, time, _stop.Token));
    }

    /// <summary>Stops the component's work and waits for it; what it handed over stays handed over.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        // A supervised run ends with its cancellation and with nothing else.
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_component is not null) await _component.DisposeAsync();
        _stop.Dispose();
    }

    private async Task RunOnceAsync(IComponent component, CancellationToken cancel)
    {
        var ended = false;
        try
        {
            await using var settled = time.CreateTimer(
                _ => Settle(), null, _fault is null ? Timeout.InfiniteTimeSpan : SettledAfter,
                Timeout.InfiniteTimeSpan);
            await component.RunAsync(cancel);
            ended = true;
        }
        finally
        {
            if (ended) Report(HealthState.Exited, "its work is done");
            else if (!cancel.IsCancellationRequested)
            {
                Report(HealthState.Unhealthy, "it faulted and starts again: the log has the error");
                _fault = Volatile.Read(ref _health);
            }
        }
    }

    /// <summary>What the component has said of itself since the fault stands.</summary>
    private void Settle()
    {
        if (ReferenceEquals(Volatile.Read(ref _health), _fault))
            Report(HealthState.Healthy, "it runs again after a fault");
    }
}
