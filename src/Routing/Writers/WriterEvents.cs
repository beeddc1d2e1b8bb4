using Weir.Routing.Lanes;
using Weir.Routing.Metrics;
using Weir.Routing.Ports;
using Weir.Routing.Sharding;
using Weir.Routing.Writers;

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

    private readonly MetricFamily _lookups = metrics.Counter(
        "weir_reconcile_lookups_total",
        "Pushes that were looked up at the endpoint instead of being sent again, by what came of it.",
        "component_id", "host", "tenant", "outcome");

    private readonly MetricFamily _lookupEntries = metrics.Counter(
        "weir_reconcile_entries_total", "Entries looked up: found were not sent again, missing were.",
        "component_id", "host", "tenant", "state");

    private readonly MetricFamily _lookupQueries = metrics.Counter(
        "weir_reconcile_queries_total", "Queries that lookups took.", "component_id", "host", "tenant");

    private readonly MetricFamily _lookupBytes = metrics.Counter(
        "weir_reconcile_answer_bytes_total", "Bytes of the answers to lookups.", "component_id", "host", "tenant");

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

    internal LookupMetrics LookupMetricsOf(string component, string host, string tenant) => new(
        _lookupQueries.With(component, host, tenant), _lookupBytes.With(component, host, tenant),
        outcome => _lookups.With(component, host, tenant, OutcomeWord(outcome)),
        state => _lookupEntries.With(component, host, tenant, state));

    internal void PushLookedUp(LaneKey lane, in Lookup lookup, int entries, int found, bool isOff)
    {
        var (severity, message) = lookup.Outcome switch
        {
            LookupOutcome.Found or LookupOutcome.Missing or LookupOutcome.Partly =>
                (LogSeverity.Info, "a push of unknown outcome was looked up: what is there is not sent again"),
            LookupOutcome.Refused when isOff => (LogSeverity.Warn,
                "the endpoint lets nobody read: pushes of unknown outcome are sent again unasked from here on; "
                + "give the block reconcile credentials that may query"),
            LookupOutcome.Unreachable => (LogSeverity.Debug, "a push of unknown outcome cannot be looked up yet"),
            _ => (LogSeverity.Warn, "a push of unknown outcome could not be looked up"),
        };
        Log.Write(severity, lane.Destination, message, new("endpoint", lane.Endpoint), new("tenant", lane.Tenant),
            new("outcome", OutcomeWord(lookup.Outcome)), new("entries", entries), new("found", found),
            new("detail", lookup.Detail.Length > 300 ? lookup.Detail[..300] : lookup.Detail));
    }

    private static string OutcomeWord(LookupOutcome outcome) => outcome switch
    {
        LookupOutcome.Found => "found",
        LookupOutcome.Missing => "missing",
        LookupOutcome.Partly => "partly",
        LookupOutcome.Refused => "refused",
        LookupOutcome.SkippedOverLimit => "skipped_over_limit",
        _ => "failed",
    };

    public void LaneTroubled(LaneKey lane, LaneState state, string error, TimeSpan nextAttempt)
    {
        var severity = state == LaneState.Misconfigured ? LogSeverity.Error : LogSeverity.Warn;
        var message = state switch
        {
            LaneState.Misconfigured =>
                "the endpoint refuses this node; check its address and credentials; nothing is lost",
            LaneState.Throttled => "the endpoint limits the rate; this lane waits",
            _ when lane.Endpoint == ClusterRoute.Endpoint =>
                "the broker does not take fragments; they wait in the spool",
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

/// <summary>The series that a lane's lookups count on.</summary>
internal sealed record LookupMetrics(
    Metric Queries, Metric AnswerBytes, Func<LookupOutcome, Metric> Outcome, Func<string, Metric> Entries);
