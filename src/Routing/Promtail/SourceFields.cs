using static Weir.Routing.Promtail.FieldKind;

namespace Weir.Routing.Promtail;

/// <summary>The fields of what a scrape configuration reads from, files and containers excepted.</summary>
internal static class SourceFields
{
    private static readonly Field Incoming = new("use_incoming_timestamp", Flag) { Default = "false" };
    private static readonly Field Labels = new("labels", FieldKind.Labels);

    private static readonly IReadOnlyList<Field> Http =
    [
        new("http_listen_address", Text, "listen_address"),
        new("http_listen_port", Integer, "listen_port") { Otherwise = "80", Default = "8080" },
        new("http_listen_conn_limit", Integer, "conn_limit") { Default = "0" },
        new("http_server_read_timeout", Duration, "server_read_timeout") { Default = "30s" },
        new("http_server_write_timeout", Duration, "server_write_timeout") { Default = "30s" },
        new("http_server_idle_timeout", Duration, "server_idle_timeout") { Default = "120s" },
        new("http_tls_config", Block, "tls")
        {
            Fields =
            [
                new("cert_file", Text), new("key_file", Text), new("client_auth_type", Text),
                new("client_ca_file", Text), new("cert", Text, "cert_pem"), new("key", Text, "key_pem"),
                new("client_ca", Text, "client_ca_pem"),
            ],
        },
        new("http_path_prefix", Refused) { Hint = "let senders push to the path without it" },
        new("graceful_shutdown_timeout", Needless),
        .. ServerFields.WithoutEffect,
    ];

    /// <summary>The server of a source, with <c>graceful_shutdown_timeout</c> beside it.</summary>
    private static readonly Field Server = new("server", Block, "http") { Fields = Http, IsRequired = true };

    public static readonly IReadOnlyList<Field> Journal =
    [
        new("json", Flag, "format_as_json") { Default = "false" }, new("max_age", Duration) { Default = "7h" },
        new("path", Text), new("matches", Text), Labels,
    ];

    public static readonly IReadOnlyList<Field> Syslog =
    [
        new("listen_address", Text, "address") { IsRequired = true },
        new("listen_protocol", Word, "protocol") { Default = "tcp", Words = ["tcp", "udp"] },
        new("idle_timeout", Duration) { Default = "120s" },
        new("label_structured_data", Flag) { Default = "false" }, Labels, Incoming,
        new("use_rfc5424_message", Flag) { Default = "false" },
        new("syslog_format", Word) { Default = "rfc5424", Words = ["rfc5424", "rfc3164"] },
        new("max_message_length", Integer) { Default = "8192" },
        HttpClientFields.TlsConfig,
    ];

    public static readonly IReadOnlyList<Field> Push =
    [
        Labels, Incoming, new("max_send_msg_size", Size, "max_send_message_size") { Default = "100MiB" }, Server,
    ];

    public static readonly IReadOnlyList<Field> WindowsEvents =
    [
        new("locale", Integer) { Default = "0" }, new("eventlog_name", Text),
        new("xpath_query", Text) { Default = "*" }, new("bookmark_path", Text),
        new("poll_interval", Duration) { Default = "3s" }, new("exclude_event_data", Flag) { Default = "false" },
        new("exclude_user_data", Flag) { Default = "false" }, new("exclude_event_message", Flag) { Default = "false" },
        Labels, Incoming,
    ];

    public static readonly IReadOnlyList<Field> Kafka =
    [
        new("brokers", Texts) { IsRequired = true }, new("topics", Texts) { IsRequired = true },
        new("group_id", Text) { Otherwise = "promtail", Default = "loki.source.kafka" },
        new("assignor", Text) { Default = "range" }, new("version", Text) { Default = "2.2.1" }, Incoming, Labels,
        new("authentication", Needless),
    ];

    public static readonly IReadOnlyList<Field> KafkaSasl =
    [
        new("mechanism", Text) { Default = "PLAIN" }, new("user", Text), new("password", Text),
        new("use_tls", Flag) { Default = "false" },
    ];

    public static readonly IReadOnlyList<Field> Gelf =
        [new("listen_address", Text) { Default = "0.0.0.0:12201" }, Incoming, new("labels", Needless)];

    public static readonly IReadOnlyList<Field> Cloudflare =
    [
        new("api_token", Text) { IsRequired = true }, new("zone_id", Text) { IsRequired = true }, Labels,
        new("workers", Integer) { Default = "3" }, new("pull_range", LongDuration) { Default = "1m" },
        new("fields_type", Text) { Default = "default" }, new("additional_fields", Texts),
    ];

    public static readonly IReadOnlyList<Field> Heroku = [Labels, Incoming, Server];

    public static readonly IReadOnlyList<Field> GcplogPull =
    [
        new("project_id", Text) { IsRequired = true }, new("subscription", Text) { IsRequired = true }, Labels,
        Incoming, new("use_full_line", Flag) { Default = "false" }, new("subscription_type", Needless),
        new("push_timeout", Needless),
    ];

    public static readonly IReadOnlyList<Field> GcplogPush =
    [
        new("push_timeout", Duration) { Default = "0s" }, Labels, Incoming,
        new("use_full_line", Flag) { Default = "false" }, Server, new("subscription_type", Needless),
        new("project_id", Needless), new("subscription", Needless),
    ];

    public static readonly IReadOnlyList<Field> AzureEventHubs =
    [
        new("fully_qualified_namespace", Text) { IsRequired = true }, new("event_hubs", Texts) { IsRequired = true },
        new("group_id", Text) { Otherwise = "promtail", Default = "loki.source.azure_event_hubs" },
        new("disallow_custom_messages", Flag) { Default = "false" }, new("assignor", Text) { Default = "range" },
        Labels, Incoming, new("connection_string", Needless),
    ];
}
