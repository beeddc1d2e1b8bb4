using System.Buffers;
using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Threading.Channels;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using Weir.Routing.Ports;

namespace Weir.Node.RabbitMq;

/// <summary>One channel that consumes. Closed or lost, the broker gives what it had in hand to the next, in
/// order.</summary>
internal sealed class RabbitMqSession : IBrokerSession
{
    /// <summary>Type of messages by which a session finds out whether a queue is its own: not for readers.</summary>
    public const string MarkType = "weir.mark";

    private static readonly TimeSpan ProveEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan MarkWaitMax = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(5);

    private readonly IChannel _channel;
    private readonly Func<string, ReadOnlyMemory<byte>, CancellationToken, Task<PublishOutcome>> _mark;
    private readonly BrokerEvents _events;
    private readonly TimeProvider _time;
    private readonly Channel<BrokerMessage> _delivered = Channel.CreateUnbounded<BrokerMessage>(); // by the prefetch
    private readonly AcknowledgementSender _acknowledgements;
    private readonly ConcurrentDictionary<string, int> _unread = new(StringComparer.Ordinal); // of the queues consumed
    private readonly ConcurrentDictionary<Guid, TaskCompletionSource> _marks = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _proving;
    private long _provedAliveAt;
    private int _ended; // 1 once closed or lost

    /// <param name="mark">Publishes a mark to a queue.</param>
    public RabbitMqSession(
        IChannel channel, Func<string, ReadOnlyMemory<byte>, CancellationToken, Task<PublishOutcome>> mark,
        BrokerEvents events, TimeProvider time)
    {
        _channel = channel;
        _mark = mark;
        _events = events;
        _time = time;
        _provedAliveAt = time.GetTimestamp();
        _acknowledgements = new AcknowledgementSender(channel);
        channel.ChannelShutdownAsync += (_, reason) => EndedAsync(reason.ReplyText);
        if (channel.CloseReason is { } already) Lose(already.ReplyText);
        _proving = ProveAsync(_stop.Token);
    }

    public long ProvedAliveAt => Volatile.Read(ref _provedAliveAt);

    public async ValueTask ConsumeAsync(string queue, QueueUse use, CancellationToken cancel)
    {
        _unread.TryAdd(queue, 0);
        try
        {
            await _channel.BasicQosAsync(0, (ushort)BrokerLimits.InHandMax(use), global: false, cancel);
            await _channel.BasicConsumeAsync(queue, autoAck: false, new Consumer(this, queue), cancel);
        }
        catch (Exception fault) when (BrokerFault.IsOne(fault) && !cancel.IsCancellationRequested)
        {
            throw Lose(fault.Message);
        }
    }

    public async ValueTask<BrokerMessage> ReadAsync(CancellationToken cancel)
    {
        try
        {
            var message = await _delivered.Reader.ReadAsync(cancel);
            _unread.AddOrUpdate(message.Queue, 0, static (_, unread) => unread - 1);
            return message;
        }
        catch (ChannelClosedException ended)
        {
            throw ended.InnerException as BrokerSessionLostException
                ?? new BrokerSessionLostException("the session was closed");
        }
    }

    public void Acknowledge(BrokerMessage message)
    {
        // Given back only here: after a loss somebody may still be sending it.
        if (_acknowledgements.TryAdd(message.Tag) && MemoryMarshal.TryGetArray(message.Body, out var body))
            ArrayPool<byte>.Shared.Return(body.Array!);
    }

    public async ValueTask<QueueDepth> InspectAsync(string queue, CancellationToken cancel)
    {
        try
        {
            var found = await _channel.QueueDeclarePassiveAsync(queue, cancel);
            var unread = found.MessageCount + _unread.GetValueOrDefault(queue);
            if (unread > 0 || !_unread.ContainsKey(queue) || !await IsMarkedAsync(queue, cancel))
                return new QueueDepth(unread, IsOwn: false);
            return new QueueDepth(_unread.GetValueOrDefault(queue), IsOwn: true);
        }
        catch (Exception fault) when (BrokerFault.IsOne(fault) && !cancel.IsCancellationRequested)
        {
            throw Lose(fault.Message);
        }
    }

    public async ValueTask<long> CountAsync(string queue, CancellationToken cancel)
    {
        try
        {
            return (await _channel.QueueDeclarePassiveAsync(queue, cancel)).MessageCount;
        }
        catch (Exception fault) when (BrokerFault.IsOne(fault) && !cancel.IsCancellationRequested)
        {
            throw Lose(fault.Message);
        }
    }

