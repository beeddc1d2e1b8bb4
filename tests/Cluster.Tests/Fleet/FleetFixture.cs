using System.Globalization;
using Weir.Cluster.Tests.Support;
using Weir.Routing.Sharding;
using Xunit.Sdk;

namespace Weir.Cluster.Tests.Fleet;

/// <summary>A broker, endpoints, and agents and writers in processes of their own, on loopback.</summary>
internal sealed class FleetFixture : IAsyncDisposable
{
    public const int Shards = 16;

    private const string Destination = "loki.write.default";

    private readonly string _folder = Directory.CreateTempSubdirectory("weir-fleet-").FullName;
    private readonly List<WeirProcess> _processes = [];
    private readonly List<string> _names = []; // of the processes
    private readonly List<(LokiSink Sink, FleetCensus Census)> _endpoints = [];

    private readonly List<RabbitMqServer> _brokers = [];

    private FleetFixture()
    {
    }

    /// <summary>Nodes of one RabbitMQ cluster.</summary>
    public IReadOnlyList<RabbitMqServer> Brokers => _brokers;

    public IReadOnlyList<(LokiSink Sink, FleetCensus Census)> Endpoints => _endpoints;

    public IReadOnlyList<WeirProcess> Processes => _processes;

    /// <summary>The last that each process said.</summary>
    public string Logs => string.Join("\n----\n", _processes.Select(process => Last(process.Log)));

    public static async Task<FleetFixture> StartAsync(int endpoints, int brokers = 1)
    {
        var fleet = new FleetFixture();
        for (var number = 1; number <= brokers; number++)
            fleet._brokers.Add(await RabbitMqServer.StartAsync(fleet._brokers.FirstOrDefault(), number));
        for (var i = 0; i < endpoints; i++)
        {
            var census = new FleetCensus();
            var sink = await LokiSink.StartAsync();
            sink.Received = census.Add;
            fleet._endpoints.Add((sink, census));
        }

        return fleet;
    }

    /// <summary>Ids of nodes whose streams of a tenant go through one shard, so that they can share a push.</summary>
    public static string[] IdsOfOneShard(int nodes, string tenant)
    {
        var ids = new List<string>();
        for (var number = 0; ids.Count < nodes; number++)
        {
            var id = number.ToString("x16", CultureInfo.InvariantCulture);
            if (ShardHash.ShardOf(id, tenant, 0, Shards) == 0) ids.Add(id);
        }

        return [.. ids];
    }

    /// <summary>An id of a node whose streams all go through one shard, so that its tenants meet there.</summary>
    public static string IdOfOneShard(IReadOnlyList<string> tenants)
    {
        for (var number = 0; ; number++)
        {
            var id = number.ToString("x16", CultureInfo.InvariantCulture);
            if (tenants.Select(tenant => ShardHash.ShardOf(id, tenant, 0, Shards)).Distinct().Count() == 1) return id;
        }
    }

    /// <summary>Appends to the log files of a host: lines of about 227 bytes.</summary>
    /// <param name="from">Number of the first line.</param>
    /// <param name="noise">Lines that compress little; null: much.</param>
    public void WriteLogs(string host, IEnumerable<string> tenants, int lines, int from = 0, Random? noise = null)
    {
        foreach (var tenant in tenants)
        {
            var path = Path.Combine(Directory.CreateDirectory(Path.Combine(_folder, host)).FullName, $"{tenant}.log");
            using var file = new StreamWriter(path, append: true);
            for (var i = from; i < from + lines; i++)
                file.Write($"{host} {i} {noise?.GetHexString(200) ?? Filler[..(200 + (i % 20))]}\n");
        }
    }

    /// <summary>A node that reads a host's files and knows no endpoint.</summary>
    /// <param name="id">Of the node; null: it makes its own.</param>
    public WeirProcess StartAgent(string host, IEnumerable<string> tenants, string? id = null)
    {
        var targets = string.Join(",\n", tenants.Select(tenant =>
            $$"""{ __path__ = "{{_folder}}/{{host}}/{{tenant}}.log", tenant = "{{tenant}}", host = "{{host}}" }"""));
        var storage = Path.Combine(_folder, $"{host}-data");
        var spool = Directory.CreateDirectory(Path.Combine(storage, "spool")).FullName;
        if (id is not null) File.WriteAllText(Path.Combine(spool, "node-id"), id);
        return Start(host, storage, "agent", $$"""
            local.file_match "logs" {
              path_targets = [{{targets}}]
            }

            loki.source.file "logs" {
              targets    = local.file_match.logs.targets
              forward_to = [loki.process.tenants.receiver]
            }

            loki.process "tenants" {
              stage.tenant {
                label = "tenant"
              }
              stage.label_drop {
                values = ["filename"]
              }
              forward_to = [loki.write.default.receiver]
            }

            loki.write "default" { }
            """);
    }

