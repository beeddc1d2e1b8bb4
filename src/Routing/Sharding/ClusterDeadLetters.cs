using Weir.Protocol.Fragments;
using Weir.Routing.Ports;

namespace Weir.Routing.Sharding;

/// <summary>What endpoints refused for good, in the dead-letter queues of a cluster: to look at, and to send again. Any
/// thread.</summary>
/// <param name="destinations">Ids of those that there may be letters of.</param>
/// <param name="shards">Of each destination; the same on all nodes.</param>
public sealed class ClusterDeadLetters(
    IBroker broker, ShardNames names, int shards, Func<IEnumerable<string>> destinations, TimeProvider time)
{
    /// <summary>A queue is looked at by one at a time, and the broker may be away: nobody waits for longer.</summary>
    public static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(8);

    // Nothing more has come for this long although there is more: the broker delivers no further ahead.
    private static readonly TimeSpan SilenceMax = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(50);

    private const int AttemptsMax = 3;

    /// <summary>Letters in the order of their ids; without bodies.</summary>
    /// <param name="afterId">Exclusive; 0 from the start.</param>
    /// <exception cref="IOException">The broker did not answer in time, or somebody else is looking.</exception>
    public async ValueTask<IReadOnlyList<StoredDeadLetter>> ListAsync(
        long afterId, int countMax, CancellationToken cancel)
    {
        var letters = new List<StoredDeadLetter>();
        await LookAsync((letter, _, _) =>
        {
            if (letter.Fields.Sequence > afterId) letters.Add(StoredOf(letter, default));
            return ValueTask.CompletedTask;
        }, cancel);
        return [.. letters.OrderBy(letter => letter.Id).Take(countMax)];
    }

    /// <summary>One letter, with its body.</summary>
    /// <returns>Null when there is none of this id.</returns>
    /// <exception cref="IOException">The broker did not answer in time, or somebody else is looking.</exception>
    public async ValueTask<StoredDeadLetter?> FindAsync(long id, CancellationToken cancel)
    {
        StoredDeadLetter? found = null;
        await LookAsync((letter, _, _) =>
        {
            if (letter.Fields.Sequence == id) found ??= StoredOf(letter, letter.Payload.ToArray());
            return ValueTask.CompletedTask;
        }, cancel);
        return found;
    }

    /// <summary>Puts letters into the queues of their shards again, owed to the endpoint that refused them.</summary>
    /// <returns>How many.</returns>
    /// <exception cref="IOException">The broker did not answer in time or took no more, or somebody else is looking;
    /// what was not sent again is still there.</exception>
    public async ValueTask<int> ResendAsync(IReadOnlyCollection<long> ids, CancellationToken cancel)
    {
        var wanted = ids.ToHashSet();
        var resent = 0;
        await LookAsync(async (letter, acknowledge, stop) =>
        {
            if (!wanted.Contains(letter.Fields.Sequence)) return;
            await ResendAsync(letter, stop);
            acknowledge();
            resent++;
        }, cancel);
        return resent;
    }

    private static StoredDeadLetter StoredOf(FragmentMessage letter, ReadOnlyMemory<byte> body)
    {
        var fields = letter.Fields;
        return new StoredDeadLetter(fields.Sequence, new DeadLetter(
            new LaneKey(fields.Destination, fields.Endpoint, fields.Tenant, fields.Partition),
            FragmentFacts.Of(letter.Header), body, fields.Reason, fields.Status, fields.Detail,
            DateTimeOffset.FromUnixTimeMilliseconds(fields.RefusedAt)));
    }

    /// <summary>Shows every letter once; those that are not acknowledged stay as they are.</summary>
    private async ValueTask LookAsync(
        Func<FragmentMessage, Action, CancellationToken, ValueTask> see, CancellationToken cancel)
    {
        using var late = new CancellationTokenSource(WaitMax, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, late.Token);
        try
        {
            foreach (var destination in destinations()) await LookAsync(destination, see, either.Token);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new IOException(broker.Status.IsConnected
                ? "the dead letters are being looked at by somebody else, or the broker takes nothing: try again"
                : $"no connection to the broker: {broker.Status.LastError}");
        }
    }

    private async ValueTask LookAsync(
        string destination, Func<FragmentMessage, Action, CancellationToken, ValueTask> see, CancellationToken cancel)
    {
        var queue = names.DeadLetters(destination);
        await broker.DeclareAsync(queue, QueueUse.DeadLetters, cancel);
        await using var session = await broker.OpenSessionAsync(cancel);
        await session.ConsumeAsync(queue, QueueUse.DeadLetters, cancel);
        for (var hasSeen = false; ;)
        {
            var (unread, isOwn) = await session.InspectAsync(queue, cancel);
            if (unread == 0 && isOwn) return;
            if (unread == 0) await Task.Delay(LookEvery, time, cancel);
            for (; unread > 0; unread--)
            {
                if (await TryReadAsync(session, cancel) is not { } message)
                {
                    if (hasSeen) return; // as much as is delivered ahead
                    break;
                }

                hasSeen = true;
                if (FragmentMessage.TryRead(message.Body, out var letter, out _))
                    await see(letter, () => session.Acknowledge(message), cancel);
            }
        }
    }

    /// <returns>Null when nothing came for a while.</returns>
    private async ValueTask<BrokerMessage?> TryReadAsync(IBrokerSession session, CancellationToken cancel)
    {
        using var silence = new CancellationTokenSource(SilenceMax, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, silence.Token);
        try
        {
            return await session.ReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return null;
        }
    }

    private async ValueTask ResendAsync(FragmentMessage letter, CancellationToken cancel)
    {
        var fields = letter.Fields;
        for (var attempt = 1; ; attempt++)
        {
            var (shard, message) = MessageOf(letter, isResent: attempt > 1);
            var queue = names.Shard(fields.Destination, shard);
            await broker.DeclareAsync(queue, QueueUse.Shard, cancel);
            var outcome = await broker.PublishAsync(queue, message, cancel);
            if (outcome == PublishOutcome.Confirmed) return;
            if (attempt == AttemptsMax) throw new IOException($"the broker did not take dead letter {fields.Sequence}");
            await Task.Delay(ShardLimits.RetryAfter, time, cancel);
        }
    }

    private (int Shard, byte[] Message) MessageOf(FragmentMessage letter, bool isResent)
    {
        var fields = letter.Fields;
        // A message that could not be read is sent as it came: this version may read it.
        if (fields.Endpoint.Length == 0) return (0, letter.Payload.ToArray());
        var again = fields with
        {
            IsResent = isResent, Reason = "", Status = 0, Detail = "", RefusedAt = 0,
        };
        var shard = ShardHash.ShardOf(fields.Node, fields.Tenant, fields.Partition, shards);
        return (shard, FragmentMessage.Write(letter.Header, again, letter.Payload.Span));
    }
}
