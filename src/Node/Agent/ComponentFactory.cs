using Weir.Node.Admin;
using Weir.Node.Cluster;
using Weir.Node.Discovery;
using Weir.Node.Http;
using Weir.Node.Local;
using Weir.Node.Logging;
using Weir.Node.Modules;
using Weir.Node.Sources.Api;
using Weir.Node.Sources.Docker;
using Weir.Node.Sources.Files;
using Weir.Node.Sources.Files.Watching;
using Weir.Node.Sources.Journal;
using Weir.Node.Sources.Journal.Native;
using Weir.Node.Sources.Syslog;
using Weir.Routing.Components;
using Weir.Routing.Destinations;
using Weir.Routing.Enriching;
using Weir.Routing.Lanes;
using Weir.Routing.Ports;
using Weir.Routing.Process;
using Weir.Routing.Relabeling;
using Weir.Routing.Secrets;
using Weir.Routing.Sharding;
using Weir.Routing.Stages;

namespace Weir.Node.Agent;

/// <summary>Makes the components of the graph: every block's name and what stands behind it.</summary>
internal sealed class ComponentFactory : IDisposable
{
    private readonly FileWatches _watches;
    private readonly Dictionary<string, Func<IComponentHost, IComponent>> _makers;

    /// <param name="writers">Push for all nodes of a cluster; null where this one does not.</param>
    /// <param name="cluster">The block that the node was started with; null where none was started.</param>
    /// <param name="open">Makes the client of a component's endpoint; null: one that pushes.</param>
    public ComponentFactory(
        ProcessLog log, OwnLogSource own, AdminAccess access, Delivery delivery, TimeProvider time,
        Func<string, EndpointOptions, IPushClient>? open = null, ShardedWriters? writers = null,
        ClusterBlockOptions? cluster = null)
    {
        open ??= (_, endpoint) => OpenPush(endpoint, time);
        _watches = new FileWatches(log);
        _makers = new Dictionary<string, Func<IComponentHost, IComponent>>(StringComparer.Ordinal)
        {
            ["cluster"] = host => new ClusterSetting(host, cluster),
            ["logging"] = host => new LoggingSetting(host, log, own),
            ["http"] = host => new HttpSetting(host, access),
            ["livedebugging"] = host => new UnusedSetting<LiveDebuggingBlockOptions>(host),
            ["tracing"] = host => new UnusedSetting<TracingBlockOptions>(host),
            ["discovery.dns"] = host => new DnsTargets(
                host, new DnsResolver(ResolverSettings.OfSystem, Random.Shared, time)),
            ["discovery.docker"] = host => new DockerDiscovery(
                host, options => DockerEngine.Connect(options.Host, options.Http, time)),
            ["discovery.file"] = host => new FileTargets(host, _watches),
            ["discovery.http"] = host => new HttpTargets(host),
            ["discovery.relabel"] = host => new DiscoveryRelabelComponent(host),
            ["import.file"] = host => new ImportFile(host, _watches),
            ["import.http"] = host => new ImportHttp(host),
            ["local.file"] = host => new LocalFile(host, _watches),
            ["local.file_match"] = host => new LocalFileMatch(host, _watches),
            ["loki.echo"] = host => new EchoComponent(host),
            ["loki.enrich"] = host => new EnrichComponent(host),
            ["loki.process"] = host => new ProcessComponent(
                host, new StageProcess(File.ReadAllBytes, Environment.GetEnvironmentVariable)),
            ["loki.relabel"] = host => new LokiRelabelComponent(host),
            ["loki.secretfilter"] = host => new SecretFilterComponent(
                host, File.ReadAllBytes, new Random(Random.Shared.Next())),
            ["loki.source.api"] = host => new ApiSource(host, delivery.Positions),
            ["loki.source.docker"] = host => new DockerSource(
                host, delivery.Positions, options => DockerEngine.Connect(options.Host, options.Http, time),
                OwnContainer.Read()),
            ["loki.source.file"] = host => new FileSource(host, delivery.Positions, _watches),
            ["loki.source.journal"] = host => new JournalSource(
                host, delivery.Positions, options => SystemdJournal.Open(options, time)),
            ["loki.source.syslog"] = host => new SyslogSource(host, SyslogPeers.OfSystem(time)),
            ["loki.write"] = host => new WriteComponent(
                host, delivery, endpoint => open(host.Id, endpoint),
                (endpoint, address) => OpenQuery(endpoint, address, time), writers),
            ["remote.http"] = host => new RemoteHttp(host),
        };
    }

    /// <summary>Every name that the catalog knows; a test holds the two together.</summary>
    public IEnumerable<string> Names => _makers.Keys;

    public IComponent Make(string name, IComponentHost host) => _makers[name](host);

    public void Dispose() => _watches.Dispose();

    private static LokiPushClient OpenPush(EndpointOptions endpoint, TimeProvider time) => new(
        new LokiServerOptions
        {
            Url = new Uri(endpoint.Url),
            Timeout = endpoint.RemoteTimeout,
            Headers = endpoint.Headers,
        },
        endpoint.Http, time);

    private static LokiQueryClient OpenQuery(EndpointOptions endpoint, LookupAddress address, TimeProvider time) => new(
        new LokiServerOptions { Url = address.Url, Timeout = endpoint.RemoteTimeout, Headers = address.Headers },
        address.Http, time);
}
