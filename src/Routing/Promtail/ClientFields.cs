using static Weir.Routing.Promtail.FieldKind;

namespace Weir.Routing.Promtail;

/// <summary>The fields of a client: a Loki that Promtail pushes to.</summary>
internal static class ClientFields
{
    public static readonly IReadOnlyList<Field> Endpoint =
    [
        new("name", Text), new("tenant_id", Text),
        new("batchwait", Duration, "batch_wait") { Default = "1s" },
        new("batchsize", Size, "batch_size") { Default = "1MiB" },
        new("timeout", Duration, "remote_timeout") { Default = "10s" },
        new("backoff_config", Inline)
        {
            Fields =
            [
                new("min_period", Duration, "min_backoff_period") { Default = "500ms" },
                new("max_period", Duration, "max_backoff_period") { Default = "5m" },
                new("max_retries", Integer, "max_backoff_retries") { Default = "10" },
            ],
        },
        new("headers", TextMap),
        .. HttpClientFields.All,
        new("stream_lag_labels", Missed) { Hint = "Promtail itself no longer uses it" },
    ];
}
