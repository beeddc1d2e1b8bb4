using Weir.Routing.Metrics;

namespace Weir.Node.Sources.Docker;

/// <summary>What one <c>loki.source.docker</c> counts; Alloy's names where there is one.</summary>
public sealed class DockerMetrics
{
    private const string Component = "component_id";

    private readonly Metric _entries;
    private readonly Metric _unreadable;
    private readonly Metric _empty;
    private readonly Metric _unwanted;
    private readonly Metric _split;
    private readonly Metric _skipped;

    public DockerMetrics(MetricRegistry metrics, string component)
    {
        _entries = metrics.Counter("loki_source_docker_target_entries_total",
            "Total number of successful entries sent to the Docker target.", Component).With(component);
        _unreadable = metrics.Counter("loki_source_docker_target_parsing_errors_total",
            "Total number of parsing errors while receiving Docker messages.", Component).With(component);
        var dropped = metrics.Counter("weir_source_docker_dropped_lines_total",
            "Lines dropped on purpose, by reason.", Component, "reason");
        _empty = dropped.With(component, "empty");
        _unwanted = dropped.With(component, "relabel");
        _split = metrics.Counter("weir_source_docker_split_lines_total",
            "Parts of lines longer than 256 KiB, each delivered as a line of its own.", Component).With(component);
        _skipped = metrics.Counter("weir_source_docker_known_lines_total",
            "Lines that came again after a reconnection and were skipped.", Component).With(component);
        Reconnections = metrics.Counter("weir_source_docker_reconnections_total",
            "Log streams that broke and were opened again.", Component).With(component);
        LegacyPositions = metrics.Counter("weir_source_docker_legacy_positions_total",
            "Positions taken over from a Promtail or Alloy positions file.", Component).With(component);
        Containers = metrics.Gauge("weir_source_docker_containers",
            "Containers whose log is followed or waited for.", Component).With(component);
    }

    public Metric Reconnections { get; }

    public Metric LegacyPositions { get; }

    public Metric Containers { get; }

    public void Add(in LineCounts counts)
    {
        _entries.Add(counts.Entries);
        _unreadable.Add(counts.Unreadable);
        _empty.Add(counts.Empty);
        _unwanted.Add(counts.Unwanted);
        _split.Add(counts.Split);
        _skipped.Add(counts.Skipped);
    }
}
