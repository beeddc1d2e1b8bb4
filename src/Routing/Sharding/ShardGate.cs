using Weir.Routing.Ports;
using Weir.Routing.Writers;

namespace Weir.Routing.Sharding;

/// <summary>Lets an owner push only while the broker surely counts its session as alive: later, another one may own the
/// shard and push the same.</summary>
internal sealed class ShardGate(IBrokerSession session, TimeProvider time)
{
    /// <summary>How often a push asks that may not begin.</summary>
    public static readonly TimeSpan AskAgainAfter = TimeSpan.FromMilliseconds(100);

    private int _pushes;
    private volatile bool _isClosed;

    /// <summary>Since the last proof.</summary>
    public TimeSpan Unproved => time.GetElapsedTime(session.ProvedAliveAt);

    public bool IsHeld => !_isClosed && Unproved < BrokerLimits.LeaseMax;

    /// <summary>A push is under way.</summary>
    public bool IsPushing => Volatile.Read(ref _pushes) > 0;

    /// <summary>Lets nothing begin any more.</summary>
    public void Close() => _isClosed = true;

    /// <summary>For one lane, which has another gate of its own behind this one.</summary>
    public LaneGate Before(IPushGate next) => new(this, next, time);

    public void Begin() => Interlocked.Increment(ref _pushes);

    public void End() => Interlocked.Decrement(ref _pushes);
}

/// <summary>The gate of one lane of a shard.</summary>
internal sealed class LaneGate(ShardGate shard, IPushGate next, TimeProvider time) : IPushGate
{
    private IBrokerSession? _drain;
    private int _pushes;
    private volatile bool _isShut;

    public bool IsPushing => Volatile.Read(ref _pushes) > 0;

    public bool IsOpen => !_isShut && shard.IsHeld && next.IsOpen && (Volatile.Read(ref _drain) is not { } drain
        || time.GetElapsedTime(drain.ProvedAliveAt) < BrokerLimits.LeaseMax);

    /// <param name="drain">From which the lane takes what was parked; it has to be alive too. Null: none.</param>
    public void Open(IBrokerSession? drain)
    {
        Volatile.Write(ref _drain, drain);
        _isShut = false;
    }

    /// <summary>What is parked may be somebody else's: nothing begins.</summary>
    public void Shut() => _isShut = true;

    public PushTurn Enter(int lineBytes)
    {
        if (!IsOpen) return new PushTurn(ShardGate.AskAgainAfter);
        var turn = next.Enter(lineBytes);
        if (turn.Wait > TimeSpan.Zero) return turn;
        shard.Begin();
        Interlocked.Increment(ref _pushes);
        return turn;
    }

    public void Leave(int lineBytes)
    {
        shard.End();
        Interlocked.Decrement(ref _pushes);
        next.Leave(lineBytes);
    }
}
