using Weir.Node.RabbitMq;
using Weir.Routing;
using Weir.Routing.Actors;
using Weir.Routing.Lanes;
using Weir.Routing.Membership;
using Weir.Routing.Metrics;
using Weir.Routing.Ports;
using Weir.Routing.Sharding;
using Weir.Routing.Writers;

namespace Weir.Node.Cluster;

/// <summary>The node's broker and what goes over it. A node alone has none.</summary>
internal sealed class ClusterTransport : IAsyncDisposable
{
    private readonly ClusterBlockOptions _options;
    private readonly RabbitMqBroker _broker;
    private readonly RoutingEvents _events;
    private readonly TimeProvider _time;
    private ILiveWriters? _live;

    private ClusterTransport(ClusterBlockOptions options, string node, RabbitMqBroker broker, RoutingEvents events,
        TimeProvider time)
    {
        _options = options;
        _broker = broker;
        _events = events;
        _time = time;
        Route = new ClusterRoute(broker, new ShardNames(options.Name), node, options.Shards);
    }

    /// <summary>Where fragments of this node go.</summary>
    public ClusterRoute Route { get; }

    /// <summary>Connects in the background.</summary>
    /// <param name="node">Id of this node.</param>
    /// <returns>Null where there are no options: the node is alone.</returns>
    public static ClusterTransport? Open(
        ClusterBlockOptions? options, string node, RoutingEvents events, IProcessLog log, MetricRegistry metrics,
        TimeProvider time)
    {
        if (options is null) return null;
        var broker = new RabbitMqBroker(
            new RabbitMqOptions
            {
                Brokers = options.Addresses,
                Cluster = options.Name,
                Node = node,
                DisplayName = NameOf(options),
                Username = options.Username,
                Password = options.Password,
                PasswordFile = options.PasswordFile,
                Tls = options.Tls,
                Sizes = new QueueSizes
                {
                    Shard = options.ShardMaxBytes.Bytes,
                    Parked = options.ParkedMaxBytes.Bytes,
                    DeadLetters = options.DeadLettersMaxBytes.Bytes,
                },
            },
            events, new BrokerEvents(log, metrics, time), time, Random.Shared);
        return new ClusterTransport(options, node, broker, events, time);
    }

    /// <summary>What owns shards on this node; the caller's.</summary>
    /// <returns>Null where it has not the role.</returns>
    public ShardedWriters? MakeWriters(LanePauses pauses) => !_options.Roles.Contains(NodeSelf.Writer) ? null
        : new ShardedWriters(
            _broker, Route.Names, Route.Node, Route.Shards,
            new TenantGates(_time, (destination, endpoint, tenant) =>
                Volatile.Read(ref _live)?.CountServing(destination, endpoint, tenant) ?? 1),
            pauses, _events, _time, Random.Shared);

    public ClusterTies Tie(ShardedWriters? writers) => new(_broker, () => _broker.Status, writers, Route.Shards)
    {
        Roles = _options.Roles,
        Name = NameOf(_options),
        Letters = destinations => new ClusterDeadLetters(_broker, Route.Names, Route.Shards, destinations, _time),
    };

    /// <summary>Shares shards out among the live writers until cancelled.</summary>
    public async Task FollowAsync(ShardedWriters? writers, ILiveWriters live, CancellationToken cancel)
    {
        Volatile.Write(ref _live, live);
        if (writers is null) return;
        await Supervision.RunAsync(
            "shards", stop => writers.FollowAsync(live, stop), RestartPolicy.Forever, _events, _time, cancel);
    }

    public ValueTask DisposeAsync() => _broker.DisposeAsync();

    private static string NameOf(ClusterBlockOptions options) =>
        options.NodeName.Length > 0 ? options.NodeName : Environment.MachineName;
}
