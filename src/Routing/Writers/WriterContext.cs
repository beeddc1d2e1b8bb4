using Weir.Routing.Lanes;

namespace Weir.Routing.Writers;

/// <summary>What the writers of a process share.</summary>
internal record WriterContext(RoutingEvents Events, TimeProvider Time)
{
    public SnappyEncoders Encoders { get; } = new();

    /// <summary>Lanes that operators have paused.</summary>
    public LanePauses Pauses { get; init; } = new(Time);
}
