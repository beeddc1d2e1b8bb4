using Weir.Routing.Metrics;

namespace Weir.Node.Sources.Journal;

/// <summary>What became of entries since the last look.</summary>
internal record struct EntryCounts
{
    public int Lines;

    /// <summary>Dropped: there is no field MESSAGE.</summary>
    public int WithoutMessage;

    /// <summary>Dropped: no label is left.</summary>
    public int WithoutLabels;

    /// <summary>Dropped: the relabelling rules drop them.</summary>
    public int Unwanted;

    /// <summary>The journal is damaged there.</summary>
    public int Damaged;

    /// <summary>Messages longer than <see cref="JournalLines.LineBytesMax"/>: delivered in parts.</summary>
    public int Split;

    /// <summary>Fields and messages that were cut, or left out of JSON, for they are too long.</summary>
    public int Cut;

    /// <summary>Bytes that are no UTF-8.</summary>
    public long InvalidBytes;
}

/// <summary>What one <c>loki.source.journal</c> counts; Alloy's names where there is one.</summary>
internal sealed class JournalMetrics
{
    private const string Component = "component_id";

    private readonly Metric _lines;
    private readonly Metric _withoutMessage;
    private readonly Metric _withoutLabels;
    private readonly Metric _damaged;
    private readonly Metric _unwanted;
    private readonly Metric _split;
    private readonly Metric _cut;
    private readonly Metric _invalidBytes;

    public JournalMetrics(MetricRegistry metrics, string component)
    {
        _lines = metrics.Counter("loki_source_journal_target_lines_total",
            "Total number of successful journal lines read.", Component).With(component);
        var errors = metrics.Counter("loki_source_journal_target_parsing_errors_total",
            "Total number of parsing errors while reading journal messages.", Component, "error");
        _withoutMessage = errors.With(component, "no_message");
        _withoutLabels = errors.With(component, "empty_labels");
        _damaged = errors.With(component, "damaged");
        _unwanted = metrics.Counter("weir_source_journal_dropped_lines_total",
            "Lines dropped on purpose, by reason.", Component, "reason").With(component, "relabel");
        _split = metrics.Counter("weir_source_journal_split_lines_total",
            "Messages longer than 256 KiB, delivered in parts.", Component).With(component);
        _cut = metrics.Counter("weir_source_journal_cut_fields_total",
            "Fields that were cut or left out, for they are too long.", Component).With(component);
        _invalidBytes = metrics.Counter("weir_source_journal_invalid_bytes_total",
            "Bytes that were no UTF-8, replaced by U+FFFD.", Component).With(component);
        Lost = metrics.Counter("weir_source_journal_lost_entries_total",
            "Entries that journald removed before they were read, by their numbers.", Component).With(component);
        CursorsLost = metrics.Counter("weir_source_journal_lost_cursors_total",
            "Times the last entry read was gone, so that reading went on at the nearest.", Component).With(component);
        LegacyPositions = metrics.Counter("weir_source_journal_legacy_positions_total",
            "Positions taken over from a Promtail positions file.", Component).With(component);
    }

    public Metric Lost { get; }

    public Metric CursorsLost { get; }

    public Metric LegacyPositions { get; }

    public void Add(in EntryCounts counts)
    {
        _lines.Add(counts.Lines);
        _withoutMessage.Add(counts.WithoutMessage);
        _withoutLabels.Add(counts.WithoutLabels);
        _damaged.Add(counts.Damaged);
        _unwanted.Add(counts.Unwanted);
        _split.Add(counts.Split);
        _cut.Add(counts.Cut);
        _invalidBytes.Add(counts.InvalidBytes);
    }
}
