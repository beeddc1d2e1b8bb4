using Weir.Routing.Metrics;

namespace Weir.Routing;

/// <summary>What happens between the spool and the broker.</summary>
public sealed partial class RoutingEvents
{
    private readonly MetricFamily _forwardedFragments = metrics.Counter(
        "weir_forwarder_fragments_total", "Fragments that the broker confirmed.", "component_id");

    private readonly MetricFamily _forwardedEntries = metrics.Counter(
        "weir_forwarder_entries_total", "Entries in fragments that the broker confirmed.", "component_id");

    private readonly MetricFamily _forwardedBytes = metrics.Counter(
        "weir_forwarder_bytes_total", "Compressed bytes that the broker confirmed.", "component_id");

    private readonly MetricFamily _forwarderRetries = metrics.Counter(
        "weir_forwarder_retries_total", "Attempts to hand a fragment to the broker again.", "component_id");

    internal ForwarderMetrics ForwarderMetricsOf(string component) => new(
        _forwardedFragments.With(component), _forwardedEntries.With(component), _forwardedBytes.With(component),
        _forwarderRetries.With(component));
}

/// <summary>The series that a forwarder counts on, taken once.</summary>
internal sealed record ForwarderMetrics(Metric Fragments, Metric Entries, Metric Bytes, Metric Retries);
