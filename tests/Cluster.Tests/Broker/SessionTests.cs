using Weir.Routing.Ports;

namespace Weir.Cluster.Tests.Broker;

/// <summary>What a real broker gives to those who consume.</summary>
[Collection(BrokerCollection.Name)]
public sealed class SessionTests(BrokerFixture fixture)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly int InHandMax = BrokerLimits.InHandMax(QueueUse.Shard);

    [Fact]
    public async Task What_a_session_held_goes_in_order_to_the_one_that_waits()
    {
        await using var client = fixture.Connect();
        await using var other = fixture.Connect();
        var queue = fixture.NewQueue();
        await client.FillAsync(queue, 20);
        var first = await client.ConsumeAsync(queue);
        await using var second = await other.ConsumeAsync(queue);
        var held = await BrokerClient.ReadAsync(first, 20);
        var waiting = second.ReadAsync(default).AsTask();
        foreach (var done in (int[])[0, 1, 2, 5, 9]) first.Acknowledge(held[done]);

        Assert.Equal(new QueueDepth(0, IsOwn: false), await second.InspectAsync(queue, default));
        Assert.False(waiting.IsCompleted);
        await first.DisposeAsync();

        BrokerMessage[] rest = [await waiting.WaitAsync(Patience), .. await BrokerClient.ReadAsync(second, 14)];
        Assert.Equal([3, 4, 6, 7, 8, .. Enumerable.Range(10, 10)], rest.Select(BrokerClient.NumberOf));
        Assert.All(rest, message => Assert.True(message.IsRedelivered));
        Assert.Equal(new QueueDepth(0, IsOwn: true), await second.InspectAsync(queue, default));
    }

    [Fact]
    public async Task What_was_given_back_again_and_again_comes_in_order()
    {
        await using var client = fixture.Connect();
        var queue = fixture.NewQueue();
        await client.FillAsync(queue, InHandMax + 20);
        for (var begun = 0; begun < 12; begun += 3)
        {
            await using var session = await client.ConsumeAsync(queue);
            var held = await BrokerClient.ReadAsync(session, InHandMax);
            Assert.Equal(Enumerable.Range(begun, InHandMax), held.Select(BrokerClient.NumberOf));
            foreach (var done in held[..3]) session.Acknowledge(done);
            await BrokerClient.ReadAsync(session, 3); // behind those that came back
        }

        await using var last = await client.ConsumeAsync(queue);
        var rest = await BrokerClient.TakeAsync(last, InHandMax + 20 - 12);

        Assert.Equal(Enumerable.Range(12, InHandMax + 20 - 12), rest);
    }

    [Fact]
    public async Task A_queue_is_not_known_as_own_before_all_of_it_was_read()
    {
        await using var client = fixture.Connect();
        var queue = fixture.NewQueue();
        await client.FillAsync(queue, 3);
        await using var session = await client.ConsumeAsync(queue);

        var before = await session.InspectAsync(queue, default);
        await BrokerClient.ReadAsync(session, 3);
        var after = await session.InspectAsync(queue, default);

        Assert.Equal(3, before.Unread); // whether it is our own is known for sure only where nothing is unread
        Assert.Equal(new QueueDepth(0, IsOwn: true), after);
    }

    [Fact]
    public async Task Only_so_many_messages_are_delivered_ahead()
    {
        await using var client = fixture.Connect();
        var queue = fixture.NewQueue();
        await client.FillAsync(queue, InHandMax + 16);

        await using var session = await client.ConsumeAsync(queue);
        var first = await BrokerClient.ReadAsync(session, InHandMax);
        var unread = (await session.InspectAsync(queue, default)).Unread;
        foreach (var message in first[..8]) session.Acknowledge(message);
        var rest = await BrokerClient.ReadAsync(session, 8);

        Assert.Equal(16, unread);
        Assert.Equal(InHandMax, BrokerClient.NumberOf(rest[0]));
    }

    [Fact]
    public async Task A_session_is_proved_alive_again_and_again()
    {
        await using var client = fixture.Connect();
        var queue = fixture.NewQueue();
        await client.FillAsync(queue, 1);
        await using var session = await client.ConsumeAsync(queue);
        var first = session.ProvedAliveAt;

        using var late = new CancellationTokenSource(Patience);
        while (session.ProvedAliveAt == first) await Task.Delay(50, late.Token);

        Assert.True(session.ProvedAliveAt > first);
        Assert.True(TimeProvider.System.GetElapsedTime(session.ProvedAliveAt) < BrokerLimits.LeaseMax);
    }

    [Fact]
    public async Task A_queue_taken_away_ends_the_session()
    {
        await using var client = fixture.Connect();
        var queue = fixture.NewQueue();
        await client.FillAsync(queue, 1);
        await using var session = await client.ConsumeAsync(queue);
        var held = await BrokerClient.ReadAsync(session, 1);

        await fixture.Server.ControlAsync("delete_queue", queue);

        await Assert.ThrowsAsync<BrokerSessionLostException>(
            () => session.ReadAsync(default).AsTask().WaitAsync(Patience));
        session.Acknowledge(held[0]);
        await Assert.ThrowsAsync<BrokerSessionLostException>(
            () => session.InspectAsync(queue, default).AsTask().WaitAsync(Patience));
    }

    [Fact]
    public async Task Node_messages_reach_all_or_the_one_they_are_for()
    {
        await using var one = fixture.Connect(options => options with { Cluster = "talk", Node = "one" });
        await using var two = fixture.Connect(options => options with { Cluster = "talk", Node = "two" });
        await HeardAsync(one, "one");
        await HeardAsync(two, "two");

        await one.Broker.SendAsync(null, new byte[] { 1 }, default);
        await one.Broker.SendAsync("two", new byte[] { 2 }, default);
        await two.Broker.SendAsync("one", new byte[] { 3 }, default);

        // What goes to all and what goes to one take different ways: either may come first.
        Assert.Equal(new byte[] { 1, 3 }, new[] { await NextAsync(one), await NextAsync(one) }.Order());
        Assert.Equal(new byte[] { 1, 2 }, new[] { await NextAsync(two), await NextAsync(two) }.Order());
    }

    /// <summary>Waits until a node hears itself: what is sent before is heard by nobody.</summary>
    private static async Task HeardAsync(BrokerClient client, string node)
    {
        using var late = new CancellationTokenSource(Patience);
        var heard = client.Broker.ReceiveAsync(late.Token).AsTask();
        while (!heard.IsCompleted)
        {
            await client.Broker.SendAsync(node, new byte[] { 0 }, default);
            await Task.WhenAny(heard, Task.Delay(50, late.Token));
        }

        await heard;
    }

    private static async Task<byte> NextAsync(BrokerClient client)
    {
        while (true)
        {
            var message = await client.Broker.ReceiveAsync(default).AsTask().WaitAsync(Patience);
            if (message.Span[0] != 0) return message.Span[0];
        }
    }
}
