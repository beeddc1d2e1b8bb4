using Weir.Protocol.Fragments;
using Weir.Routing.Ports;

namespace Weir.Routing.Sharding;

/// <summary>One parking of a lane, from the note in the index to the moment when its queue is empty: puts what comes
/// into the lane's parked queue, and takes from there what its writer gets done.</summary>
/// <remarks>
/// So the lane keeps its order and holds up nobody. What the writer has in hand when it begins is put there too, in
/// doubt: should this node die, the next one finds all of it in the parked queue, in order.
/// </remarks>
internal sealed class LaneParking(
    ShardId shard, LaneName name, string id, LaneWork work, ParkingNotes notes, ShardPublisher publisher,
    LaneParking.Owner owner, ShardContext context)
{
    private static readonly TimeSpan SettlePoll = TimeSpan.FromMilliseconds(20);

    private readonly ShardLane _lane = work.Lane;
    private readonly string _queue = context.Names.Parked(shard.Destination, shard.Shard, name.Endpoint, name.Tenant);
    private readonly Holdings _holdings = new();
    private long _ends; // sent into the parked queue

    /// <summary>What a parking needs of the shard's owner.</summary>
    /// <param name="NextId">Numbers messages in the order in which they came.</param>
    /// <param name="BuryDamaged">Keeps a message that cannot be read, and then acknowledges it.</param>
    /// <param name="GuardAsync">Runs a loop whose loss of the broker is the owner's.</param>
    internal sealed record Owner(
        Func<long> NextId, Action<IBrokerSession, BrokerMessage, string> BuryDamaged,
        Func<Func<CancellationToken, Task>, Task> GuardAsync);

    /// <summary>Returns when the lane is direct again, or when its owner ends.</summary>
    /// <param name="isNoted">The index has the note: it came from there.</param>
    public async Task RunAsync(bool isNoted, CancellationToken cancel)
    {
        await context.Broker.DeclareAsync(_queue, QueueUse.Parked, cancel);
        if (!isNoted)
        {
            var index = context.Names.ParkedIndex(shard.Destination, shard.Shard);
            await publisher.SendAsync(index, _ => ParkingNotes.Write(context.Node, shard, name, id), cancel);
        }

        context.Events.LaneParked(_lane.Key);
        foreach (var entry in _lane.Taken())
        {
            await publisher.SendAsync(
                _queue, _ => _lane.CopyOf(entry, taken => MessageOf(taken, isResent: true)), cancel);
            entry.HasCopy = true;
        }

        await ReleaseCopiedAsync(cancel);
        await Task.WhenAll(owner.GuardAsync(ParkAsync), owner.GuardAsync(DrainAsync));
        if (_lane.Course != LaneCourse.Direct) return;
        notes.End(name);
        context.Events.LaneUnparked(_lane.Key);
    }

    /// <summary>What the writer had in hand it gets again from the parked queue: the shard's window is for
    /// others.</summary>
    private async ValueTask ReleaseCopiedAsync(CancellationToken cancel)
    {
        var began = context.Time.GetTimestamp();
        while (work.Gate.IsPushing && context.Time.GetElapsedTime(began) < ShardLimits.StuckMax)
            await Task.Delay(SettlePoll, context.Time, cancel);
        if (!_lane.IsBusy) return;
        await work.StopAsync();
        _lane.ForgetDrained();
    }

    private async Task ParkAsync(CancellationToken cancel)
    {
        while (await _lane.NextToParkAsync(cancel) is { } entry)
        {
            await publisher.SendAsync(_queue, isResent => MessageOf(entry, isResent || entry.IsInDoubt), cancel);
            _lane.Parked();
            context.Events.FragmentParked();
        }
    }

    private async Task DrainAsync(CancellationToken cancel)
    {
        while (_lane.Course != LaneCourse.Direct)
        {
            await context.Drains.EnterAsync(1, cancel);
            try
            {
                await DrainOnceAsync(cancel);
            }
            finally
            {
                context.Drains.Exit(1);
            }
        }
    }

    /// <summary>Takes what is parked, until nothing is or until the lane has to make room.</summary>
    private async Task DrainOnceAsync(CancellationToken cancel)
    {
        await using var session = await context.Broker.OpenSessionAsync(cancel);
        using var done = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        work.Gate.Open(session);
        work.Start();
        try
        {
            await session.ConsumeAsync(_queue, QueueUse.Parked, cancel);
            await Task.WhenAll(UntilAsync(ReadAsync(session, done.Token), done, cancel),
                UntilAsync(LookAsync(session, done.Token), done, cancel));
        }
        catch (BrokerSessionLostException)
        {
            work.Gate.Shut();
            while (work.Gate.IsPushing && context.Time.GetElapsedTime(session.ProvedAliveAt) < BrokerLimits.LeaseMax)
                await Task.Delay(SettlePoll, context.Time, cancel);
            throw;
        }
        finally
        {
            // Before the session goes, nothing may use what came from it.
            if (_lane.Course == LaneCourse.Direct) work.Gate.Open(null);
            else
            {
                await work.StopAsync();
                _lane.ForgetDrained();
            }
        }
    }

    /// <summary>The first that ends, ends the other.</summary>
    private static async Task UntilAsync(Task loop, CancellationTokenSource done, CancellationToken cancel)
    {
        try
        {
            await loop;
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            // The other has ended.
        }
        finally
        {
            done.Cancel();
        }
    }

    private async Task ReadAsync(IBrokerSession session, CancellationToken cancel)
    {
        while (true)
        {
            var message = await session.ReadAsync(cancel);
            if (!FragmentMessage.TryRead(message.Body, out var fragment, out var fault))
            {
                owner.BuryDamaged(session, message, fault.ToString());
                continue;
            }

            if (!notes.IsOpen(name, fragment.Fields.Parking))
            {
                session.Acknowledge(message); // of one that lost the shard and did not know yet: it came here anyway
                continue;
            }

            if (fragment.Header.PayloadLength > 0)
            {
                _lane.AddDrained(new ShardMessage(
                    owner.NextId(), message, fragment, session, _holdings, context.Time.GetTimestamp()));
                continue;
            }

            // An earlier end may have been overtaken by what was parked after it.
            while (fragment.Fields.Sequence == Volatile.Read(ref _ends) && _lane.Course == LaneCourse.Returning
                && !_lane.TryReturn())
                await _lane.Progressed.WaitAsync(cancel);
            session.Acknowledge(message);
            if (_lane.Course == LaneCourse.Direct) return;
        }
    }

    /// <summary>Returns when the lane has to make room.</summary>
    private async Task LookAsync(IBrokerSession session, CancellationToken cancel)
    {
        for (var inspectedAt = context.Time.GetTimestamp(); ;
            await Task.Delay(ShardLimits.LookEvery, context.Time, cancel))
        {
            if (context.Time.GetElapsedTime(session.ProvedAliveAt) > ShardLimits.LeaseEnd)
                throw new BrokerSessionLostException("the broker has not answered for too long");
            var pressure = _lane.Pressure();
            if (pressure.Held > ShardLimits.HeldMax) return;
            if (pressure.Stuck > ShardLimits.TroubleMax && context.Drains.HasWaiting) return;
            if (!_lane.IsEmpty && context.Time.GetElapsedTime(inspectedAt) < ShardLimits.CountEvery) continue;
            inspectedAt = context.Time.GetTimestamp();
            var unread = await session.CountAsync(_queue, cancel);
            _lane.NoteParked(unread);
            if (unread > 0 || !_lane.TryBeginReturning()) continue;
            Interlocked.Increment(ref _ends);
            await publisher.SendAsync(_queue, _ => EndOf(), cancel);
        }
    }

    /// <summary>Follows the last of what was parked: who reads it has read all of that.</summary>
    private byte[]? EndOf() => _lane.Course == LaneCourse.Returning
        ? ParkingNotes.Write(context.Node, shard, name, id, _ends) : null;

    private byte[] MessageOf(LaneEntry entry, bool isResent)
    {
        var content = entry.Message.Content;
        return FragmentMessage.Write(
            content.Header, content.Fields with { Parking = id, IsResent = isResent }, content.Payload.Span);
    }
}
