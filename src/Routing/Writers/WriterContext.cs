using Weir.Routing.Lanes;

namespace Weir.Routing.Writers;

/// <summary>What the writers of a process share.</summary>
internal record WriterContext(RoutingEvents Events, TimeProvider Time)
{
    /// <summary>Pushes that are looked up at once: each holds its entries and the answers.</summary>
    private const int LookupsMax = 2;

    /// <summary>Uncompressed bytes of the pushes that are looked up at once.</summary>
    private const long LookupBytesMax = 8 * 1024 * 1024;

    public SnappyEncoders Encoders { get; } = new();

    /// <summary>Bounds the lookups of all lanes together.</summary>
    public ByteGate Lookups { get; } = new(LookupBytesMax, LookupsMax);

    /// <summary>Lanes that operators have paused.</summary>
    public LanePauses Pauses { get; init; } = new(Time);
}
