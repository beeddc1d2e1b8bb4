namespace Weir.Routing.Lanes;

/// <summary>What the parts of the delivery path share.</summary>
internal sealed record DeliveryContext(Committer Committer, RoutingEvents Events, TimeProvider Time)
{
    public SnappyEncoders Encoders { get; } = new();
}
