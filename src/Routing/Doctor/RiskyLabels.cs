namespace Weir.Routing.Doctor;

/// <summary>Names of labels that take a new value with every line, request or user.</summary>
internal static class RiskyLabels
{
    private static readonly (string Reason, string[] Words)[] Kinds =
    [
        ("an identifier", [
            "id", "uuid", "guid", "request_id", "req_id", "reqid", "requestid", "x_request_id", "correlation_id",
            "correlationid", "session", "session_id", "sessionid", "user_id", "userid", "uid", "account_id",
            "customer_id", "client_id", "order_id", "payment_id", "transaction_id", "txn_id", "message_id", "msg_id",
            "event_id", "job_id", "task_id", "attempt_id", "attemptid", "billing_account_id", "billingaccountid",
            "agent_id", "run_id", "invocation_id", "container_id", "containerid", "pod_uid", "device_id", "username",
            "user", "email", "token", "jti", "pid", "process_id", "thread_id", "tid", "nonce", "etag", "hash",
        ]),
        ("a trace", [
            "trace", "trace_id", "traceid", "span", "span_id", "spanid", "parent_id", "parent_span_id", "traceparent",
            "b3", "x_b3_traceid",
        ]),
        ("a time", [
            "time", "timestamp", "ts", "date", "datetime", "time_local", "start_time", "end_time", "starttime",
            "created_at", "updated_at", "now",
        ]),
        ("a measurement", [
            "duration", "duration_ms", "latency", "latency_ms", "elapsed", "elapsed_ms", "response_time",
            "request_time", "upstream_response_time", "took", "bytes", "bytes_sent", "body_bytes_sent", "size",
            "content_length", "length", "count", "offset", "line_number", "lineno",
        ]),
        ("a path or an address with a query", [
            "path", "uri", "url", "request", "request_uri", "request_path", "request_url", "query", "query_string",
            "referer", "referrer", "http_referer", "user_agent", "useragent", "http_user_agent",
        ]),
        ("the address of a client", [
            "ip", "client_ip", "clientip", "remote_ip", "remote_addr", "remote_address", "src_ip", "source_ip",
            "dst_ip", "x_forwarded_for", "client", "peer", "remote_port", "src_port",
        ]),
        ("the text of a line", ["message", "msg", "body", "log", "line", "stack", "stacktrace", "traceback", "error"]),
    ];

    private static readonly Dictionary<string, string> Reasons = Kinds
        .SelectMany(kind => kind.Words.Select(word => (word, kind.Reason)))
        .ToDictionary(pair => pair.word, pair => pair.Reason, StringComparer.OrdinalIgnoreCase);

    // What discovery gives that ends alike but stays small in number.
    private static readonly string[] ContainerIds =
        ["__meta_docker_container_id", "__meta_kubernetes_pod_uid", "__meta_kubernetes_pod_container_id"];

    /// <returns>What such a label holds; null for one that takes few values as far as its name tells.</returns>
    public static string? ReasonFor(string name)
    {
        if (ContainerIds.Contains(name)) return Kinds[0].Reason;
        if (name.StartsWith("__", StringComparison.Ordinal)) return null;
        return Reasons.GetValueOrDefault(name.Replace('-', '_').Replace('.', '_'));
    }
}
