using Weir.Routing.Metrics;

namespace Weir.Node.Sources.Syslog;

/// <summary>What became of messages since the last look.</summary>
internal record struct MessageCounts
{
    public int Lines;

    /// <summary>Dropped: malformed.</summary>
    public int Malformed;

    /// <summary>Dropped: longer than <c>max_message_length</c>.</summary>
    public int TooLong;

    /// <summary>Dropped: without a text.</summary>
    public int Empty;

    /// <summary>Dropped: the relabelling rules drop them.</summary>
    public int Unwanted;

    /// <summary>Bytes that are no UTF-8.</summary>
    public long InvalidBytes;
}

/// <summary>What one <c>loki.source.syslog</c> counts; Alloy's names where there is one.</summary>
internal sealed class SyslogMetrics
{
    private const string Component = "component_id";

    private readonly Metric _lines;
    private readonly Metric _malformed;
    private readonly Metric _empty;
    private readonly Metric _unwanted;
    private readonly Metric _tooLong;
    private readonly Metric _invalidBytes;

    public SyslogMetrics(MetricRegistry metrics, string component)
    {
        _lines = metrics.Counter("loki_source_syslog_entries_total",
            "Total number of successful entries sent to the syslog target", Component).With(component);
        _malformed = metrics.Counter("loki_source_syslog_parsing_errors_total",
            "Total number of parsing errors while receiving syslog messages", Component).With(component);
        _empty = metrics.Counter("loki_source_syslog_empty_messages_total",
            "Total number of empty messages receiving from syslog", Component).With(component);
        var dropped = metrics.Counter("weir_source_syslog_dropped_messages_total",
            "Messages dropped, by reason.", Component, "reason");
        _unwanted = dropped.With(component, "relabel");
        _tooLong = dropped.With(component, "too_long");
        RefusedByQueue = dropped.With(component, "udp_queue_full");
        RefusedBySystem = dropped.With(component, "udp_socket_full");
        _invalidBytes = metrics.Counter("weir_source_syslog_invalid_bytes_total",
            "Bytes that were no UTF-8, replaced by U+FFFD.", Component).With(component);
        Connections = metrics.Gauge("weir_source_syslog_connections",
            "Open TCP connections of senders.", Component).With(component);
        var closed = metrics.Counter("weir_source_syslog_closed_connections_total",
            "TCP connections closed by this side, by reason.", Component, "reason");
        ClosedForTooMany = closed.With(component, "too_many");
        ClosedForIdleness = closed.With(component, "idle");
        ClosedForFraming = closed.With(component, "framing");
        ClosedForTls = closed.With(component, "tls");
    }

    /// <summary>Datagrams that came while <see cref="DatagramQueue.BytesMax"/> waited.</summary>
    public Metric RefusedByQueue { get; }

    /// <summary>Datagrams that the kernel dropped, for the socket's buffer was full.</summary>
    public Metric RefusedBySystem { get; }

    public Metric Connections { get; }

    public Metric ClosedForTooMany { get; }

    public Metric ClosedForIdleness { get; }

    public Metric ClosedForFraming { get; }

    public Metric ClosedForTls { get; }

    public void Add(in MessageCounts counts)
    {
        _lines.Add(counts.Lines);
        _malformed.Add(counts.Malformed + counts.TooLong);
        _tooLong.Add(counts.TooLong);
        _empty.Add(counts.Empty);
        _unwanted.Add(counts.Unwanted);
        _invalidBytes.Add(counts.InvalidBytes);
    }
}
