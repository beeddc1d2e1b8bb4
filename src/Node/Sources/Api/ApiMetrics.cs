using System.Globalization;
using Weir.Routing.Metrics;

namespace Weir.Node.Sources.Api;

/// <summary>What one <c>loki.source.api</c> counts; Alloy's names where there is one.</summary>
internal sealed class ApiMetrics
{
    private static readonly double[] Seconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25];
    private static readonly double[] Sizes = [1e6, 2.5e6, 5e6, 1e7, 2.5e7, 5e7, 1e8, 2.5e8];

    private readonly MetricFamily _durations;
    private readonly string _component;

    public ApiMetrics(MetricRegistry metrics, string component)
    {
        _component = component;
        _durations = metrics.Histogram("loki_source_api_request_duration_seconds",
            "Time (in seconds) spent serving HTTP requests.", Seconds, "component_id", "route", "status_code");
        Requests = metrics.Gauge("loki_source_api_inflight_requests",
            "Current number of inflight requests.", "component_id").With(component);
        MessageBytes = metrics.Histogram("loki_source_api_request_message_bytes",
            "Size (in bytes) of messages received in the request.", Sizes, "component_id").With(component);
        Entries = metrics.Counter("loki_source_api_entries_written",
            "Total number of entries written.", "component_id").With(component);
        Unwanted = metrics.Counter("weir_source_api_dropped_lines_total",
            "Lines dropped on purpose, by reason.", "component_id", "reason").With(component, "relabel");
    }

    public Metric Requests { get; }

    public Metric MessageBytes { get; }

    public Metric Entries { get; }

    public Metric Unwanted { get; }

    public void Observe(string route, int status, TimeSpan duration) =>
        _durations.With(_component, route, status.ToString(CultureInfo.InvariantCulture))
            .Observe(duration.TotalSeconds);
}