    public async ValueTask DisposeAsync()
    {
        var isFirst = Interlocked.Exchange(ref _ended, 1) == 0;
        _delivered.Writer.TryComplete(new BrokerSessionLostException("the session was closed"));
        await _stop.CancelAsync();
        await _proving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _acknowledgements.StopAsync(); // what is done with must not go to the next
        if (isFirst)
        {
            using var late = new CancellationTokenSource(CloseTimeout, _time);
            try
            {
                await _channel.CloseAsync(late.Token);
            }
            catch (Exception fault) when (BrokerFault.IsOne(fault))
            {
                // The connection ended first: closed either way.
            }
        }

        await _channel.DisposeAsync();
        _stop.Dispose();
    }

    /// <summary>Only who has a queue to itself gets what is put into it, and gets all that went before first.</summary>
    private async ValueTask<bool> IsMarkedAsync(string queue, CancellationToken cancel)
    {
        var id = Guid.NewGuid();
        var came = _marks[id] = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using var late = CancellationTokenSource.CreateLinkedTokenSource(cancel, _stop.Token);
        late.CancelAfter(MarkWaitMax);
        try
        {
            if (await _mark(queue, id.ToByteArray(), late.Token) != PublishOutcome.Confirmed) return false;
            await came.Task.WaitAsync(late.Token);
            return true;
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return false;
        }
        finally
        {
            _marks.TryRemove(id, out _);
        }
    }

    /// <summary>Asks the leader of each queue whether it still knows a consumer: the way of a message, there and
    /// back.</summary>
    private async Task ProveAsync(CancellationToken cancel)
    {
        try
        {
            while (true)
            {
                await Task.Delay(ProveEvery, _time, cancel);
                var asked = _time.GetTimestamp();
                var isKnown = _channel.IsOpen;
                foreach (var queue in _unread.Keys)
                    isKnown &= (await _channel.QueueDeclarePassiveAsync(queue, cancel)).ConsumerCount > 0;
                if (isKnown) Volatile.Write(ref _provedAliveAt, asked);
            }
        }
        catch (Exception fault) when (BrokerFault.IsOne(fault) && !cancel.IsCancellationRequested)
        {
            Lose(fault.Message);
        }
    }

    private void Deliver(Consumer consumer, ulong tag, bool isRedelivered, string? type, ReadOnlySpan<byte> body)
    {
        if (type == MarkType)
        {
            _acknowledgements.AddAlone(tag);
            if (body.Length == 16 && _marks.TryGetValue(new Guid(body), out var awaited)) awaited.TrySetResult();
            return;
        }

        _events.Consumed(isRedelivered);
        _acknowledgements.Delivered(tag);
        _unread.AddOrUpdate(consumer.Queue, 1, static (_, unread) => unread + 1);
        var rented = ArrayPool<byte>.Shared.Rent(body.Length);
        body.CopyTo(rented);
        _delivered.Writer.TryWrite(
            new BrokerMessage(consumer.Queue, tag, rented.AsMemory(0, body.Length), isRedelivered));
    }

    private Task EndedAsync(string reason)
    {
        Lose(reason);
        return Task.CompletedTask;
    }

    private BrokerSessionLostException Lose(string reason)
    {
        var lost = new BrokerSessionLostException(reason);
        _delivered.Writer.TryComplete(lost);
        if (Interlocked.Exchange(ref _ended, 1) == 0) _events.SessionLost(reason);
        return lost;
    }

    private sealed class Consumer(RabbitMqSession session, string queue)
        : AsyncDefaultBasicConsumer(session._channel)
    {
        public string Queue => queue;

        public override Task HandleBasicDeliverAsync(
            string consumerTag, ulong deliveryTag, bool redelivered, string exchange, string routingKey,
            IReadOnlyBasicProperties properties, ReadOnlyMemory<byte> body,
            CancellationToken cancellationToken = default)
        {
            session.Deliver(this, deliveryTag, redelivered, properties.Type, body.Span);
            return Task.CompletedTask;
        }

        /// <summary>The broker took the queue away.</summary>
        public override Task HandleBasicCancelAsync(
            string consumerTag, CancellationToken cancellationToken = default) =>
            session.EndedAsync($"the broker cancelled the consumer of {queue}");
    }
}
