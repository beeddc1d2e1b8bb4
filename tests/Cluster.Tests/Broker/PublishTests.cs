using Weir.Node.RabbitMq;
using Weir.Routing.Language;
using Weir.Routing.Ports;

namespace Weir.Cluster.Tests.Broker;

/// <summary>What a real broker makes of messages that are handed to it.</summary>
[Collection(BrokerCollection.Name)]
public sealed class PublishTests(BrokerFixture fixture)
{
    private const int Kibibyte = 1024;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Messages_are_confirmed_and_arrive_in_the_order_of_calls()
    {
        await using var client = fixture.Connect();
        var queue = fixture.NewQueue();

        await client.FillAsync(queue, 300, 40 * Kibibyte);

        await using var session = await client.ConsumeAsync(queue);
        var first = (await BrokerClient.ReadAsync(session, 1))[0];
        Assert.Equal((40 * Kibibyte, false), (first.Body.Length, first.IsRedelivered));
        Assert.Equal(0, BrokerClient.NumberOf(first));
        session.Acknowledge(first);
        Assert.Equal(Enumerable.Range(1, 299), await BrokerClient.TakeAsync(session, 299));
    }

    [Fact]
    public async Task A_full_queue_refuses_and_takes_again_once_it_is_read()
    {
        const long QueueBytes = 1 << 20;
        await using var client = fixture.Connect(options => options with
        {
            Sizes = new QueueSizes { Shard = QueueBytes },
        });
        var queue = fixture.NewQueue();
        await client.Broker.DeclareAsync(queue, QueueUse.Shard, default);
        var taken = new List<int>();
        var next = 0;
        for (; ; next++)
        {
            var outcome = await client.Broker
                .PublishAsync(queue, BrokerClient.Message(next, 100 * Kibibyte), default).WaitAsync(Patience);
            if (outcome == PublishOutcome.Refused) break;
            Assert.Equal(PublishOutcome.Confirmed, outcome);
            taken.Add(next);
            Assert.True(next < 100, "the queue has no limit");
        }

        await using var session = await client.ConsumeAsync(queue);
        var read = await BrokerClient.ReadAsync(session, taken.Count);
        foreach (var message in read) session.Acknowledge(message);
        PublishOutcome again;
        do again = await client.Broker.PublishAsync(queue, BrokerClient.Message(next, 100 * Kibibyte), default);
        while (again == PublishOutcome.Refused); // until the broker has noticed

        Assert.InRange(taken.Count, 10, 30);
        Assert.Equal(PublishOutcome.Confirmed, again);
        Assert.Equal(next, BrokerClient.NumberOf((await BrokerClient.ReadAsync(session, 1))[0]));
    }

    [Fact]
    public async Task A_queue_that_is_gone_is_made_again()
    {
        await using var client = fixture.Connect();
        var queue = fixture.NewQueue();
        await client.FillAsync(queue, 1);
        await fixture.Server.ControlAsync("delete_queue", queue);

        var first = await client.Broker.PublishAsync(queue, BrokerClient.Message(1), default).WaitAsync(Patience);
        var second = await client.Broker.PublishAsync(queue, BrokerClient.Message(2), default).WaitAsync(Patience);

        Assert.Equal((PublishOutcome.Refused, PublishOutcome.Confirmed), (first, second));
        await using var session = await client.ConsumeAsync(queue);
        Assert.Equal(2, BrokerClient.NumberOf((await BrokerClient.ReadAsync(session, 1))[0]));
    }

    [Fact]
    public async Task A_queue_of_other_settings_is_used_and_said()
    {
        await using var client = fixture.Connect();
        await using var other = fixture.Connect(options => options with
        {
            Sizes = new QueueSizes { Shard = 12345678 },
        });
        var queue = fixture.NewQueue();
        await client.FillAsync(queue, 1);

        await other.FillAsync(queue, 1);

        Assert.Contains(other.Log.Lines, line => line.Contains("exists with other settings", StringComparison.Ordinal)
            && line.Contains("x-max-length-bytes", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_alarm_of_the_broker_sends_nothing_until_it_is_over()
    {
        await using var client = fixture.Connect();
        var queue = fixture.NewQueue();
        await client.FillAsync(queue, 1);
        await fixture.Server.ControlAsync("set_vm_memory_high_watermark", "absolute", "1MB");

        // Told so only once it sends something: what is under way then is taken when the alarm is over.
        var under = client.Broker.PublishAsync(queue, BrokerClient.Message(1), default);
        await client.UntilAsync(status => status.BlockedBy.Length > 0, "an alarm");
        var during = await client.Broker.PublishAsync(queue, BrokerClient.Message(2), default).WaitAsync(Patience);
        var isHeard = await client.Broker.SendAsync(null, BrokerClient.Message(3), default);
        await fixture.Server.ControlAsync("set_vm_memory_high_watermark", "0.4");
        await client.UntilAsync(status => status.BlockedBy.Length == 0, "the end of the alarm");
        var after = await client.Broker.PublishAsync(queue, BrokerClient.Message(4), default).WaitAsync(Patience);

        Assert.Equal(PublishOutcome.NotSent, during);
        Assert.False(isHeard);
        Assert.Equal((PublishOutcome.Confirmed, PublishOutcome.Confirmed), (await under.WaitAsync(Patience), after));
        Assert.Contains(client.Log.Lines, line => line.Contains("the broker takes nothing", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_wrong_password_is_said_with_what_to_do_and_never_shown()
    {
        await using var client = fixture.Connect(options => options with
        {
            Username = "guest",
            Password = new Secret("wr0ng-secret"),
        });

        await client.UntilAsync(status => status.LastError.Contains("password", StringComparison.Ordinal), "an error");
        var outcome = await client.Broker.PublishAsync("q", BrokerClient.Message(1), default).WaitAsync(Patience);

        Assert.Equal(PublishOutcome.NotSent, outcome);
        Assert.Contains("does not take the credentials: check the user name", client.Broker.Status.LastError,
            StringComparison.Ordinal);
        Assert.DoesNotContain("wr0ng-secret", client.Broker.Status + string.Join('\n', client.Log.Lines),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_virtual_host_that_does_not_exist_is_said_with_what_to_do()
    {
        await using var client = fixture.Connect(options => options with
        {
            Brokers = [options.Brokers[0] with { VirtualHost = "nowhere" }],
        });

        await client.UntilAsync(status => status.LastError.Contains("nowhere", StringComparison.Ordinal), "an error");

        Assert.Contains("rabbitmqctl add_vhost", client.Broker.Status.LastError, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_next_broker_of_the_list_serves_where_one_is_away()
    {
        await using var client = fixture.Connect(options => options with
        {
            Brokers = [options.Brokers[0] with { Port = 1 }, .. options.Brokers],
        });

        await client.FillAsync(fixture.NewQueue(), 1);

        Assert.Equal($"127.0.0.1:{fixture.Server.Port}", client.Broker.Status.Node);
    }
}
