using Weir.Routing.Metrics;

namespace Weir.Routing;

public sealed partial class RoutingEvents
{
    /// <summary>Lines dropped on purpose, by component and reason.</summary>
    public MetricFamily DroppedLines { get; } = metrics.Counter(
        "loki_process_dropped_lines_total",
        "A count of all log lines dropped as a result of a pipeline stage.", "component_id", "reason");

    /// <summary>Lines dropped for exceeding the rate of their label's value.</summary>
    public MetricFamily DroppedLinesByLabel { get; } = metrics.Counter(
        "loki_process_dropped_lines_by_label_total",
        "A count of all log lines dropped as a result of a pipeline stage, by label.",
        "component_id", "label_name", "label_value");

    /// <summary>Lines that a stage could not work on as asked, by component, stage and reason; they went on.</summary>
    public MetricFamily StageFailures { get; } = metrics.Counter(
        "weir_process_stage_failures_total",
        "Log lines that a pipeline stage could not work on as configured; they went on without it.",
        "component_id", "stage", "reason");

    /// <summary>Partial CRI lines sent on before their end came.</summary>
    public MetricFamily CriPartialLinesFlushed { get; } = metrics.Counter(
        "loki_process_cri_partial_lines_flushed_total",
        "A count of partial lines that were flushed prematurely because a limit on them was exceeded.", "component_id");

    /// <summary>CRI lines cut to <c>max_partial_line_size</c>.</summary>
    public MetricFamily CriLinesTruncated { get; } = metrics.Counter(
        "loki_process_cri_lines_truncated_total",
        "A count of lines that were truncated due to the max_partial_line_size limit.", "component_id");

    /// <summary>Texts that <c>stage.truncate</c> has cut, by component and field.</summary>
    public MetricFamily TruncatedFields { get; } = metrics.Counter(
        "loki_process_truncated_fields_total",
        "A count of all log lines, labels, extracted values, or structured_metadata truncated as a result of a "
            + "pipeline stage.", "component_id", "field");
}
