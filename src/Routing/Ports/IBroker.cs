namespace Weir.Routing.Ports;

/// <summary>What became of a message that was handed to the broker.</summary>
public enum PublishOutcome : byte
{
    /// <summary>The broker has it, replicated: custody is the broker's.</summary>
    Confirmed,

    /// <summary>The queue is full or the broker refused it: the sender keeps it.</summary>
    Refused,

    /// <summary>It left this node and no answer came: it may be in the queue. Sent again, it may be there
    /// twice.</summary>
    Unknown,

    /// <summary>It did not leave this node: no connection, or the broker takes nothing (an alarm).</summary>
    NotSent,
}

/// <summary>Queues that are made alike.</summary>
public enum QueueUse : byte
{
    /// <summary>Fragments on their way to a shard's writer: bounded in bytes, full is refused.</summary>
    Shard,

    /// <summary>Fragments of one lane that its endpoint does not take now: bounded in bytes, full is
    /// refused.</summary>
    Parked,

    /// <summary>Notes of which lanes of a shard are parked.</summary>
    ParkedIndex,

    /// <summary>Fragments that an endpoint refused for good.</summary>
    DeadLetters,
}

/// <param name="Unread">Messages in the queue, and those on their way to this session that it has not read yet.</param>
/// <param name="IsOwn">The queue gives its messages to this session, and nobody else has one in hand. Known for sure
/// only where nothing is unread.</param>
public readonly record struct QueueDepth(long Unread, bool IsOwn);

/// <param name="IsConnected">To any broker of the list.</param>
/// <param name="Node">Which one, without credentials; "" while there is none.</param>
/// <param name="BlockedBy">Why the broker takes nothing (memory, disk); "" while it does.</param>
/// <param name="LastError">Why there is no connection; "" while there is one. Never a secret.</param>
public sealed record BrokerStatus(bool IsConnected, string Node, string BlockedBy, string LastError);

/// <summary>The replicated queues between agents and writers. Connects, and connects again, by itself.</summary>
public interface IBroker
{
    BrokerStatus Status { get; }

    /// <summary>Makes the queue where it does not exist; waits for a connection.</summary>
    ValueTask DeclareAsync(string queue, QueueUse use, CancellationToken cancel);

    /// <summary>Messages arrive in the order of calls, save those that were refused; the task ends with the
    /// confirm.</summary>
    /// <remarks>A queue that is full may refuse one and take the next. Where order counts, the sender therefore has one
    /// message on its way and sends the next when that is confirmed: else the next could overtake it.</remarks>
    /// <param name="message">Not changed until the task ends.</param>
    Task<PublishOutcome> PublishAsync(string queue, ReadOnlyMemory<byte> message, CancellationToken cancel);

    /// <summary>Opens what consumes for one purpose; waits for a connection.</summary>
    ValueTask<IBrokerSession> OpenSessionAsync(CancellationToken cancel);
}

/// <summary>Messages in hand that are not acknowledged. Disposed or lost, all of them go back to their queues, in
/// order, to the next consumer.</summary>
/// <remarks>One loop reads. While it waits for a message, the other calls may come from other threads.</remarks>
public interface IBrokerSession : IAsyncDisposable
{
    /// <summary>When the broker last proved that it still counts this session as alive
    /// (<see cref="TimeProvider.GetTimestamp"/>). Proved again every second or so while that is so.</summary>
    /// <remarks>Older than <see cref="BrokerLimits.LeaseMax"/>, another session may own the queues already.</remarks>
    long ProvedAliveAt { get; }

    /// <summary>Queues up as consumer; the queue gives its messages to one session at a time, the longest
    /// waiting.</summary>
    /// <param name="use">What it was declared for: says how much is in hand at the most
    /// (<see cref="BrokerLimits.InHandMax"/>).</param>
    ValueTask ConsumeAsync(string queue, QueueUse use, CancellationToken cancel);

    /// <summary>The next message of any queue consumed.</summary>
    /// <exception cref="BrokerSessionLostException">Everything in hand went back.</exception>
    ValueTask<BrokerMessage> ReadAsync(CancellationToken cancel);

    /// <summary>The message is done with. Any order, any thread; never waits; of no effect on a lost session.</summary>
    void Acknowledge(BrokerMessage message);

    /// <exception cref="BrokerSessionLostException">Everything in hand went back.</exception>
    ValueTask<QueueDepth> InspectAsync(string queue, CancellationToken cancel);

    /// <summary>Messages that nobody has in hand, roughly; costs less than <see cref="InspectAsync"/>.</summary>
    /// <exception cref="BrokerSessionLostException">Everything in hand went back.</exception>
    ValueTask<long> CountAsync(string queue, CancellationToken cancel);
}

/// <param name="Tag">Identifies it within its session.</param>
/// <param name="Body">Valid until it is acknowledged or its session is disposed; one that is lost keeps it.</param>
/// <param name="IsRedelivered">A consumer had it in hand before: what became of it there is unknown.</param>
public sealed record BrokerMessage(string Queue, ulong Tag, ReadOnlyMemory<byte> Body, bool IsRedelivered);

/// <summary>The session ended: the connection broke, or the broker closed it.</summary>
public sealed class BrokerSessionLostException(string reason) : IOException(reason);

public static class BrokerLimits
{
    /// <summary>After this long without proof a session may have been given up by the broker, which takes at least
    /// twice as long.</summary>
    public static readonly TimeSpan LeaseMax = TimeSpan.FromSeconds(5);

    /// <summary>Who has a message in hand for longer may lose the session for it: RabbitMQ takes a consumer for stuck
    /// after 30 minutes. What has to be held for longer is published again and then acknowledged.</summary>
    public static readonly TimeSpan HoldMax = TimeSpan.FromMinutes(15);

    /// <summary>Messages of a queue that a session has in hand at the most: delivered and not acknowledged.</summary>
    /// <remarks>
    /// The same for all sessions of a queue, on all nodes, and in all versions that may run side by side. A broker
    /// keeps what came back in the order in which it came back, before all else. Were a session given only the first
    /// part of that, and lost, this part would come back behind the rest, and be overtaken by it. One that takes as
    /// many as any session before it takes all that came back.
    /// </remarks>
    public static int InHandMax(QueueUse use) => use switch
    {
        // A fragment is 1 MiB at the most before it is compressed, and 128 KiB or so after: 8 MiB a shard. Small ones
        // of many hosts: 64 in each push, which with its wait for company takes 150 ms, are 400 a second and shard.
        QueueUse.Shard => 64,
        QueueUse.Parked => 16,
        QueueUse.ParkedIndex => 10_000, // notes are few and tiny, and each lane that is parked has one in hand
        _ => 512, // what is looked at, 64 MiB of full ones: what follows shows when these are gone
    };
}

/// <summary>Messages from node to node: presence, requests, live tails. Best effort; nothing that matters to logs
/// depends on one.</summary>
public interface INodeMessages
{
    /// <param name="node">Id of the receiver; null for all, this one included.</param>
    /// <returns>False when there is no connection.</returns>
    ValueTask<bool> SendAsync(string? node, ReadOnlyMemory<byte> message, CancellationToken cancel);

    /// <summary>The next message to this node; waits, over reconnections.</summary>
    ValueTask<ReadOnlyMemory<byte>> ReceiveAsync(CancellationToken cancel);
}
