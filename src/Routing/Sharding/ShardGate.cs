using Weir.Routing.Ports;
using Weir.Routing.Writers;

namespace Weir.Routing.Sharding;

/// <summary>Lets an owner push only while the broker surely counts its session as alive: later, another one may own the
/// shard and push the same.</summary>
internal sealed class ShardGate(IBrokerSession session, TimeProvider time)
{
    private static readonly TimeSpan AskAgainAfter = TimeSpan.FromMilliseconds(100);

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
    public IPushGate Before(IPushGate next) => new LaneGate(this, next);

    private sealed class LaneGate(ShardGate shard, IPushGate next) : IPushGate
    {
        public PushTurn Enter(int lineBytes)
        {
            if (!shard.IsHeld) return new PushTurn(AskAgainAfter);
            var turn = next.Enter(lineBytes);
            if (turn.Wait == TimeSpan.Zero) Interlocked.Increment(ref shard._pushes);
            return turn;
        }

        public void Leave(int lineBytes)
        {
            Interlocked.Decrement(ref shard._pushes);
            next.Leave(lineBytes);
        }
    }
}
