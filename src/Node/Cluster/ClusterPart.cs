using Weir.Node.Admin;
using Weir.Node.Agent;
using Weir.Routing;
using Weir.Routing.Components;
using Weir.Routing.Lanes;
using Weir.Routing.Membership;
using Weir.Routing.Ports;
using Weir.Routing.Sharding;

namespace Weir.Node.Cluster;

/// <summary>What ties a node to others; a node alone has none of it.</summary>
/// <param name="Messages">Between nodes.</param>
/// <param name="Broker">How the broker is.</param>
/// <param name="Shards">Those of this node.</param>
/// <param name="ShardCount">Into how many a destination is parted.</param>
internal sealed record ClusterTies(
    INodeMessages? Messages = null, Func<BrokerStatus>? Broker = null, IShardOwners? Shards = null, int ShardCount = 0)
{
    public IReadOnlyList<string> Roles { get; init; } = [NodeSelf.Agent, NodeSelf.Writer];

    /// <summary>Reads the broker's dead letters, given the destinations that there may be some of; null: there is no
    /// broker.</summary>
    public Func<Func<IEnumerable<string>>, ClusterDeadLetters>? Letters { get; init; }

    /// <summary>What people call the node.</summary>
    public string Name { get; init; } = Environment.MachineName;
}

/// <summary>The node's part in the cluster, with what operators see and steer of it.</summary>
internal sealed class ClusterPart
{
    /// <summary>Between the answer to who asked for a drain and the end: the answer is to arrive.</summary>
    private static readonly TimeSpan StopAfter = TimeSpan.FromMilliseconds(500);

    private readonly TimeProvider _time;
    private readonly Action _stop;
    private readonly ClusterDeadLetters? _letters;

    /// <param name="id">The node's.</param>
    /// <param name="address">Where its admin endpoint listens.</param>
    /// <param name="stop">Ends the process as SIGTERM does.</param>
    public ClusterPart(
        string id, ClusterTies ties, Graph graph, Delivery delivery, ISpool spool, RoutingEvents events,
        TimeProvider time, Func<Uri> address, Action stop)
    {
        _time = time;
        _stop = stop;
        var self = new NodeSelf(id, ties.Name, ties.Roles, NodeVersion.Text, time.GetUtcNow());
        var description = new NodeDescription(
            graph, delivery, events, ties.Broker, ties.Shards, ties.ShardCount, () => address().Authority);
        var service = new NodeService(self, graph, delivery, spool, ties.Shards, Drain);
        Participation = new Participation(
            new ParticipationParts(
                self, ties.Messages, description.Describe, service, delivery.Pauses, delivery.Taps),
            events, time, Random.Shared);
        _letters = ties.Letters?.Invoke(() => Participation.Members.All.Where(member => member.IsLive)
            .SelectMany(member => member.State.Destinations.Select(one => one.Id)).Distinct());
    }

    public Participation Participation { get; }

    public IEnumerable<IAdminRoutes> Routes =>
    [
        new ClusterRoutes(Participation),
        new DeadLetterRoutes(Participation, _letters),
        new LiveTailRoutes(Participation, _time),
    ];

    private void Drain()
    {
        Participation.Presence.Drain();
        _ = StopSoonAsync();
    }

    private async Task StopSoonAsync()
    {
        await Task.Delay(StopAfter, _time);
        _stop();
    }
}
