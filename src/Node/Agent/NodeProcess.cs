using System.Net;
using System.Runtime.InteropServices;
using Weir.Node.Admin;
using Weir.Node.Cluster;
using Weir.Node.Logging;
using Weir.Node.Sqlite;
using Weir.Node.Store;
using Weir.Protocol.Batches;
using Weir.Routing;
using Weir.Routing.Actors;
using Weir.Routing.Components;
using Weir.Routing.Lanes;
using Weir.Routing.Language;
using Weir.Routing.Membership;
using Weir.Routing.Metrics;
using Weir.Routing.Ports;

namespace Weir.Node.Agent;

/// <summary>The node from start to stop: what it is made of, top to bottom.</summary>
internal sealed class NodeProcess(NodeSettings settings, ConfigurationReader reader, ProcessLog log) : IDisposable
{
    private const string Part = "node";

    private readonly TimeProvider _time = TimeProvider.System;
    private readonly MetricRegistry _metrics = new();
    private readonly LabelSets _labels = new();
    private readonly SemaphoreSlim _loading = new(1, 1);
    private volatile bool _isReady;
    private volatile Presence? _presence;
    private volatile IReadOnlyList<ComponentState> _disabled = [];

    /// <returns>The exit code: 0 after a stop by signal, 1 when the node could not start.</returns>
    public static async Task<int> RunAsync(NodeSettings settings, CancellationToken cancel)
    {
        var log = new ProcessLog(Console.Error, TimeProvider.System);
        var reader = new ConfigurationReader(settings.Stability, settings.Format);
        using var node = new NodeProcess(settings, reader, log);
        using var stop = new StopSignals(cancel);
        try
        {
            return await node.RunAsync(stop);
        }
        catch (Exception unusable) when (unusable is IOException or UnauthorizedAccessException)
        {
            log.Write(LogSeverity.Error, Part, "cannot start", new LogField("error", unusable.Message));
            return 1;
        }
    }

    public void Dispose() => _loading.Dispose();

    private async Task<int> RunAsync(StopSignals stopping)
    {
        var stop = stopping.Token;
        var early = settings.Configuration is null ? null : reader.ReadPath(settings.Configuration);
        if (early?.Plans is null && early is not null) return Refuse(early.Errors);
        var block = BlockOf<ClusterBlockOptions>(early, "cluster");
        var clustering = settings.Cluster.Apply(block, out var problems);
        if (problems.Count > 0) return Refuse(problems);
        var events = new RoutingEvents(log, _metrics);
        Directory.CreateDirectory(settings.StoragePath);
        // Disposed from the bottom up: sources first, and the listener last, for it may be a destination (the store).
        using var store = OpenStore();
        var token = AdminToken.Read(settings.TokenFile, Environment.GetEnvironmentVariable(AdminToken.Variable));
        var access = new AdminAccess(
            BlockOf<HttpBlockOptions>(early, "http") ?? new HttpBlockOptions(), token,
            !IPAddress.IsLoopback(settings.Address.Address), _time);
        await using var server = new AdminServer(settings.Address, access);
        await using var spool = SqliteSpool.Open(
            new SpoolOptions
            {
                Directory = settings.SpoolPath,
                BytesMax = settings.SpoolBytesMax,
            },
            new SpoolEvents(log, _metrics), _time, Random.Shared);
        var id = NodeIdentity.ReadOrMake(settings.SpoolPath);
        // Null in a node alone: then fragments go to this node's own writers, and nothing else is different.
        await using var transport = ClusterTransport.Open(clustering, id, events, log, _metrics, _time);
        await using var delivery = new Delivery(
            spool, _labels, events, _time, Random.Shared, transport?.Route);
        await using var writers = transport?.MakeWriters(delivery.Pauses);
        var own = new OwnLogSource(log, _labels, _time, _metrics);
        using var factory = new ComponentFactory(
            log, own, access, delivery, _time, writers: writers,
            cluster: block ?? new ClusterBlockOptions());
        await using var graph = new Graph(factory.Make, _labels, events, _time);
        var cluster = new ClusterPart(
            id, transport?.Tie(writers) ?? new ClusterTies(), graph, delivery, spool, events, _time,
            () => server.Address, stopping.Stop);
        _presence = cluster.Participation.Presence;
        Func<CancellationToken, Task<IReadOnlyList<string>>> reload =
            cancel => ReloadAsync(graph, server.Address, access, cancel);
        await server.StartAsync([.. Routes(graph, delivery, store, reload), .. cluster.Routes], stop);
        await delivery.StartAsync(stop);
        var errors = await LoadAsync(graph, early ?? ReadBuiltIn(server.Address, access), stop);
        if (errors.Count > 0) return Refuse(errors);
        _isReady = true;
        log.Write(LogSeverity.Info, Part, "listening", new LogField("address", server.Address),
            new LogField("version", NodeVersion.Text));
        if (access.IsShut) log.Write(LogSeverity.Warn, Part, AdminAccess.ShutText);
        SayWhereToLook(server.Address, access.NeedsToken);
        var following = transport?.FollowAsync(writers, cluster.Participation.Members, stop) ?? Task.CompletedTask;
        await WorkAsync(graph, own, cluster, following, events, reload, stop);
        log.Write(LogSeverity.Info, Part, "stopping: sources first, then what they read is made durable");
        _isReady = false;
        if (writers is not null) await writers.DrainAsync(); // others go on with its shards meanwhile
        return 0;
    }

