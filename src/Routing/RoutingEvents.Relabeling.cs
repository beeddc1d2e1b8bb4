using Weir.Routing.Metrics;

namespace Weir.Routing;

public sealed partial class RoutingEvents
{
    /// <summary>Entries that came to a <c>loki.relabel</c>.</summary>
    public MetricFamily RelabelProcessed { get; } = metrics.Counter(
        "loki_relabel_entries_processed", "Total number of log entries processed.", "component_id");

    /// <summary>Entries that it sent on; the rest was dropped by its rules or left without labels.</summary>
    public MetricFamily RelabelWritten { get; } = metrics.Counter(
        "loki_relabel_entries_written", "Total number of log entries forwarded.", "component_id");

    public MetricFamily RelabelCacheHits { get; } = metrics.Counter(
        "loki_relabel_cache_hits", "Total number of cache hits.", "component_id");

    public MetricFamily RelabelCacheMisses { get; } = metrics.Counter(
        "loki_relabel_cache_misses", "Total number of cache misses.", "component_id");

    public MetricFamily RelabelCacheSize { get; } = metrics.Gauge(
        "loki_relabel_cache_size", "Total size of the relabel cache.", "component_id");
}
