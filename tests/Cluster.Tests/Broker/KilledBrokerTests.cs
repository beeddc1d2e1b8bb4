using Weir.Routing.Ports;

namespace Weir.Cluster.Tests.Broker;

/// <summary>A broker that is killed and comes back: what it confirmed is there.</summary>
[Collection(BrokerCollection.Name)]
public sealed class KilledBrokerTests(BrokerFixture fixture)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Nothing_confirmed_is_lost_when_the_broker_is_killed()
    {
        const int AtLeast = 100;
        await using var client = fixture.Connect(isToBeKilled: true);
        var queue = fixture.NewQueue();
        await client.Broker.DeclareAsync(queue, QueueUse.Shard, default);
        await using var session = await client.ConsumeAsync(queue);
        var confirmed = new List<int>();
        var publishing = PublishAsync(client, queue, confirmed, AtLeast);

        await publishing.WaitAsync(Patience);
        await Assert.ThrowsAsync<BrokerSessionLostException>(async () =>
        {
            while (true) await session.ReadAsync(default).AsTask().WaitAsync(Patience);
        });
        Assert.Equal(PublishOutcome.NotSent,
            await client.Broker.PublishAsync(queue, BrokerClient.Message(-1), default).WaitAsync(Patience));
        Assert.False(client.Broker.Status.IsConnected);
        await fixture.Server.ReturnAsync();
        await client.UntilAsync(status => status.IsConnected, "a connection");
        await using var next = await client.ConsumeAsync(queue);
        var read = new List<int>();
        while (!confirmed.All(read.Contains))
            read.AddRange(await BrokerClient.TakeAsync(next, 1));

        Assert.True(confirmed.Count >= AtLeast);
        Assert.Equal(read.Order(), read);
    }

    /// <summary>One message on its way at a time; the broker is killed under it.</summary>
    private async Task PublishAsync(
        BrokerClient client, string queue, List<int> confirmed, int killAfter)
    {
        Task killed = Task.CompletedTask;
        for (var number = 0; ; number++)
        {
            if (number == killAfter) killed = fixture.Server.KillAsync();
            var outcome = await client.Broker.PublishAsync(queue, BrokerClient.Message(number, 1000), default);
            if (outcome != PublishOutcome.Confirmed) break;
            confirmed.Add(number);
        }

        await killed;
    }
}
