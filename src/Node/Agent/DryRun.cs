using Weir.Node.Admin;
using Weir.Node.Logging;
using Weir.Node.Sqlite;
using Weir.Protocol.Batches;
using Weir.Routing;
using Weir.Routing.Actors;
using Weir.Routing.Components;
using Weir.Routing.Components.Http;
using Weir.Routing.Destinations;
using Weir.Routing.Lanes;
using Weir.Routing.Metrics;
using Weir.Routing.Ports;

namespace Weir.Node.Agent;

/// <summary>
/// <c>weir run --dry-run</c>: sources and pipelines work as in a node; what would be pushed is printed instead.
/// </summary>
/// <remarks>
/// Everything up to the endpoint is the node's own, spool included, in a folder that goes with it: sources start as
/// those of a new node do, and no position is kept. It ends at a signal, or when nobody reads its output.
/// </remarks>
internal sealed class DryRun(NodeSettings settings, ProcessLog log, TextWriter output)
{
    private const string Part = "dry run";

    private readonly TimeProvider _time = TimeProvider.System;

    /// <returns>The exit code: 0 after a stop, 1 when the configuration cannot run.</returns>
    public async Task<int> RunAsync(CancellationToken cancel)
    {
        var reader = new ConfigurationReader(settings.Stability, settings.Format);
        var read = reader.ReadPath(settings.Configuration!);
        if (read.Plans is null) return NodeProcess.Refuse(read.Errors);
        foreach (var warning in read.Warnings)
            log.Write(LogSeverity.Warn, "config", "works, but look at it", new LogField("warning", warning));
        var folder = Directory.CreateTempSubdirectory("weir-dry-run-");
        try
        {
            using var stop = new StopSignals(cancel);
            return await RunAsync(read.Plan, folder.FullName, stop);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private async Task<int> RunAsync(PlanGraph plan, string folder, StopSignals stop)
    {
        var metrics = new MetricRegistry();
        var labels = new LabelSets();
        var events = new RoutingEvents(log, metrics);
        await using var spool = SqliteSpool.Open(
            new SpoolOptions { Directory = folder, BytesMax = settings.SpoolBytesMax },
            new SpoolEvents(log, metrics), _time, Random.Shared);
        await using var delivery = new Delivery(spool, labels, events, _time, Random.Shared);
        var own = new OwnLogSource(log, labels, _time, metrics);
        using var factory = new ComponentFactory(
            log, own, new AdminAccess(new HttpBlockOptions()), delivery, _time,
            (component, endpoint) => Open(component, endpoint, stop));
        await using var graph = new Graph(factory.Make, labels, events, _time);
        await delivery.StartAsync(stop.Token);
        var errors = await graph.LoadAsync(plan, stop.Token);
        if (errors.Count > 0) return NodeProcess.Refuse(errors);
        log.Write(LogSeverity.Info, Part, "nothing is delivered and no position is kept; it ends at Ctrl-C");
        Task[] work =
        [
            Supervision.RunAsync("graph", graph.RunAsync, RestartPolicy.Forever, events, _time, stop.Token),
            Supervision.RunAsync("own log", own.RunAsync, RestartPolicy.Forever, events, _time, stop.Token),
        ];
        foreach (var task in work) await task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return 0;
    }

    private PrintingPushClient Open(string component, EndpointOptions endpoint, StopSignals stop)
    {
        var url = new Uri(endpoint.Url);
        var where = url.GetComponents(
            UriComponents.SchemeAndServer | UriComponents.PathAndQuery, UriFormat.UriEscaped);
        log.Write(LogSeverity.Info, Part, "would push to", new LogField("component", component),
            new LogField("url", where));
        var name = endpoint.Name.Length > 0 ? endpoint.Name : url.Authority;
        return new PrintingPushClient($"{component} {name}", output, stop.Stop);
    }
}
