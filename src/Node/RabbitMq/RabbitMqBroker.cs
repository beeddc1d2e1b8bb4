using System.Collections.Concurrent;
using System.Text;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using Weir.Routing;
using Weir.Routing.Actors;
using Weir.Routing.Ports;

namespace Weir.Node.RabbitMq;

/// <summary>The brokers of a cluster, as a node reaches them: a connection that publishes and one that consumes, for a
/// broker in alarm stops reading from the first and must go on hearing acknowledgements from the second.</summary>
internal sealed class RabbitMqBroker : IBroker, INodeMessages, IAsyncDisposable
{
    private static readonly TimeSpan DeclareAgainAfter = TimeSpan.FromSeconds(1);

    private readonly RabbitMqOptions _options;
    private readonly BrokerEvents _events;
    private readonly TimeProvider _time;
    private readonly BrokerConnection _publishing;
    private readonly BrokerConnection _consuming;
    private readonly Publisher _publisher;
    private readonly NodeMessages _messages;
    private readonly ConcurrentDictionary<string, QueueUse> _uses = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task[] _work;

    /// <summary>Connects in the background, for as long as it lives.</summary>
    public RabbitMqBroker(
        RabbitMqOptions options, RoutingEvents routing, BrokerEvents events, TimeProvider time, Random random)
    {
        _options = options;
        _events = events;
        _time = time;
        _publishing = new BrokerConnection("publishing", options, events, time, new Random(random.Next()));
        _consuming = new BrokerConnection("consuming", options, events, time, new Random(random.Next()));
        _publisher = new Publisher(_publishing, TryDeclareAsync, events, time);
        _messages = new NodeMessages(_publishing, _consuming, options, events, time);
        _work =
        [
            Run("publishing connection", _publishing.RunAsync),
            Run("consuming connection", _consuming.RunAsync),
            Run("publisher", _publisher.RunAsync),
            Run("node messages", _messages.RunAsync),
        ];
        Task Run(string name, Func<CancellationToken, Task> run) => Supervision.RunAsync(
            $"broker {name}", run, RestartPolicy.Forever, routing, time, _stop.Token);
    }

    public BrokerStatus Status => new(
        _publishing.IsConnected && _consuming.IsConnected, _publishing.Node, _publishing.BlockedBy,
        _publishing.LastError.Length > 0 ? _publishing.LastError : _consuming.LastError);

    public async ValueTask DeclareAsync(string queue, QueueUse use, CancellationToken cancel)
    {
        _uses[queue] = use;
        while (true)
        {
            var connection = await _consuming.GetAsync(cancel);
            if (await TryDeclareAsync(connection, queue, use, cancel)) return;
            await Task.Delay(DeclareAgainAfter, _time, cancel);
        }
    }

    public Task<PublishOutcome> PublishAsync(string queue, ReadOnlyMemory<byte> message, CancellationToken cancel) =>
        _publisher.PublishAsync(queue, message, type: null, cancel);

    public async ValueTask<IBrokerSession> OpenSessionAsync(CancellationToken cancel)
    {
        while (true)
        {
            var connection = await _consuming.GetAsync(cancel);
            try
            {
                var channel = await connection.CreateChannelAsync(cancellationToken: cancel);
                return new RabbitMqSession(channel, MarkAsync, _events, _time);
            }
            catch (Exception fault) when (BrokerFault.IsOne(fault) && !cancel.IsCancellationRequested)
            {
                await Task.Delay(DeclareAgainAfter, _time, cancel); // the connection ended; it says so itself
            }
        }
    }

    public ValueTask<bool> SendAsync(string? node, ReadOnlyMemory<byte> message, CancellationToken cancel) =>
        _messages.SendAsync(node, message, cancel);

    public ValueTask<ReadOnlyMemory<byte>> ReceiveAsync(CancellationToken cancel) => _messages.ReceiveAsync(cancel);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        foreach (var task in _work) await task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _publisher.Dispose();
        _messages.Dispose();
        _stop.Dispose();
    }

    private Task<PublishOutcome> MarkAsync(string queue, ReadOnlyMemory<byte> mark, CancellationToken cancel) =>
        _publisher.PublishAsync(queue, mark, RabbitMqSession.MarkType, cancel);

    private async ValueTask<bool> TryDeclareAsync(string queue, CancellationToken cancel) =>
        _consuming.Current is { } connection && _uses.TryGetValue(queue, out var use)
        && await TryDeclareAsync(connection, queue, use, cancel);

    private async ValueTask<bool> TryDeclareAsync(
        IConnection connection, string queue, QueueUse use, CancellationToken cancel)
    {
        try
        {
            var exists = await ExistsAsync(connection, queue, cancel);
            await using var channel = await connection.CreateChannelAsync(cancellationToken: cancel);
            await channel.QueueDeclareAsync(
                queue, durable: true, exclusive: false, autoDelete: false,
                QueueSettings.Of(use, _options.Sizes, VersionOf(connection)), cancellationToken: cancel);
            if (!exists) await Task.Delay(_options.NewQueueSettles, _time, cancel);
            return true;
        }
        catch (OperationInterruptedException other)
            when (other.ShutdownReason?.ReplyCode == BrokerFault.PreconditionFailed)
        {
            // It is there, made by another version or with other sizes: better used than refused.
            _events.QueueDiffers(queue, other.ShutdownReason.ReplyText);
            return true;
        }
        catch (Exception fault) when (BrokerFault.IsOne(fault) && !cancel.IsCancellationRequested)
        {
            return false;
        }
    }

    private static async ValueTask<bool> ExistsAsync(IConnection connection, string queue, CancellationToken cancel)
    {
        try
        {
            await using var channel = await connection.CreateChannelAsync(cancellationToken: cancel);
            await channel.QueueDeclarePassiveAsync(queue, cancel);
            return true;
        }
        catch (OperationInterruptedException absent) when (absent.ShutdownReason?.ReplyCode == BrokerFault.NotFound)
        {
            return false;
        }
    }

    private static string VersionOf(IConnection connection) =>
        connection.ServerProperties is { } facts && facts.TryGetValue("version", out var version)
            && version is byte[] text ? Encoding.UTF8.GetString(text) : "";
}
