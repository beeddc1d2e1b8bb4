using Weir.Routing.Tailing;
using Weir.Routing.Writers;

namespace Weir.Routing.Lanes;

/// <summary>What the parts of the delivery path share.</summary>
internal sealed record DeliveryContext(Committer Committer, RoutingEvents Events, TimeProvider Time)
    : WriterContext(Events, Time)
{
    /// <summary>Who tails the lines of this node.</summary>
    public LineTaps Taps { get; } = new(Time);
}
