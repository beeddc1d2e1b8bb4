using static Weir.Routing.Promtail.FieldKind;

namespace Weir.Routing.Promtail;

/// <summary>The discoveries of Promtail's file, the Docker engine's and the static one excepted, and the components
/// that they become.</summary>
internal static class DiscoveryFields
{
    public static readonly IReadOnlyList<Field> Docker =
    [
        new("host", Text) { IsRequired = true },
        new("port", Integer) { Default = "80" },
        new("host_networking_host", Text) { Default = "localhost" },
        new("match_first_network", Flag) { Default = "true" },
        new("refresh_interval", LongDuration) { Default = "1m" },
        new("filters", Blocks, "filter")
        {
            Fields = [new("name", Text) { IsRequired = true }, new("values", Texts) { IsRequired = true }],
        },
        .. HttpClientFields.All,
    ];

    public static readonly IReadOnlyList<Field> DockerRefresh =
        [new("refresh_interval", LongDuration) { Default = "1m" }];

    private static readonly IReadOnlyList<Field> Swarm =
    [
        new("host", Text) { IsRequired = true }, new("role", Text) { IsRequired = true },
        new("port", Integer) { Default = "80" }, new("refresh_interval", LongDuration) { Default = "1m" },
        new("filters", Blocks, "filter")
        {
            Fields = [new("name", Text) { IsRequired = true }, new("values", Texts) { IsRequired = true }],
        },
        .. HttpClientFields.All,
    ];

    private static readonly IReadOnlyList<Field> File =
    [
        new("files", Texts) { IsRequired = true }, new("refresh_interval", LongDuration) { Default = "5m" },
    ];

    private static readonly IReadOnlyList<Field> Dns =
    [
        new("names", Texts) { IsRequired = true }, new("type", Text) { Default = "SRV" },
        new("port", Integer) { Default = "0" }, new("refresh_interval", LongDuration) { Default = "30s" },
    ];

    private static readonly IReadOnlyList<Field> Kubernetes =
    [
        new("role", Text) { IsRequired = true }, new("api_server", Text), new("kubeconfig_file", Text),
        .. HttpClientFields.All,
        new("namespaces", Block)
        {
            Fields = [new("own_namespace", Flag) { Default = "false" }, new("names", Texts)],
        },
        new("selectors", Blocks)
        {
            Fields = [new("role", Text) { IsRequired = true }, new("label", Text), new("field", Text)],
        },
        new("attach_metadata", Block)
        {
            Fields = [new("node", Flag) { Default = "false" }, new("namespace", Flag) { Default = "false" }],
        },
    ];

    private static readonly IReadOnlyList<Field> Consul =
    [
        new("server", Text) { Default = "localhost:8500" }, new("token", Text), new("datacenter", Text),
        new("namespace", Text), new("partition", Text), new("path_prefix", Text),
        new("tag_separator", Text) { Default = "," }, new("scheme", Text) { Default = "http" },
        new("username", Text), new("password", Text), new("allow_stale", Flag) { Default = "true" },
        new("services", Texts), new("tags", Texts), new("node_meta", TextMap), new("filter", Text),
        new("health_filter", Text), new("refresh_interval", LongDuration) { Default = "30s" },
        .. HttpClientFields.All,
    ];

    private static readonly IReadOnlyList<Field> ConsulAgent =
    [
        new("server", Text) { Default = "localhost:8500" }, new("token", Text), new("datacenter", Text),
        new("tag_separator", Text) { Default = "," }, new("scheme", Text) { Default = "http" },
        new("username", Text), new("password", Text), new("services", Texts), new("tags", Texts),
        new("refresh_interval", LongDuration) { Default = "30s" }, HttpClientFields.TlsConfig,
        new("namespace", Missed), new("allow_stale", Needless), new("node_meta", Missed),
    ];

    private static readonly IReadOnlyList<Field> DigitalOcean =
    [
        new("refresh_interval", LongDuration) { Default = "1m" }, new("port", Integer) { Default = "80" },
        .. HttpClientFields.All,
    ];

