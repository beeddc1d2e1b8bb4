using Weir.Routing.Ports;
using Weir.Routing.Sharding;
using Weir.Routing.Writers;

namespace Weir.Routing.Tests.Sharding;

public sealed class ShardGateTests
{
    private readonly ManualTime _time = new();

    [Fact]
    public void A_push_that_has_entered_may_leave_only_while_the_lease_lasts()
    {
        var session = new ProvenSession { ProvedAliveAt = _time.GetTimestamp() };
        var gate = new ShardGate(session, _time).Before(new TenantGate(_time, () => 1));

        var turn = gate.Enter(1);

        Assert.Equal((TimeSpan.Zero, true), (turn.Wait, gate.IsOpen));
        _time.Advance(BrokerLimits.LeaseMax); // the process stood still
        Assert.False(gate.IsOpen);
        session.ProvedAliveAt = _time.GetTimestamp();
        Assert.True(gate.IsOpen);
    }

    [Fact]
    public void What_was_parked_leaves_only_while_its_own_session_lasts_too()
    {
        var shard = new ProvenSession { ProvedAliveAt = _time.GetTimestamp() };
        var drain = new ProvenSession { ProvedAliveAt = _time.GetTimestamp() };
        var gate = new ShardGate(shard, _time).Before(new TenantGate(_time, () => 1));
        gate.Open(drain);

        gate.Enter(1);
        _time.Advance(BrokerLimits.LeaseMax);
        shard.ProvedAliveAt = _time.GetTimestamp();

        Assert.False(gate.IsOpen);
        drain.ProvedAliveAt = _time.GetTimestamp();
        Assert.True(gate.IsOpen);
        gate.Shut();
        Assert.False(gate.IsOpen);
    }

    private sealed class ProvenSession : IBrokerSession
    {
        public long ProvedAliveAt { get; set; }

        public ValueTask ConsumeAsync(string queue, QueueUse use, CancellationToken cancel) =>
            throw new NotSupportedException();

        public ValueTask<BrokerMessage> ReadAsync(CancellationToken cancel) => throw new NotSupportedException();

        public void Acknowledge(BrokerMessage message) => throw new NotSupportedException();

        public ValueTask<QueueDepth> InspectAsync(string queue, CancellationToken cancel) =>
            throw new NotSupportedException();

        public ValueTask<long> CountAsync(string queue, CancellationToken cancel) => throw new NotSupportedException();

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
