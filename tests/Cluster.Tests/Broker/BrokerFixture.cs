using Weir.Cluster.Tests.Support;
using Weir.Node.RabbitMq;
using Weir.Routing;
using Weir.Routing.Language;
using Weir.Routing.Metrics;
using Weir.Routing.Ports;
using Weir.Support;

namespace Weir.Cluster.Tests.Broker;

/// <summary>Those who share a broker, for it takes seconds to start.</summary>
[CollectionDefinition(Name)]
public sealed class BrokerCollection : ICollectionFixture<BrokerFixture>
{
    public const string Name = "one broker";
}

/// <summary>One real RabbitMQ node, and connections to it.</summary>
public sealed class BrokerFixture : IAsyncLifetime
{
    private int _queues;

    public RabbitMqServer Server { get; private set; } = null!;

    public async Task InitializeAsync() => Server = await RabbitMqServer.StartAsync();

    public async Task DisposeAsync() => await Server.DisposeAsync();

    /// <summary>A name that no other test uses.</summary>
    public string NewQueue() => $"test.{Interlocked.Increment(ref _queues)}";

    internal BrokerClient Connect(
        Func<RabbitMqOptions, RabbitMqOptions>? change = null, bool isToBeKilled = false)
    {
        if (!BrokerAddress.TryParse(Server.Url, out var address, out var problem))
            throw new InvalidOperationException(problem);
        var options = new RabbitMqOptions
        {
            Brokers = [address],
            Cluster = "test",
            Node = "n1",
            DisplayName = "n1",
        };
        options = options with { NewQueueSettles = isToBeKilled ? options.NewQueueSettles : TimeSpan.Zero };
        return new BrokerClient(change is null ? options : change(options));
    }
}

/// <summary>A node's side of the broker, and what it said.</summary>
internal sealed class BrokerClient : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public BrokerClient(RabbitMqOptions options)
    {
        var time = TimeProvider.System;
        Broker = new RabbitMqBroker(
            options, new RoutingEvents(Log, Metrics), new BrokerEvents(Log, Metrics, time), time, new Random(1));
    }

    public RecordingLog Log { get; } = new();

    public MetricRegistry Metrics { get; } = new();

    public RabbitMqBroker Broker { get; }

    public static byte[] Message(int number, int bytes = 8)
    {
        var message = new byte[Math.Max(bytes, sizeof(int))];
        BitConverter.TryWriteBytes(message, number);
        return message;
    }

    public static int NumberOf(BrokerMessage message) => BitConverter.ToInt32(message.Body.Span);

    /// <summary>Declares the queue and puts messages 0, 1, … into it.</summary>
    public async Task FillAsync(string queue, int messages, int bytes = 8)
    {
        await Broker.DeclareAsync(queue, QueueUse.Shard, default);
        var outcomes = await Task.WhenAll(Enumerable.Range(0, messages).Select(
            number => Broker.PublishAsync(queue, Message(number, bytes), default))).WaitAsync(Patience);
        Assert.All(outcomes, outcome => Assert.Equal(PublishOutcome.Confirmed, outcome));
    }

    public async Task<IBrokerSession> ConsumeAsync(string queue)
    {
        var session = await Broker.OpenSessionAsync(default).AsTask().WaitAsync(Patience);
        await session.ConsumeAsync(queue, QueueUse.Shard, default);
        return session;
    }

    public static async Task<List<BrokerMessage>> ReadAsync(IBrokerSession session, int count)
    {
        using var late = new CancellationTokenSource(Patience);
        var read = new List<BrokerMessage>();
        while (read.Count < count) read.Add(await session.ReadAsync(late.Token));
        return read;
    }

    /// <summary>Acknowledges what it reads.</summary>
    /// <returns>Their numbers.</returns>
    public static async Task<List<int>> TakeAsync(IBrokerSession session, int count)
    {
        using var late = new CancellationTokenSource(Patience);
        var taken = new List<int>();
        while (taken.Count < count)
        {
            var message = await session.ReadAsync(late.Token);
            taken.Add(NumberOf(message));
            session.Acknowledge(message);
        }

        return taken;
    }

    /// <summary>Waits until a fact about the broker holds.</summary>
    public async Task UntilAsync(Func<BrokerStatus, bool> holds, string missing)
    {
        using var late = new CancellationTokenSource(Patience);
        while (!holds(Broker.Status))
        {
            Assert.False(late.IsCancellationRequested, $"still missing: {missing}; it is {Broker.Status}");
            await Task.Delay(20, CancellationToken.None);
        }
    }

    public ValueTask DisposeAsync() => Broker.DisposeAsync();
}
