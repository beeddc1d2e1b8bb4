using Weir.Protocol.Batches;
using Weir.Routing;
using Weir.Routing.Components;
using Weir.Routing.Metrics;

namespace Weir.Support;

/// <summary>A component's host that keeps what the component says, for a test to await.</summary>
public sealed class RecordingHost : IComponentHost
{
    private readonly Signals _signals = new();
    private readonly List<object> _exports = [];
    private readonly List<(HealthState State, string Message)> _health = [];

    public RecordingHost(string id, TimeProvider? time = null)
    {
        Id = id;
        Time = time ?? TimeProvider.System;
        Metrics = new MetricRegistry();
        Log = new RecordingLog();
        Events = new RoutingEvents(Log, Metrics);
    }

    public string Id { get; }

    public TimeProvider Time { get; }

    public RoutingEvents Events { get; }

    public LabelSets Labels { get; } = new();

    public MetricRegistry Metrics { get; }

    public RecordingLog Log { get; }

    public void Export(object exports)
    {
        lock (_exports) _exports.Add(exports);
        _signals.Raise();
    }

    public void Report(HealthState state, string message)
    {
        lock (_health) _health.Add((state, message));
        _signals.Raise();
    }

    /// <summary>Waits for an export that fits, and returns it.</summary>
    /// <param name="what">What is waited for, for the message when it does not come.</param>
    public Task<T> ExportedAsync<T>(string what, Func<T, bool> fits)
        where T : class =>
        _signals.UntilAsync(what, () => Find(fits));

    /// <summary>Waits, as long as it takes, for the next export that fits.</summary>
    public Task<T> ExportedAsync<T>(Func<T, bool> fits, CancellationToken cancel)
        where T : class =>
        _signals.UntilAsync(() => Find(fits), cancel);

    /// <summary>Waits until the component reported such a health at least once.</summary>
    public Task<string> ReportedAsync(HealthState state, string part) =>
        _signals.UntilAsync($"health {state} with \"{part}\"", () =>
        {
            lock (_health)
            {
                return _health.Find(health =>
                    health.State == state && health.Message.Contains(part, StringComparison.Ordinal)).Message;
            }
        });

    private T? Find<T>(Func<T, bool> fits)
        where T : class
    {
        lock (_exports) return _exports.Count > 0 && _exports[^1] is T last && fits(last) ? last : null;
    }
}
