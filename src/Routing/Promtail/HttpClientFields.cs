using static Weir.Routing.Promtail.FieldKind;

namespace Weir.Routing.Promtail;

/// <summary>The fields of an HTTP client, which Promtail's clients and discoveries share.</summary>
internal static class HttpClientFields
{
    public static readonly IReadOnlyList<Field> Tls =
    [
        new("ca", Text, "ca_pem"), new("ca_file", Text), new("cert", Text, "cert_pem"), new("cert_file", Text),
        new("key", Text, "key_pem"), new("key_file", Text), new("server_name", Text),
        new("insecure_skip_verify", Flag) { Default = "false" }, new("min_version", Text),
        new("max_version", Missed) { Hint = "the highest version that both sides know is spoken" },
    ];

    public static readonly Field TlsConfig = new("tls_config", Block) { Fields = Tls };

    private static readonly IReadOnlyList<Field> Proxy =
    [
        new("proxy_url", Text), new("no_proxy", Text), new("proxy_from_environment", Flag) { Default = "false" },
        new("proxy_connect_header", TextListMap),
    ];

    /// <summary>All of them, attributes before blocks.</summary>
    public static readonly IReadOnlyList<Field> All =
    [
        new("bearer_token", Text), new("bearer_token_file", Text), .. Proxy,
        new("follow_redirects", Flag) { Default = "true" }, new("enable_http2", Flag) { Default = "true" },
        new("http_headers", TextListMap),
        new("basic_auth", Block)
        {
            Fields =
            [
                new("username", Text),
                new("username_file", Refused) { Hint = "write the name into the file, or read it with local.file" },
                new("password", Text), new("password_file", Text),
            ],
        },
        new("authorization", Block)
        {
            Fields = [new("type", Text), new("credentials", Text), new("credentials_file", Text)],
        },
        new("oauth2", Block)
        {
            Fields =
            [
                new("client_id", Text), new("client_secret", Text), new("client_secret_file", Text),
                new("scopes", Texts), new("token_url", Text), new("endpoint_params", TextMap), .. Proxy, TlsConfig,
            ],
        },
        TlsConfig,
    ];
}
