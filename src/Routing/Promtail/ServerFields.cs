using static Weir.Routing.Promtail.FieldKind;

namespace Weir.Routing.Promtail;

/// <summary>The fields of Promtail's own server, and of those that its sources open.</summary>
internal static class ServerFields
{
    // Promtail serves nothing over gRPC that a user could call, so what configures that is no loss.
    private static readonly IReadOnlyList<Field> Grpc =
    [
        .. new[]
        {
            "grpc_listen_address", "grpc_listen_port", "grpc_listen_network", "grpc_listen_conn_limit",
            "grpc_server_max_recv_msg_size", "grpc_server_max_send_msg_size", "grpc_server_max_concurrent_streams",
            "grpc_server_max_connection_idle", "grpc_server_max_connection_age",
            "grpc_server_max_connection_age_grace", "grpc_server_keepalive_time", "grpc_server_keepalive_timeout",
            "grpc_server_min_time_between_pings", "grpc_server_ping_without_stream_allowed", "grpc_tls_config",
            "grpc_server_num_workers", "grpc_server_stats_tracking_enabled", "grpc_server_recv_buffer_pools_enabled",
        }.Select(name => new Field(name, Needless)),
    ];

    private const string AdminHint = "the listener is set by --server.http.listen-addr and the block http { … }";

    /// <summary>Of every server: fields that change nothing that is collected.</summary>
    public static readonly IReadOnlyList<Field> WithoutEffect =
    [
        .. Grpc,
        .. new[]
        {
            "http_listen_network", "tls_cipher_suites", "tls_min_version", "log_format", "log_level",
            "report_grpc_codes_in_instrumentation_label_enabled",
            "log_source_ips_enabled", "log_source_ips_full", "log_source_ips_header", "log_source_ips_regex",
            "log_request_headers", "log_request_at_info_level_enabled", "log_request_exclude_headers_list",
            "proxy_protocol_enabled", "http_server_read_header_timeout",
            "http_log_closed_connections_without_response_enabled",
        }.Select(name => new Field(name, Missed) { Hint = AdminHint }),
        new("register_instrumentation", Missed)
        {
            Hint = "metrics are always served, under other names than Promtail's", Default = "true",
        },
    ];

    /// <summary>Of Promtail's own server, those that are handled by name excepted.</summary>
    public static readonly IReadOnlyList<Field> Main =
    [
        new("disable", Missed) { Hint = AdminHint, Default = "false" },
        new("profiling_enabled", Missed)
        {
            Hint = "the node's own server decides what it serves", Default = "false",
        },
        new("http_listen_conn_limit", Missed) { Hint = AdminHint },
        new("http_server_read_timeout", Missed) { Hint = AdminHint },
        new("http_server_write_timeout", Missed) { Hint = AdminHint },
        new("http_server_idle_timeout", Missed) { Hint = AdminHint },
        new("graceful_shutdown_timeout", Missed) { Hint = "what is not delivered at a stop stays in the spool" },
        new("http_path_prefix", Refused)
        {
            Hint = "/ready, /metrics and the rest stand without a prefix; change what calls them", Default = "",
        },
        new("external_url", Missed) { Default = "" },
        new("health_check_target", Missed) { Hint = "/-/ready tells about components", Default = "true" },
        new("enable_runtime_reload", Missed) { Hint = "POST /-/reload and SIGHUP always reload", Default = "false" },
        .. WithoutEffect,
    ];
}