    /// <summary>A node that pushes to all endpoints what others collected.</summary>
    public WeirProcess StartWriter(string name) => Start(
        name, Path.Combine(_folder, $"{name}-data"), "writer",
        $"loki.write \"default\" {{\n{string.Concat(_endpoints.Select((one, number) => $$"""
              endpoint {
                name               = "e{{number}}"
                url                = "{{one.Sink.PushUrl}}"
                batch_size         = "4MiB"
                min_backoff_period = "100ms"
                max_backoff_period = "2s"
              }

            """))}}}\n");

    /// <summary>Waits until the broker has as many lines of an agent.</summary>
    public static async Task ForwardedAsync(WeirProcess agent, long lines, TimeSpan patience)
    {
        using var late = new CancellationTokenSource(patience);
        while (await agent.MetricAsync("weir_forwarder_entries_total") < lines)
        {
            Assert.False(late.IsCancellationRequested, $"not forwarded after {patience}:\n{agent.Log}");
            await Task.Delay(100, CancellationToken.None);
        }
    }

    /// <summary>Waits until each endpoint has got as many different lines.</summary>
    public async Task DeliveredAsync(long lines, TimeSpan patience)
    {
        foreach (var (sink, census) in _endpoints)
        {
            await sink.WaitAsync(() => census.Lines >= lines, patience, () =>
                $"{lines - census.Lines} of {lines} lines; {census.Again} came again, {census.Early} early;\n{Logs}");
        }
    }

    /// <summary>Leaves behind what tells why a trial failed: what nodes and brokers said, what the endpoints got when,
    /// what the queues hold.</summary>
    /// <returns>The folder.</returns>
    public async Task<string> KeepTracesAsync()
    {
        var folder = Directory.CreateTempSubdirectory("weir-fleet-failed-").FullName;
        Task WriteAsync(string name, string text) => File.WriteAllTextAsync(Path.Combine(folder, name), text);
        for (var i = 0; i < _processes.Count; i++) await WriteAsync($"node-{i:00}-{_names[i]}.log", _processes[i].Log);
        for (var i = 0; i < _brokers.Count; i++) await WriteAsync($"broker-{i}.log", _brokers[i].Log);
        for (var i = 0; i < _endpoints.Count; i++)
            await WriteAsync($"endpoint-{i}.log", string.Join('\n', _endpoints[i].Sink.Pushes));
        foreach (var (process, name) in _processes.Zip(_names).Where(one => !one.First.HasExited))
            await WriteAsync($"metrics-{name}.txt", await AnswerOf(process.MetricsAsync()));
        await WriteAsync("queues.txt", await AnswerOf(_brokers[0].ControlAsync(
            "list_queues", "name", "messages_ready", "messages_unacknowledged", "consumers", "leader")));
        return folder;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _processes) await process.DisposeAsync();
        foreach (var (sink, _) in _endpoints) await sink.DisposeAsync();
        foreach (var broker in _brokers.AsEnumerable().Reverse()) await broker.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private static string Filler { get; } = string.Concat(Enumerable.Range(0, 40).Select(i => $"word{i} "));

    /// <summary>Or why there is none: who is asked may stand still, or be away.</summary>
    private static async Task<string> AnswerOf(Task<string> asked)
    {
        try
        {
            return await asked;
        }
        catch (Exception fault)
            when (fault is HttpRequestException or OperationCanceledException or TimeoutException or XunitException)
        {
            return fault.Message;
        }
    }

    private static string Last(string log) => log.Length > 3000 ? log[^3000..] : log;

    private WeirProcess Start(string name, string storage, string role, string configuration)
    {
        var path = Path.Combine(_folder, $"{name}.alloy");
        File.WriteAllText(path, $$"""
            cluster {
              brokers   = [{{string.Join(", ", _brokers.Select(broker => $"\"{broker.Url}\""))}}]
              roles     = ["{{role}}"]
              shards    = {{Shards}}
              node_name = "{{name}}"
            }

            {{configuration}}
            """);
        var process = WeirProcess.Start(path, storage);
        _processes.Add(process);
        _names.Add(name);
        return process;
    }
}
