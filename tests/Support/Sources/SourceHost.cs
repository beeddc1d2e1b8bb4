using Weir.Protocol.Batches;
using Weir.Routing;
using Weir.Routing.Components;
using Weir.Routing.Metrics;
using Weir.Routing.Ports;

namespace Weir.Support.Sources;

/// <summary>What a component of a test runs in.</summary>
public sealed class SourceHost(string id) : IComponentHost
{
    private readonly Lock _lock = new();
    private readonly Signals _changed = new();

    public string Id { get; } = id;

    public LabelSets Labels { get; } = new();

    public TimeProvider Time { get; init; } = TimeProvider.System;

    public RoutingEvents Events { get; } = new(new SilentLog(), new MetricRegistry());

    public Health Health { get; private set; } = new(HealthState.Unknown, "", default);

    public object? Exports { get; private set; }

    public void Export(object exports)
    {
        lock (_lock) Exports = exports;
        _changed.Raise();
    }

    public void Report(HealthState state, string message)
    {
        lock (_lock) Health = new Health(state, message, Time.GetUtcNow());
        _changed.Raise();
    }

    /// <exception cref="TimeoutException">With what was reported instead.</exception>
    public Task UntilAsync(Func<bool> reached, string what) => _changed.UntilAsync(
        what, reached, () => $"the component is {Health.State}: {Health.Message}");

    private sealed class SilentLog : IProcessLog
    {
        public bool IsEnabled(LogSeverity severity) => false;

        public void Write(LogSeverity severity, string component, string message, params ReadOnlySpan<LogField> fields)
        {
        }
    }
}