    private static readonly IReadOnlyList<Field> Zookeeper =
    [
        new("servers", Texts) { IsRequired = true }, new("paths", Texts) { IsRequired = true },
        new("timeout", LongDuration) { Default = "10s" },
    ];

    private static readonly IReadOnlyList<Field> Marathon =
    [
        new("servers", Texts) { IsRequired = true }, new("refresh_interval", LongDuration) { Default = "30s" },
        new("auth_token", Text), new("auth_token_file", Text), .. HttpClientFields.All,
    ];

    private static readonly IReadOnlyList<Field> Gce =
    [
        new("project", Text) { IsRequired = true }, new("zone", Text) { IsRequired = true }, new("filter", Text),
        new("refresh_interval", LongDuration) { Default = "1m" }, new("port", Integer) { Default = "80" },
        new("tag_separator", Text) { Default = "," },
    ];

    private static readonly IReadOnlyList<Field> Ec2 =
    [
        new("endpoint", Text), new("region", Text), new("access_key", Text), new("secret_key", Text),
        new("profile", Text), new("role_arn", Text), new("refresh_interval", LongDuration) { Default = "1m" },
        new("port", Integer) { Default = "80" },
        .. HttpClientFields.All,
        new("filters", Blocks, "filter")
        {
            Fields = [new("name", Text) { IsRequired = true }, new("values", Texts) { IsRequired = true }],
        },
    ];

    private static readonly IReadOnlyList<Field> OpenStack =
    [
        new("identity_endpoint", Text), new("username", Text), new("userid", Text), new("password", Text),
        new("project_name", Text), new("project_id", Text), new("domain_name", Text), new("domain_id", Text),
        new("application_credential_name", Text), new("application_credential_id", Text),
        new("application_credential_secret", Text), new("role", Text) { IsRequired = true },
        new("region", Text) { IsRequired = true }, new("refresh_interval", LongDuration) { Default = "1m" },
        new("port", Integer) { Default = "80" }, new("all_tenants", Flag) { Default = "false" },
        new("availability", Text) { Default = "public" }, HttpClientFields.TlsConfig,
    ];

    private static readonly IReadOnlyList<Field> Triton =
    [
        new("account", Text) { IsRequired = true }, new("role", Text) { Default = "container" },
        new("dns_suffix", Text) { IsRequired = true }, new("endpoint", Text) { IsRequired = true },
        new("groups", Texts), new("port", Integer) { Default = "9163" },
        new("refresh_interval", LongDuration) { Default = "1m" }, new("version", Integer) { Default = "1" },
        HttpClientFields.TlsConfig,
    ];

    /// <summary>Of those that find files, in the order in which Promtail takes them.</summary>
    public static readonly IReadOnlyList<(string Field, string Component, IReadOnlyList<Field> Fields)> OfFiles =
    [
        ("dns_sd_configs", "discovery.dns", Dns), ("file_sd_configs", "discovery.file", File),
        ("consul_sd_configs", "discovery.consul", Consul),
        ("consulagent_sd_configs", "discovery.consulagent", ConsulAgent),
        ("digitalocean_sd_configs", "discovery.digitalocean", DigitalOcean),
        ("dockerswarm_sd_configs", "discovery.dockerswarm", Swarm),
        ("serverset_sd_configs", "discovery.serverset", Zookeeper),
        ("nerve_sd_configs", "discovery.nerve", Zookeeper), ("marathon_sd_configs", "discovery.marathon", Marathon),
        ("kubernetes_sd_configs", "discovery.kubernetes", Kubernetes), ("gce_sd_configs", "discovery.gce", Gce),
        ("ec2_sd_configs", "discovery.ec2", Ec2), ("openstack_sd_configs", "discovery.openstack", OpenStack),
        ("azure_sd_configs", "discovery.azure", AzureFields.Discovery),
        ("triton_sd_configs", "discovery.triton", Triton),
    ];
}
