using Weir.Routing.Lanes;
using Weir.Routing.Ports;
using Weir.Routing.Writers;

namespace Weir.Routing.Sharding;

/// <summary>What the shard owners of a process share.</summary>
/// <param name="Node">Id of this node.</param>
internal sealed record ShardContext(
    IBroker Broker, ShardNames Names, string Node, RoutingEvents Events, TimeProvider Time, Random Random)
    : WriterContext(Events, Time)
{
    // Ids of letters stay exact in any JSON reader, which keeps 53 bits: milliseconds, and 4096 in each.
    private const int LettersInMillisecond = 12;

    private long _lastLetter;

    /// <summary>Bounds how many parked lanes have something in hand.</summary>
    public ByteGate Drains { get; } = new(long.MaxValue, ShardLimits.DrainsMax);

    /// <summary>An id for a dead letter: greater than all before it.</summary>
    public long NextLetter()
    {
        var now = Time.GetUtcNow().ToUnixTimeMilliseconds() << LettersInMillisecond;
        while (true)
        {
            var last = Volatile.Read(ref _lastLetter);
            var next = Math.Max(last + 1, now);
            if (Interlocked.CompareExchange(ref _lastLetter, next, last) == last) return next;
        }
    }
}

/// <summary>Of one destination.</summary>
internal readonly record struct ShardId(string Destination, int Shard);
