using System.Text;
using Weir.Routing.Language;

namespace Weir.Routing.Promtail;

/// <summary>Converts the sections of a file, one by one.</summary>
internal sealed class FileConverter(Section root, SourceFile file, DiagnosticBag diagnostics)
{
    private const string PositionsOtherwise = "/var/log/positions.yaml";

    private static readonly IReadOnlyList<Field> Logging =
    [
        new("log_level", FieldKind.Word, "level") { Default = "info", Words = ["debug", "info", "warn", "error"] },
        new("log_format", FieldKind.Word, "format") { Default = "logfmt", Words = ["logfmt", "json"] },
    ];

    private static readonly IReadOnlyList<Field> HttpTls =
    [
        new("cert_file", FieldKind.Text), new("key_file", FieldKind.Text), new("cert", FieldKind.Text, "cert_pem"),
        new("key", FieldKind.Text, "key_pem"), new("client_auth_type", FieldKind.Text),
        new("client_ca_file", FieldKind.Text), new("client_ca", FieldKind.Text, "client_ca_pem"),
    ];

    private static readonly IReadOnlyList<Field> FileWatch =
    [
        new("min_poll_frequency", FieldKind.Duration) { Default = "250ms" },
        new("max_poll_frequency", FieldKind.Duration) { Default = "250ms" },
    ];

    private readonly AlloyFile _file = new();

    /// <returns>The text, not formatted, and where Promtail listened.</returns>
    public (string Text, string? ListenAddress) Convert()
    {
        _file.Header($"Converted from {file.Name}.");
        var address = ConvertServer();
        var limits = new LimitsConverter(root.Sub("limits_config"), _file);
        var clients = ConvertClients(limits.MaxStreams);
        var process = limits.Create(Receivers(clients));
        var surroundings = new Surroundings(_file, diagnostics,
            process is null ? Receivers(clients) : $"[{process.Export("receiver")}]", ConvertPositions(),
            ConvertTargets(), ConvertGlobal());
        ConvertJobs(surroundings);
        if (process is not null) _file.Append(process);
        foreach (var client in clients) _file.Append(client);
        ConvertRest();
        root.Finish();
        return (_file.ToString(), address);
    }

    private static string Receivers(IEnumerable<AlloyBlock> clients) =>
        Literal.List(clients.Select(client => client.Export("receiver")));

    private string? ConvertServer()
    {
        if (root.Sub("server") is not { } server) return null;
        var logging = new AlloyBlock("logging");
        server.Copy(Logging, logging);
        if (!logging.IsEmpty) _file.Append(logging);
        if (server.Sub("http_tls_config") is { } tls)
        {
            var http = new AlloyBlock("http");
            tls.CopyAll(HttpTls, http.Add("tls"));
            _file.Append(http);
        }
        var host = server.Text("http_listen_address") ?? "";
        var port = server.Canonical(new Field("http_listen_port", FieldKind.Integer));
        server.CopyAll([.. ServerFields.Main.Where(field => !Logging.Any(known => known.Name == field.Name))],
            new AlloyBlock("server"));
        if ((host.Length == 0 && port is null) || server.Flag("disable") == true) return null;
        if (host.Contains(':', StringComparison.Ordinal) && host[0] != '[') host = $"[{host}]";
        var address = $"{(host.Length == 0 ? "0.0.0.0" : host)}:{port ?? "80"}";
        _file.Header($"Promtail listened on {address}: weir run --server.http.listen-addr={address} does so.");
        return address;
    }

    private List<AlloyBlock> ConvertClients(string? streamsMax)
    {
        var clients = new List<AlloyBlock>();
        var texts = new HashSet<string>(StringComparer.Ordinal);
        var sections = new List<Section>(root.Subs("clients"));
        if (root.Sub("client") is { } single) sections.Add(single);
        foreach (var section in sections)
        {
            var client = _file.Create("loki.write", "default");
            var endpoint = ConvertEndpoint(section);
            var text = new StringBuilder();
            endpoint.WriteTo(text);
            if (!texts.Add(text.ToString()))
                diagnostics.Error(section.Place, "this client is the same as another",
                    "remove one, or give them different names");
            if (section.Pairs("external_labels", areLabels: true) is { Count: > 0 } labels)
                client.Set("external_labels", Literal.TextMap(labels));
            if (streamsMax is not null) client.Set("max_streams", streamsMax);
            client.Add(endpoint);
            section.Finish();
            clients.Add(client);
        }
        if (clients.Count == 0)
            diagnostics.Error(root.Place, "there is no client, so that nothing would be sent",
                "add clients: with the url of a Loki, such as http://loki:3100/loki/api/v1/push");
        return clients;
    }

