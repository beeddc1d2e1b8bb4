using Weir.Routing.Metrics;

namespace Weir.Node.Sources.Files;

/// <summary>The metrics of one <c>loki.source.file</c>: Alloy's names first, then Weir's own.</summary>
internal sealed class FileMetrics
{
    private readonly string _component;
    private readonly MetricFamily[] _byPath;

    public FileMetrics(MetricRegistry registry, string component)
    {
        _component = component;
        _byPath =
        [
            registry.Gauge("loki_source_file_read_bytes_total", "Number of bytes read.", Labels),
            registry.Gauge("loki_source_file_file_bytes_total", "Number of bytes total.", Labels),
            registry.Counter("loki_source_file_read_lines_total", "Number of lines read.", Labels),
            registry.Counter("weir_source_file_rotations_total", "Times a path came to name another file.", Labels),
            registry.Counter("weir_source_file_truncations_total",
                "Times a file was emptied or rewritten in place.", Labels),
            registry.Counter("weir_source_file_copies_found_total",
                "Copies of an emptied file that were read to their end.", Labels),
            registry.Counter("weir_source_file_files_lost_total",
                "Files known by their position that were gone before they were read to their end.", Labels),
            registry.Counter("weir_source_file_lines_split_total", "Lines over the limit, sent in pieces.", Labels),
            registry.Counter("weir_source_file_zero_bytes_total", "NUL bytes left out of lines.", Labels),
            registry.Counter("weir_source_file_invalid_bytes_total",
                "Bytes that were no UTF-8, replaced by U+FFFD.", Labels),
            registry.Counter("weir_source_file_decompression_errors_total",
                "Times a compressed file was found damaged or incomplete.", Labels),
        ];
        FilesActive = registry.Gauge("loki_source_file_files_active_total", "Number of active files.", "component_id")
            .With(component);
        LegacyPositions = registry.Counter("weir_source_file_legacy_positions_total",
            "Positions taken over from a Promtail or Alloy positions file.", "component_id").With(component);
    }

    public Metric FilesActive { get; }

    public Metric LegacyPositions { get; }

    private static string[] Labels => ["component_id", "path"];

    public FileCounters For(string path)
    {
        var metrics = new Metric[_byPath.Length];
        for (var i = 0; i < metrics.Length; i++) metrics[i] = _byPath[i].With(_component, path);
        return new FileCounters(
            metrics[0], metrics[1], metrics[2], metrics[3], metrics[4], metrics[5], metrics[6], metrics[7], metrics[8],
            metrics[9], metrics[10]);
    }

    public void Forget(string path)
    {
        foreach (var family in _byPath) family.Remove(_component, path);
    }
}

/// <summary>The series of one path.</summary>
internal sealed record FileCounters(
    Metric ReadBytes, Metric FileBytes, Metric Lines, Metric Rotations, Metric Truncations, Metric CopiesFound,
    Metric FilesLost, Metric LinesSplit, Metric ZeroBytes, Metric InvalidBytes, Metric DecompressionErrors);
