using System.Net.Sockets;
using Weir.Cluster.Tests.Docker;
using Weir.Cluster.Tests.Journal;
using Weir.Cluster.Tests.Support;

namespace Weir.Cluster.Tests.Setups;

/// <summary>Whole set-ups as people run them: their files, a real engine, a real journal, and exactly the labels that
/// they are there for. Only addresses differ from the files.</summary>
[Collection(EngineCollection.Name)]
public sealed class SetupTests(EngineFixture engine, JournaldFixture journald)
    : SinkTrial, IClassFixture<JournaldFixture>
{
    private const string Project = "com.docker.compose.project";
    private const string Service = "com.docker.compose.service";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly List<string> _containers = [];

    public override async Task DisposeAsync()
    {
        foreach (var id in _containers) await engine.RemoveAsync(id);
        await base.DisposeAsync();
    }

    [Fact]
    public async Task Grafana_cloud_gets_the_services_of_the_list_with_app_env_service_and_stream()
    {
        const string Line = """{"time":1700000000123,"level":"info","reqId":"r-1","userId":"u-1","msg":"paid"}""";
        await StartAsync("shop-app-1", $"echo '{Line}'; echo oops >&2", Project, "shop", Service, "app");
        await StartAsync("shop-caddy-1", "echo access", Project, "shop", Service, "caddy");
        await StartAsync("shop-db-1", "echo checkpoint", Project, "shop", Service, "db");
        await StartAsync("other", "echo other");

        var arrivals = await RunAsync("cloud.alloy", lines: 3,
        [
            new("GRAFANA_CLOUD_LOKI_URL", $"{Sink.PushUrl}"), new("GRAFANA_CLOUD_LOKI_USER", "123456"),
            new("GRAFANA_CLOUD_LOKI_API_KEY", "glc_key"), new("APP_ENV", "prod"),
        ]);

        Assert.Equal(
            [
                ("""{app="storefront", env="prod", service="app", stream="stderr"}""", "oops"),
                ("""{app="storefront", env="prod", service="app", stream="stdout"}""", Line),
                ("""{app="storefront", env="prod", service="caddy", stream="stdout"}""", "access"),
            ],
            arrivals);
        Assert.Equal(1_700_000_000_123_000_000, Sink.Arrivals.Single(arrival => arrival.Line == Line).Timestamp);
        Assert.Equal("Basic " + Convert.ToBase64String("123456:glc_key"u8), Sink.Authorization);
    }

    [Fact]
    public async Task A_file_with_the_mistakes_of_the_field_runs_with_the_labels_that_it_means()
    {
        var web = await StartAsync("shop-web-1", "echo out; echo err >&2", Project, "shop", Service, "web");
        var single = await StartAsync("single", "echo alone");

        var arrivals = await RunAsync("river.alloy", lines: 3);

        const string Web = """{compose_project="shop", compose_service="web", container="shop-web-1", """;
        Assert.Equal(
            [
                (Web + $$"""container_id="{{web}}", job="docker", stream="stderr"}""", "err"),
                (Web + $$"""container_id="{{web}}", job="docker", stream="stdout"}""", "out"),
                ($$"""{container="single", container_id="{{single}}", job="docker", stream="stdout"}""", "alone"),
            ],
            arrivals);
    }

    [Fact]
    public async Task The_same_file_mended_has_the_labels_that_its_manual_lists()
    {
        var web = await StartAsync("shop-web-1", "echo out; echo err >&2", Project, "shop", Service, "web");

        var arrivals = await RunAsync("river-mended.alloy", lines: 2);

        const string Web = """{compose_project="shop", compose_service="web", """;
        var rest = $$"""container_id="{{web}}", container_name="shop-web-1", job="docker", stream=""";
        Assert.Equal([($"{Web}{rest}\"stderr\"}}", "err"), ($"{Web}{rest}\"stdout\"}}", "out")], arrivals);
    }

    [Fact]
    public async Task Promtails_file_runs_as_it_is()
    {
        const string Paid = """{"timestamp":"2023-11-14T22:13:20.5Z","level":"INFO","logger":"app.pay","""
            + """ "tenant_id":"t-1","request_id":"r-1","event":"paid"}""";
        const string Probe = """{"level":"info","logger":"app.health","event":"health.live"}""";
        const string Trace = "2023-11-14T22:13:21Z boom\n  File \"a.py\"\nValueError";
        await StartAsync("shop-api-1", $"echo '{Probe}'; echo '{Paid}'; printf '{Trace.Replace("\n", "\\n")}\\n' >&2",
            Project, "shop", Service, "api");
        await StartAsync("shop-db-1", "echo checkpoint", Project, "shop", Service, "db");
        await StartAsync("no-compose", "echo no");

        var arrivals = await RunAsync("promtail.yaml", lines: 3, more: ["--config.format=promtail"]);

        Assert.Equal(
            [
                ("""{container="shop-api-1", job="docker-containers", level="info", logger="app.pay", """
                    + """logstream="stdout", service="api", tenant_id="t-1"}""", Paid),
                ("""{container="shop-api-1", job="docker-containers", logstream="stderr", service="api"}""", Trace),
                ("""{container="shop-db-1", job="docker-containers", logstream="stdout", service="db"}""",
                    "checkpoint"),
            ],
            arrivals);
        Assert.Equal(1_700_000_000_500_000_000, Sink.Arrivals.Single(arrival => arrival.Line == Paid).Timestamp);
    }

    [Fact]
    public async Task A_host_delivers_units_of_its_journal_its_containers_and_what_comes_by_syslog()
    {
        await StartAsync("athena-app-1", "echo of compose", Project, "athena", Service, "app");
        await StartAsync("single", "echo alone");
        await StoreUnitsAsync();
        await journald.WriteAsync("MESSAGE=of no unit", "SYSLOG_IDENTIFIER=shell");

        var arrivals = await RunAsync("host.alloy", lines: 6, meanwhile: SendAsync);

        const string Host = """environment="lab", hostname="puck", """;
        Assert.Equal(
            [
                ($$"""{component="app", container="athena-app-1", {{Host}}service="athena"}""", "of compose"),
                ($$"""{container="single", {{Host}}service="single"}""", "alone"),
                ($$"""{{{Host}}job="kairos"}""", "of kairos"),
                ($$"""{{{Host}}job="loki.source.journal.systemd_logs"}""", "of no unit"),
                ($$"""{{{Host}}job="systemd", service="pallas"}""", "of kottos"),
                ($$"""{{{Host}}job="systemd"}""", "of nginx"),
            ],
            arrivals);
    }

    /// <summary>As Docker's syslog driver writes.</summary>
    private static async Task SendAsync(WeirProcess weir)
    {
        var listener = await weir.ListenerAsync("loki.source.syslog.kairos_logs");
        using var client = new TcpClient();
        await client.ConnectAsync(listener.Host, listener.Port);
        await client.GetStream().WriteAsync("<30>Nov 21 10:00:00 puck kairos[7]: of kairos\n"u8.ToArray());
    }

    private async Task<string> StartAsync(string name, string script, params string[] labels)
    {
        // They live on: what ends before Weir has ever seen a container is history to it.
        var id = await engine.StartNamedAsync(name, $"trap 'exit 0' TERM; {script}; sleep 600 & wait", labels);
        _containers.Add(id);
        return id;
    }

    /// <summary>Only systemd itself, or a file from another host, can have entries of units.</summary>
    private async Task StoreUnitsAsync()
    {
        var export = Path.Combine(Folder, "units.export");
        await File.WriteAllTextAsync(export,
            JournalExport.Entry(1, TimeSpan.FromHours(1), "MESSAGE=of nginx", "_SYSTEMD_UNIT=nginx.service")
            + JournalExport.Entry(2, TimeSpan.FromMinutes(1), "MESSAGE=of kottos", "_SYSTEMD_UNIT=kottos.service",
                "SYSLOG_IDENTIFIER=kottos"));
        await JournalExport.StoreAsync(export, Path.Combine(journald.Folder, "units.journal"));
    }

    /// <summary>Runs a set-up until so many lines have arrived.</summary>
    /// <returns>Streams and lines, sorted; journald's own are left out.</returns>
    private async Task<List<(string Stream, string Line)>> RunAsync(
        string setup, int lines, IEnumerable<KeyValuePair<string, string>>? environment = null,
        Func<WeirProcess, Task>? meanwhile = null, params string[] more)
    {
        var text = await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "Setups", setup));
        text = text.Replace("unix:///var/run/docker.sock", engine.Host, StringComparison.Ordinal)
            .Replace("http://loki:3100/loki/api/v1/push", $"{Sink.PushUrl}", StringComparison.Ordinal)
            .Replace("127.0.0.1:51401", "127.0.0.1:0", StringComparison.Ordinal)
            .Replace("/tmp/positions.yaml", Path.Combine(Folder, "positions.yaml"), StringComparison.Ordinal)
            .Replace("loki.source.journal \"systemd_logs\" {",
                $"loki.source.journal \"systemd_logs\" {{\n\tpath = \"{journald.Folder}\"", StringComparison.Ordinal);
        await using var weir = WeirProcess.Start(Configure(text, setup), Data, environment ?? [], more);
        if (meanwhile is not null) await meanwhile(weir);
        await Sink.WaitAsync(_ => Delivered().Count >= lines, Patience, () => $"{lines} lines:\n{weir.Log}");
        // What should not come would have come before the end of an orderly stop.
        Assert.Equal(0, await weir.StopAsync());
        return Delivered();
    }

    private List<(string Stream, string Line)> Delivered() =>
    [
        .. Sink.Arrivals.Select(arrival => (arrival.Stream, arrival.Line))
            .Where(arrival => !arrival.Item1.Contains("loki.source.journal", StringComparison.Ordinal)
                || arrival.Line.StartsWith("of ", StringComparison.Ordinal))
            .Order(),
    ];
}
