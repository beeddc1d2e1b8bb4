using Weir.Routing.Sharding;
using Weir.Routing.Tailing;
using Weir.Routing.Writers;

namespace Weir.Routing.Lanes;

/// <summary>What the parts of the delivery path share.</summary>
internal sealed record DeliveryContext(Committer Committer, RoutingEvents Events, TimeProvider Time)
    : WriterContext(Events, Time)
{
    /// <summary>Where fragments are handed over; null on a node that is no agent of a cluster.</summary>
    public ClusterRoute? Cluster { get; init; }

    /// <summary>Who tails the lines of this node.</summary>
    public LineTaps Taps { get; } = new(Time);
}
