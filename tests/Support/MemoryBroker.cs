using Weir.Routing.Ports;

namespace Weir.Support;

/// <summary>A broker in memory that many nodes of a test connect to: quorum queues with one active consumer each, in
/// virtual time. What it confirmed outlives everybody.</summary>
public sealed class MemoryBroker(TimeProvider time, Random random)
{
    /// <summary>As a broker's heartbeats: a session without proof of life for this long is given up.</summary>
    public static readonly TimeSpan SessionTimeout = TimeSpan.FromSeconds(15);

    private readonly Dictionary<string, MemoryQueue> _queues = new(StringComparer.Ordinal);
    private readonly List<MemoryBrokerClient> _clients = [];
    private long _lastMessage;

    /// <summary>Of one queue's messages; fuller is refused.</summary>
    public long QueueBytesMax { get; set; } = long.MaxValue;

    /// <summary>Fragments in a consumer's hand at the most, where a test has too few for the true bound to matter. A
    /// change breaks what <see cref="BrokerLimits.InHandMax"/> promises.</summary>
    public int InHandMax { get; set; } = int.MaxValue;

    /// <summary>Longest way of a message to the broker, and of its confirm back.</summary>
    public TimeSpan LatencyMax { get; set; }

    /// <summary>Refuses everything sent to it, as a broker in alarm: not sent.</summary>
    public bool IsBlocked { get; set; }

    /// <summary>Everything that was ever confirmed or may have been, by queue, in order.</summary>
    public Dictionary<string, List<byte[]>> Journal { get; } = new(StringComparer.Ordinal);

    public IEnumerable<string> Queues
    {
        get
        {
            lock (Gate) return [.. _queues.Keys];
        }
    }

    internal Lock Gate { get; } = new();

    internal TimeProvider Time => time;

    /// <summary>A node's connection to it.</summary>
    public MemoryBrokerClient Connect(string node)
    {
        var client = new MemoryBrokerClient(this, node);
        lock (Gate) _clients.Add(client);
        return client;
    }

    /// <summary>Messages that are nobody's yet, or in somebody's hand.</summary>
    public IReadOnlyList<byte[]> Messages(string queue)
    {
        lock (Gate)
            return _queues.TryGetValue(queue, out var known) ? [.. known.All.Select(message => message.Body)] : [];
    }

    public TimeSpan Latency()
    {
        lock (Gate) return LatencyMax * random.NextDouble();
    }

    /// <summary>Whether what is under way when a connection breaks has arrived.</summary>
    internal bool Arrives() => random.Next(2) == 0;

    /// <summary>Under the gate, as all that follows.</summary>
    internal MemoryQueue? Find(string queue) => _queues.GetValueOrDefault(queue);

    internal MemoryQueue Declare(string queue)
    {
        if (!_queues.TryGetValue(queue, out var known)) _queues[queue] = known = new MemoryQueue(queue);
        return known;
    }

    internal bool TryAppend(string queue, byte[] body)
    {
        if (Find(queue) is not { } known || known.Bytes + body.Length > QueueBytesMax) return false;
        if (!Journal.TryGetValue(queue, out var journal)) Journal[queue] = journal = [];
        journal.Add(body);
        known.Append(new QueuedMessage(++_lastMessage, queue, body));
        return true;
    }

    internal void Forget(MemoryBrokerClient client) => _clients.Remove(client);

    internal void Send(string? node, byte[] message)
    {
        foreach (var client in _clients)
            if (client.IsConnected && (node is null || client.Node == node)) client.Receive(message);
    }
}

internal sealed record QueuedMessage(long Id, string Queue, byte[] Body)
{
    public bool IsRedelivered { get; set; }
}

/// <summary>Messages in order; the consumer that has waited longest gets them, the others nothing. What came back goes
/// before all that never left, in the order in which it came back.</summary>
internal sealed class MemoryQueue(string name)
{
    private readonly Queue<QueuedMessage> _returned = new();
    private readonly Queue<QueuedMessage> _fresh = new();
    private readonly SortedDictionary<long, QueuedMessage> _all = [];

    public string Name => name;

    public List<MemoryConsumer> Consumers { get; } = [];

    public IEnumerable<QueuedMessage> All => _all.Values;

    public int Ready => _returned.Count + _fresh.Count;

    public long Bytes => _all.Values.Sum(message => (long)message.Body.Length);

    public void Append(QueuedMessage message)
    {
        _all[message.Id] = message;
        _fresh.Enqueue(message);
        Deliver();
    }

    public void Remove(QueuedMessage message)
    {
        _all.Remove(message.Id);
        Deliver();
    }

    public void Return(IEnumerable<QueuedMessage> messages)
    {
        foreach (var message in messages)
        {
            message.IsRedelivered = true;
            _returned.Enqueue(message);
        }
    }

    public void Deliver()
    {
        if (Consumers.FirstOrDefault() is not { } active) return;
        while ((_returned.Count > 0 ? _returned : _fresh) is { Count: > 0 } next && active.TryTake(next.Peek()))
            next.Dequeue();
    }
}

/// <summary>A session's place at a queue.</summary>
internal sealed class MemoryConsumer(MemoryQueue queue, int inHandMax, Action<QueuedMessage> deliver)
{
    private readonly OrderedDictionary<long, QueuedMessage> _inHand = [];

    public MemoryQueue Queue => queue;

    /// <summary>As it was delivered.</summary>
    public IEnumerable<QueuedMessage> InHand => _inHand.Values;

    public bool TryTake(QueuedMessage message)
    {
        if (_inHand.Count >= inHandMax) return false;
        _inHand[message.Id] = message;
        deliver(message);
        return true;
    }

    public bool TryAcknowledge(long id)
    {
        if (!_inHand.Remove(id, out var message)) return false;
        queue.Remove(message);
        return true;
    }
}
