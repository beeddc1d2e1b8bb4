using Weir.Routing.Actors;
using Weir.Routing.Ports;

namespace Weir.Support;

/// <summary>What a node has in hand of a <see cref="MemoryBroker"/>'s queues.</summary>
internal sealed class MemoryBrokerSession : IBrokerSession
{
    private static readonly TimeSpan ProveEvery = TimeSpan.FromSeconds(1);

    private readonly MemoryBroker _broker;
    private readonly Action<MemoryBrokerSession> _ended;
    private readonly List<MemoryConsumer> _consumers = [];
    private readonly Queue<QueuedMessage> _delivered = new();
    private readonly Signal _changed = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly ITimer _givenUp;
    private string? _lost;

    public MemoryBrokerSession(MemoryBroker broker, Action<MemoryBrokerSession> ended)
    {
        _broker = broker;
        _ended = ended;
        _givenUp = broker.Time.CreateTimer(
            _ => GiveUp(), null, MemoryBroker.SessionTimeout, Timeout.InfiniteTimeSpan);
        ProvedAliveAt = broker.Time.GetTimestamp();
        _ = ProveAsync();
    }

    public long ProvedAliveAt { get; private set; }

    public ValueTask ConsumeAsync(string queue, QueueUse use, CancellationToken cancel)
    {
        lock (_broker.Gate)
        {
            ThrowIfLost();
            var known = _broker.Find(queue) ?? throw new BrokerSessionLostException($"there is no queue {queue}");
            var inHandMax = BrokerLimits.InHandMax(use);
            if (use is QueueUse.Shard or QueueUse.Parked) inHandMax = Math.Min(inHandMax, _broker.InHandMax);
            var consumer = new MemoryConsumer(known, inHandMax, Deliver);
            _consumers.Add(consumer);
            known.Consumers.Add(consumer);
            known.Deliver();
        }

        return ValueTask.CompletedTask;
    }

    public async ValueTask<BrokerMessage> ReadAsync(CancellationToken cancel)
    {
        while (true)
        {
            lock (_broker.Gate)
            {
                ThrowIfLost();
                if (_delivered.TryDequeue(out var next))
                    return new BrokerMessage(next.Queue, (ulong)next.Id, next.Body, next.IsRedelivered);
            }

            await _changed.WaitAsync(cancel);
        }
    }

    public void Acknowledge(BrokerMessage message)
    {
        lock (_broker.Gate)
            foreach (var consumer in _consumers)
                if (consumer.TryAcknowledge((long)message.Tag))
                {
                    consumer.Queue.Deliver();
                    return;
                }
    }

    public ValueTask<QueueDepth> InspectAsync(string queue, CancellationToken cancel)
    {
        lock (_broker.Gate)
        {
            ThrowIfLost();
            var known = _broker.Find(queue) ?? throw new BrokerSessionLostException($"there is no queue {queue}");
            var unread = known.Ready + _delivered.Count(message => message.Queue == queue);
            var isOwn = known.Consumers.FirstOrDefault() is { } active && _consumers.Contains(active);
            return ValueTask.FromResult(new QueueDepth(unread, isOwn));
        }
    }

    public ValueTask<long> CountAsync(string queue, CancellationToken cancel)
    {
        lock (_broker.Gate)
        {
            ThrowIfLost();
            return ValueTask.FromResult<long>(_broker.Find(queue)?.Ready ?? 0);
        }
    }

    public ValueTask DisposeAsync()
    {
        lock (_broker.Gate) Lose("the session was closed");
        return ValueTask.CompletedTask;
    }

    /// <summary>Everything in hand goes back, in order. Under the gate.</summary>
    internal void Lose(string reason)
    {
        if (_lost is not null) return;
        _lost = reason;
        GiveBack();
        _stop.Cancel();
        _ended(this);
        _changed.Set();
    }

    /// <summary>The broker gives the session up; its holder, standing still, learns it when it looks.</summary>
    private void GiveUp()
    {
        lock (_broker.Gate) Lose("the broker heard nothing for too long");
    }

    private void GiveBack()
    {
        _givenUp.Dispose();
        _delivered.Clear();
        foreach (var consumer in _consumers)
        {
            consumer.Queue.Return(consumer.InHand);
            consumer.Queue.Consumers.Remove(consumer);
        }

        foreach (var consumer in _consumers) consumer.Queue.Deliver();
        _consumers.Clear();
    }

    private void Deliver(QueuedMessage message)
    {
        _delivered.Enqueue(message);
        _changed.Set();
    }

    private void ThrowIfLost()
    {
        if (_lost is not null) throw new BrokerSessionLostException(_lost);
    }

    private async Task ProveAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            await Task.Delay(ProveEvery, _broker.Time, _stop.Token).ConfigureAwait(
                ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
            lock (_broker.Gate)
            {
                if (_lost is not null) return;
                ProvedAliveAt = _broker.Time.GetTimestamp();
                _givenUp.Change(MemoryBroker.SessionTimeout, Timeout.InfiniteTimeSpan);
            }
        }
    }
}
