using Weir.Routing.Lanes;
using Weir.Routing.Metrics;
using Weir.Routing.Ports;

namespace Weir.Routing;

/// <summary>What happens between the spool and an endpoint. Names and buckets are Alloy's where it has the
/// metric.</summary>
public sealed partial class RoutingEvents
{
    private static readonly double[] RequestSeconds =
        [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

    private static readonly double[] RequestBytes =
        [1024, 4096, 16384, 65536, 262144, 524288, 1048576, 2097152, 5242880];

    private static readonly double[] PropagationSeconds = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 7200];

    private readonly MetricFamily _sentBytes = metrics.Counter(
        "loki_write_sent_bytes_total", "Compressed bytes that endpoints accepted.", "component_id", "host", "tenant");

    private readonly MetricFamily _sentEntries = metrics.Counter(
        "loki_write_sent_entries_total", "Log entries that endpoints accepted.", "component_id", "host", "tenant");

    private readonly MetricFamily _droppedBytes = metrics.Counter(
        "loki_write_dropped_bytes_total", "Bytes of lines that were not delivered; dead letters are kept in the spool.",
        "component_id", "host", "tenant", "reason");

    private readonly MetricFamily _droppedEntries = metrics.Counter(
        "loki_write_dropped_entries_total", "Log entries that were not delivered; dead letters are kept in the spool.",
        "component_id", "host", "tenant", "reason");

    private readonly MetricFamily _batchRetries = metrics.Counter(
        "loki_write_batch_retries_total", "Pushes sent again.", "component_id", "host", "tenant");

    private readonly MetricFamily _requestDuration = metrics.Histogram(
        "loki_write_request_duration_seconds", "Time a push took; status_code 0: no answer.", RequestSeconds,
        "component_id", "status_code", "host", "tenant");

    private readonly MetricFamily _requestSize = metrics.Histogram(
        "loki_write_request_size_bytes", "Compressed bytes of a push.", RequestBytes, "component_id", "host", "tenant");

    private readonly MetricFamily _propagation = metrics.Histogram(
        "loki_write_entry_propagation_latency_seconds",
        "Age of the newest entry of a push when it was accepted.", PropagationSeconds,
        "component_id", "host", "tenant");

    public void EntriesDropped(string component, string host, string tenant, string reason, int entries, long bytes)
    {
        var counted = _droppedEntries.With(component, host, tenant, reason);
        // Said once for each reason; the counter tells the rest.
        if (counted.Value == 0)
        {
            Log.Write(LogSeverity.Warn, component, "entries are not delivered",
                new("reason", reason), new("host", host), new("tenant", tenant), new("entries", entries));
        }

        counted.Add((long)entries);
        _droppedBytes.With(component, host, tenant, reason).Add(bytes);
    }

    internal LaneMetrics MetricsOf(string component, string host, string tenant) => new(
        _sentBytes.With(component, host, tenant), _sentEntries.With(component, host, tenant),
        _batchRetries.With(component, host, tenant), _requestSize.With(component, host, tenant),
        _propagation.With(component, host, tenant),
        status => _requestDuration.With(component, status, host, tenant));

    public void LaneTroubled(LaneKey lane, LaneState state, string error, TimeSpan nextAttempt)
    {
        var severity = state == LaneState.Misconfigured ? LogSeverity.Error : LogSeverity.Warn;
        var message = state switch
        {
            LaneState.Misconfigured =>
                "the endpoint refuses this node; check its address and credentials; nothing is lost",
            LaneState.Throttled => "the endpoint limits the rate; this lane waits",
            _ => "the endpoint does not take entries; they wait in the spool",
        };
        Log.Write(severity, lane.Destination, message, new("endpoint", lane.Endpoint), new("tenant", lane.Tenant),
            new("error", error), new("next_attempt_seconds", Math.Round(nextAttempt.TotalSeconds, 1)));
    }

    public void LaneRecovered(LaneKey lane, TimeSpan trouble) =>
        Log.Write(LogSeverity.Info, lane.Destination, "the endpoint takes entries again",
            new("endpoint", lane.Endpoint), new("tenant", lane.Tenant),
            new("after_seconds", Math.Round(trouble.TotalSeconds, 1)));

    public void LaneOrphaned(LaneKey lane, long fragments, long bytes) =>
        Log.Write(LogSeverity.Warn, lane.Destination,
            "the spool holds fragments for an endpoint that is not configured; they are kept and sent if it returns",
            new("endpoint", lane.Endpoint), new("tenant", lane.Tenant),
            new("fragments", fragments), new("bytes", bytes));

    public void EntriesRefused(LaneKey lane, string reason, int status, string detail, int entries) =>
        Log.Write(LogSeverity.Warn, lane.Destination, "the endpoint refused entries; they are kept as dead letters",
            new("endpoint", lane.Endpoint), new("tenant", lane.Tenant), new("reason", reason), new("status", status),
            new("entries", entries), new("detail", detail.Length > 300 ? detail[..300] : detail));
}

/// <summary>The series that a lane counts on, taken once.</summary>
internal sealed record LaneMetrics(
    Metric SentBytes, Metric SentEntries, Metric Retries, Metric RequestSize, Metric Propagation,
    Func<string, Metric> RequestDuration);
