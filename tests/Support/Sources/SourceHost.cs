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
    private TaskCompletionSource _changed = New();

    public string Id { get; } = id;

    public LabelSets Labels { get; } = new();

    public TimeProvider Time { get; init; } = TimeProvider.System;

    public RoutingEvents Events { get; } = new(new SilentLog(), new MetricRegistry());

    public Health Health { get; private set; } = new(HealthState.Unknown, "", default);

    public object? Exports { get; private set; }

    public void Export(object exports)
    {
        lock (_lock)
        {
            Exports = exports;
            Signal();
        }
    }

    public void Report(HealthState state, string message)
    {
        lock (_lock)
        {
            Health = new Health(state, message, Time.GetUtcNow());
            Signal();
        }
    }

    /// <exception cref="TimeoutException">With what was reported instead.</exception>
    public async Task UntilAsync(Func<bool> reached, string what)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        for (;;)
        {
            Task changed;
            lock (_lock) changed = _changed.Task;
            if (reached()) return;
            try
            {
                await changed.WaitAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException($"missing: {what}; the component is {Health.State}: {Health.Message}");
            }
        }
    }

    private void Signal()
    {
        _changed.TrySetResult();
        _changed = New();
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private sealed class SilentLog : IProcessLog
    {
        public bool IsEnabled(LogSeverity severity) => false;

        public void Write(LogSeverity severity, string component, string message, params ReadOnlySpan<LogField> fields)
        {
        }
    }
}