    private AlloyBlock ConvertEndpoint(Section section)
    {
        var endpoint = new AlloyBlock("endpoint");
        if (section.RequiredText("url") is { Length: > 0 } url)
        {
            endpoint.Set("url", Literal.Text(url));
            if (!url.StartsWith("http://", StringComparison.Ordinal)
                && !url.StartsWith("https://", StringComparison.Ordinal)
                && !url.StartsWith("${", StringComparison.Ordinal)) // that has been reported
                diagnostics.Error(section.Find("url")!.Value.Place, "the url does not begin with http:// or https://",
                    "write it like http://loki:3100/loki/api/v1/push");
        }
        section.Copy(ClientFields.Endpoint, endpoint);
        if (section.Flag("drop_rate_limited_batches") == true) endpoint.Set("retry_on_http_429", "false");
        return endpoint;
    }

    private string ConvertPositions()
    {
        if (root.Sub("positions") is not { } positions) return PositionsOtherwise;
        var name = positions.Text("filename");
        // A period changes nothing: positions are committed together with the lines that they cover.
        positions.Canonical(new Field("sync_period", FieldKind.Duration));
        positions.Flag("ignore_invalid_yaml");
        positions.Finish();
        return string.IsNullOrEmpty(name) ? PositionsOtherwise : name;
    }

    private string? ConvertTargets()
    {
        if (root.Sub("target_config") is not { } targets) return null;
        if (targets.Find("stdin") is { } stdin && targets.Flag("stdin") == true)
            diagnostics.Error(stdin.Key.Place,
                "target_config.stdin has no equivalent: nothing is read from standard input",
                "write the lines to a file, or push them to loki.source.api");
        var period = targets.Canonical(new Field("sync_period", FieldKind.Duration));
        targets.Finish();
        return period is null or "10s" ? null : Literal.Text(period);
    }

    private AlloyBlock ConvertGlobal()
    {
        var block = new AlloyBlock("file_watch");
        if (root.Sub("global") is not { } global) return block;
        global.Sub("file_watch_config")?.CopyAll(FileWatch, block);
        global.Finish();
        return block;
    }

    private void ConvertJobs(Surroundings surroundings)
    {
        var names = new Dictionary<string, SourcePlace>(StringComparer.Ordinal);
        var jobs = root.Subs("scrape_configs");
        foreach (var job in jobs)
        {
            var name = job.RequiredText("job_name");
            var place = job.Find("job_name")?.Value.Place ?? job.Place;
            if (!string.IsNullOrEmpty(name) && !names.TryAdd(name, place))
                diagnostics.Error(place, $"job_name \"{name}\" is used twice",
                    $"the first stands on line {names[name].Line}; give each scrape config a name of its own");
            new JobConverter(job, name ?? "", surroundings).Convert();
        }
        if (jobs.Count == 0)
            diagnostics.Warning(root.Place, "there are no scrape_configs, so that nothing is collected",
                "add scrape_configs:");
    }

    private void ConvertRest()
    {
        if (root.Sub("tracing") is { } tracing)
            tracing.CopyAll(
                [new("enabled", FieldKind.Missed) { Default = "false", Hint = "weir writes no traces of its own" }],
                new AlloyBlock("tracing"));
        if (root.Sub("options") is { } options)
            options.CopyAll([new("stream_lag_labels", FieldKind.Missed) { Hint = "Promtail itself no longer uses it" }],
                new AlloyBlock("options"));
        if (root.Sub("wal") is not { } wal) return;
        wal.CopyAll(
            [
                new("enabled", FieldKind.Missed)
                {
                    Default = "false", Hint = "every line goes through the spool on disk, without asking for it",
                },
                new("dir", FieldKind.Needless), new("cleanSegmentsOlderThan", FieldKind.Needless),
                new("watchConfig", FieldKind.Needless), new("maxSegmentAge", FieldKind.Needless),
            ], new AlloyBlock("wal"));
    }
}