    private async Task WorkAsync(
        Graph graph, OwnLogSource own, ClusterPart cluster, Task following, RoutingEvents events,
        Func<CancellationToken, Task<IReadOnlyList<string>>> reload, CancellationToken stop)
    {
        using var hangup = PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal =>
        {
            signal.Cancel = true;
            _ = reload(stop);
        });
        Task[] work =
        [
            Supervision.RunAsync("graph", graph.RunAsync, RestartPolicy.Forever, events, _time, stop),
            Supervision.RunAsync("own log", own.RunAsync, RestartPolicy.Forever, events, _time, stop),
            cluster.Participation.RunAsync(stop),
            following,
            SayFirstDeliveryAsync(stop),
        ];
        foreach (var task in work) await task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <returns>Errors; empty when the configuration is in force.</returns>
    private async Task<IReadOnlyList<string>> ReloadAsync(
        Graph graph, Uri address, AdminAccess access, CancellationToken cancel)
    {
        var read = settings.Configuration is null
            ? ReadBuiltIn(address, access) : reader.ReadPath(settings.Configuration);
        IReadOnlyList<string> errors =
            [.. await LoadAsync(graph, read, cancel), .. access.TryReload(out var refused) ? [] : new[] { refused }];
        if (errors.Count == 0) log.Write(LogSeverity.Info, Part, "configuration reloaded");
        else
            log.Write(LogSeverity.Error, Part, "the configuration was not taken over: the former one stays in force",
                new LogField("errors", errors.Count), new LogField("first", errors[0]));
        return errors;
    }

    private async Task<IReadOnlyList<string>> LoadAsync(Graph graph, ReadConfiguration read, CancellationToken cancel)
    {
        await _loading.WaitAsync(cancel);
        try
        {
            foreach (var warning in read.Warnings)
                log.Write(LogSeverity.Warn, "config", "works, but look at it", new LogField("warning", warning));
            var errors = read.Plans is null ? read.Errors : await graph.LoadAsync(read.Plan, cancel);
            if (errors.Count == 0) _disabled = [.. read.Disabled.Select(StateOf)];
            _metrics.Gauge("weir_config_last_load_successful", "1 when the newest configuration is in force.").With()
                .Set(errors.Count == 0 ? 1 : 0);
            _presence?.Changed();
            return errors;
        }
        finally
        {
            _loading.Release();
        }
    }

    private List<IAdminRoutes> Routes(
        Graph graph, Delivery delivery, LogStore? store,
        Func<CancellationToken, Task<IReadOnlyList<string>>> reload)
    {
        _metrics.Gauge("weir_build_info", "Always 1; the label has the version.", "version")
            .With(NodeVersion.Text).Set(1);
        List<IAdminRoutes> routes =
        [
            new HealthRoutes(() => _isReady, () => graph.Components, reload),
            new MetricsRoutes(_metrics),
            new ComponentRoutes(() => [.. graph.Components, .. _disabled]),
            new LaneRoutes(delivery),
            new CardinalityRoutes(delivery),
        ];
        if (store is not null) routes.Add(new StoreRoutes(store, _labels, _time));
        return routes;
    }

    private LogStore? OpenStore() => settings.ServesStore
        ? new LogStore(Path.Combine(settings.StoragePath, "store.db"), _labels) : null;

    private ReadConfiguration ReadBuiltIn(Uri address, AdminAccess access) => reader.Read([new SourceFile(
        BuiltInConfiguration.Name, BuiltInConfiguration.Compose(
            Environment.GetEnvironmentVariable, Path.Exists, new Uri(address, "/loki/api/v1/push").ToString(),
            access.OwnToken))]);

    /// <summary>A block that is needed before the graph runs; it refers to no component.</summary>
    private static T? BlockOf<T>(ReadConfiguration? read, string name)
        where T : class =>
        read?.Plans?.FirstOrDefault(plan => plan.Name == name)?.Evaluate(_ => null).Options as T;

    internal static int Refuse(IReadOnlyList<string> errors)
    {
        foreach (var error in errors) Console.Error.WriteLine($"{error}\n");
        Console.Error.WriteLine(
            $"weir: {errors.Count} error{(errors.Count == 1 ? "" : "s")} in the configuration: nothing was started");
        return 1;
    }

    private void SayWhereToLook(Uri address, bool needsToken)
    {
        if (settings.Configuration is not null) return;
        var token = needsToken ? $" -H \"Authorization: Bearer ${AdminToken.Variable}\"" : "";
        Console.WriteLine($"""
            Weir collects this host's containers and the log files below /var/log that it may read.
              components  {address}api/v1/components
              metrics     {address}metrics
            """);
        if (!settings.ServesStore) return;
        Console.WriteLine($$"""
              query       curl -sG{{token}} {{address}}loki/api/v1/query_range --data-urlencode 'query={job=~".+"}'
              labels      {{address}}loki/api/v1/labels
            """);
    }

    /// <summary>Says once that delivery works: what somebody who has just started a node waits for.</summary>
    private async Task SayFirstDeliveryAsync(CancellationToken stop)
    {
        while (true)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(500), _time, stop);
            var delivered = _metrics.Sum("loki_write_sent_entries_total");
            if (delivered.Equals(0.0)) continue;
            log.Write(LogSeverity.Info, Part, "delivered the first lines", new LogField("lines", delivered));
            return;
        }
    }

    private ComponentState StateOf(DisabledBlock block) => new(
        block.Id, block.Name, new Health(HealthState.Disabled, block.Reason, _time.GetUtcNow()), [], null, null, null);
}
