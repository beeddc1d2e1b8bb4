using System.Threading.Channels;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using Weir.Routing.Ports;

namespace Weir.Node.RabbitMq;

/// <summary>Messages between nodes: one exchange a cluster, a queue a node that dies with its connection. Nothing of it
/// is durable.</summary>
internal sealed class NodeMessages(
    BrokerConnection publishing, BrokerConnection consuming, RabbitMqOptions options, BrokerEvents events,
    TimeProvider time) : INodeMessages, IDisposable
{
    private const string ToAll = "all";

    /// <summary>Unread here and on the broker at the most; the oldest go first.</summary>
    private const int InboxMax = 1000;
    private const long QueueBytesMax = 16L << 20;

    private static readonly TimeSpan ReopenAfter = TimeSpan.FromSeconds(1);

    private readonly Channel<ReadOnlyMemory<byte>> _inbox = Channel.CreateBounded<ReadOnlyMemory<byte>>(
        new BoundedChannelOptions(InboxMax) { FullMode = BoundedChannelFullMode.DropOldest },
        _ => events.NodeMessageDropped());

    private readonly SemaphoreSlim _turn = new(1, 1);
    private IChannel? _outbox;

    private string Exchange => $"{options.Cluster}.nodes";

    public async ValueTask<bool> SendAsync(string? node, ReadOnlyMemory<byte> message, CancellationToken cancel)
    {
        if (publishing.Current is not { } connection || publishing.BlockedBy.Length > 0) return false;
        await _turn.WaitAsync(cancel);
        try
        {
            if (_outbox is not { IsOpen: true }) _outbox = await OpenAsync(connection, cancel);
            await _outbox.BasicPublishAsync(Exchange, node ?? ToAll, mandatory: false, message, cancel);
            return true;
        }
        catch (Exception fault) when (BrokerFault.IsOne(fault) && !cancel.IsCancellationRequested)
        {
            return false;
        }
        finally
        {
            _turn.Release();
        }
    }

    public ValueTask<ReadOnlyMemory<byte>> ReceiveAsync(CancellationToken cancel) => _inbox.Reader.ReadAsync(cancel);

    /// <summary>Keeps the node's queue until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        while (true)
        {
            try
            {
                await using var channel = await OpenAsync(await consuming.GetAsync(cancel), cancel);
                var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                channel.ChannelShutdownAsync += (_, _) =>
                {
                    ended.TrySetResult();
                    return Task.CompletedTask;
                };
                await ListenAsync(channel, cancel);
                if (channel.IsOpen) await ended.Task.WaitAsync(cancel);
            }
            catch (Exception fault) when (BrokerFault.IsOne(fault) && !cancel.IsCancellationRequested)
            {
                // The connection ended; it says so itself.
            }

            await Task.Delay(ReopenAfter, time, cancel);
        }
    }

    public void Dispose() => _turn.Dispose();

    private async ValueTask<IChannel> OpenAsync(IConnection connection, CancellationToken cancel)
    {
        var channel = await connection.CreateChannelAsync(cancellationToken: cancel);
        await channel.ExchangeDeclareAsync(Exchange, ExchangeType.Direct, durable: true, cancellationToken: cancel);
        return channel;
    }

    private async ValueTask ListenAsync(IChannel channel, CancellationToken cancel)
    {
        var settings = new Dictionary<string, object?>
        {
            ["x-max-length-bytes"] = QueueBytesMax,
            ["x-overflow"] = "drop-head",
        };
        var queue = await channel.QueueDeclareAsync(
            "", durable: false, exclusive: true, autoDelete: true, settings, cancellationToken: cancel);
        foreach (var key in (string[])[ToAll, options.Node])
            await channel.QueueBindAsync(queue.QueueName, Exchange, key, cancellationToken: cancel);
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += (_, received) =>
        {
            _inbox.Writer.TryWrite(received.Body.ToArray());
            return Task.CompletedTask;
        };
        await channel.BasicConsumeAsync(queue.QueueName, autoAck: true, consumer, cancel);
    }
}
