using Weir.Routing.Ports;

namespace Weir.Routing.Tests.Sharding;

/// <summary>The double must be as strict as a broker, or the simulations over it show nothing.</summary>
public sealed class MemoryBrokerTests
{
    private readonly ManualTime _time = new();
    private readonly MemoryBroker _broker;

    public MemoryBrokerTests() => _broker = new MemoryBroker(_time, new Random(1));

    [Fact]
    public async Task One_consumer_is_active_and_what_it_held_goes_in_order_to_the_next()
    {
        var (publisher, first, second) = (_broker.Connect("p"), _broker.Connect("a"), _broker.Connect("b"));
        await publisher.DeclareAsync("q", QueueUse.Shard, default);
        var one = await first.OpenSessionAsync(default);
        await one.ConsumeAsync("q", QueueUse.Shard, default);
        var two = await second.OpenSessionAsync(default);
        await two.ConsumeAsync("q", QueueUse.Shard, default);
        for (byte i = 0; i < 4; i++)
            Assert.Equal(PublishOutcome.Confirmed, await publisher.PublishAsync("q", new[] { i }, default));
        one.Acknowledge(await one.ReadAsync(default));
        await one.ReadAsync(default);

        Assert.Equal(new QueueDepth(0, IsOwn: false), await two.InspectAsync("q", default));
        first.Cut();

        await Assert.ThrowsAsync<BrokerSessionLostException>(async () => await one.ReadAsync(default));
        for (byte i = 1; i < 4; i++)
        {
            var message = await two.ReadAsync(default);
            Assert.Equal((i, true), (message.Body.Span[0], message.IsRedelivered));
        }
    }

    /// <summary>As in RabbitMQ: why <see cref="BrokerLimits.InHandMax"/> must not differ between sessions.</summary>
    [Fact]
    public async Task What_came_back_goes_behind_what_came_back_before()
    {
        var client = _broker.Connect("a");
        await client.DeclareAsync("q", QueueUse.Shard, default);
        for (byte i = 0; i < 6; i++) await client.PublishAsync("q", new[] { i }, default);
        foreach (var inHandMax in (int[])[4, 3])
        {
            _broker.InHandMax = inHandMax;
            await using var session = await client.OpenSessionAsync(default);
            await session.ConsumeAsync("q", QueueUse.Shard, default);
        }

        _broker.InHandMax = int.MaxValue;
        await using var last = await client.OpenSessionAsync(default);
        await last.ConsumeAsync("q", QueueUse.Shard, default);
        var came = new List<byte>();
        for (var i = 0; i < 6; i++) came.Add((await last.ReadAsync(default)).Body.Span[0]);

        Assert.Equal([3, 0, 1, 2, 4, 5], came);
    }

    [Fact]
    public async Task A_session_that_proves_nothing_is_given_up_and_its_late_acknowledgement_has_no_effect()
    {
        var client = _broker.Connect("a");
        await client.DeclareAsync("q", QueueUse.Shard, default);
        var schedule = new PausedContext();
        IBrokerSession? zombie = null;
        await schedule.RunAsync(async () => zombie = await client.OpenSessionAsync(default));
        await zombie!.ConsumeAsync("q", QueueUse.Shard, default);
        await client.PublishAsync("q", new byte[] { 1 }, default);
        var held = await zombie.ReadAsync(default);

        _time.Advance(MemoryBroker.SessionTimeout);
        zombie.Acknowledge(held);

        Assert.Single(_broker.Messages("q"));
    }

    [Fact]
    public async Task A_full_queue_refuses_and_a_cut_connection_leaves_no_answer()
    {
        var client = _broker.Connect("a");
        await client.DeclareAsync("q", QueueUse.Shard, default);
        _broker.QueueBytesMax = 3;

        Assert.Equal(PublishOutcome.Confirmed, await client.PublishAsync("q", new byte[3], default));
        Assert.Equal(PublishOutcome.Refused, await client.PublishAsync("q", new byte[1], default));
        Assert.Equal(PublishOutcome.Refused, await client.PublishAsync("unknown", new byte[1], default));
        _broker.LatencyMax = TimeSpan.FromSeconds(1);
        var underWay = client.PublishAsync("q", new byte[1], default);
        client.Cut();
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(PublishOutcome.Unknown, await underWay);
        Assert.Equal(PublishOutcome.NotSent, await client.PublishAsync("q", new byte[1], default));
    }

    /// <summary>Runs what is begun in it until its first wait and nothing after: a process that was stopped.</summary>
    private sealed class PausedContext : SynchronizationContext
    {
        public async Task RunAsync(Func<Task> begin)
        {
            var before = Current;
            SetSynchronizationContext(this);
            var begun = begin();
            SetSynchronizationContext(before);
            await begun;
        }

        public override void Post(SendOrPostCallback d, object? state)
        {
            // It stands still.
        }
    }
}
