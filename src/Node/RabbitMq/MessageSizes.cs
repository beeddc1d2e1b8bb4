using Weir.Routing.Ports;

namespace Weir.Node.RabbitMq;

/// <summary>What messages of each use weigh on the average: a broker takes a consumer's bound as a count
/// only.</summary>
internal sealed class MessageSizes
{
    /// <summary>Delivered ahead at the most, however small messages are.</summary>
    public const int CountMax = 1000;

    /// <summary>Notes are few and tiny, and each lane that is parked has one in hand.</summary>
    private const int NotesMax = 10_000;

    // A fragment of 1 MiB that compressed to an eighth: what a lane under load sends.
    private const double FragmentBytesAtFirst = 128 * 1024;

    // A new average after some hundred messages.
    private const double Weight = 0.01;

    private readonly Lock _gate = new();
    private double _average = FragmentBytesAtFirst;

    public void Add(QueueUse use, int bytes)
    {
        if (use == QueueUse.ParkedIndex) return;
        lock (_gate) _average += (bytes - _average) * Weight;
    }

    /// <returns>At least 1.</returns>
    public ushort CountOf(QueueUse use, long bytesMax)
    {
        if (use == QueueUse.ParkedIndex) return NotesMax;
        lock (_gate) return (ushort)Math.Clamp(bytesMax / Math.Max(_average, 1), 1, CountMax);
    }
}
