using Weir.Protocol.Fragments;
using Weir.Routing.Lanes;
using Weir.Routing.Membership;
using Weir.Routing.Ports;
using Weir.Routing.Writers;

namespace Weir.Routing.Sharding;

/// <summary>One session's ownership of a shard, from first message to end: takes fragments from the queue, hands them
/// to
/// the lanes, and acknowledges what all of them are done with.</summary>
/// <param name="memory">What was done, of all sessions of this owner.</param>
internal sealed partial class ShardTenure(
    ShardId shard, DestinationSettings settings, IBrokerSession session, ShardMemory memory, TenantGates gates,
    ShardContext context) : IDisposable
{
    // The broker gives a session up after twice the lease at the earliest: by then no push may be under way.
    private static readonly TimeSpan LeaseEnd = BrokerLimits.LeaseMax * 2 - TimeSpan.FromSeconds(2);
    private static readonly TimeSpan EndPoll = TimeSpan.FromMilliseconds(20);

    private readonly Lock _gate = new();
    private readonly string _queue = context.Names.Shard(shard.Destination, shard.Shard);
    private readonly string _index = context.Names.ParkedIndex(shard.Destination, shard.Shard);
    private readonly long _bytesMax = ShardLimits.ShardBytes(context.Shards);
    private readonly ShardGate _lease = new(session, context.Time);
    private readonly Holdings _holdings = new();
    private readonly Dictionary<(string Endpoint, string Tenant), LaneWork> _lanes = [];
    private readonly List<Task> _burials = [];
    private readonly DeadLetterBox _letters = new(context, shard.Destination);
    private readonly CancellationTokenSource _ending = new();
    private readonly CancellationTokenSource _kill = new();
    private BrokerSessionLostException? _lost;
    private long _lastMessage;
    private long _unread;
    private DateTimeOffset? _ownedSince;

    /// <summary>Null until it is sure that nobody else owns the shard.</summary>
    public ShardStatus? Status
    {
        get
        {
            if (_ownedSince is not { } since) return null;
            var lanes = Lanes();
            var oldest = TimeSpan.Zero;
            foreach (var lane in lanes)
                if (lane.Lane.Backlog().OldestAge is var age && age > oldest) oldest = age;
            var parked = lanes.Count(lane => lane.Lane.Course != LaneCourse.Direct);
            return new ShardStatus(
                new OwnedShard(
                    shard.Destination, shard.Shard, Volatile.Read(ref _unread), _holdings.Count, oldest, since, parked),
                _holdings.Bytes, [.. lanes.Select(lane => lane.Status)]);
        }
    }

    /// <summary>Works until it is stopped, or lost.</summary>
    /// <param name="stop">Ends it in order: what is under way is finished, nothing begun.</param>
    /// <exception cref="BrokerSessionLostException">Everything in hand went back.</exception>
    public async Task RunAsync(CancellationToken stop)
    {
        await using var stopping = stop.UnsafeRegister(
            static state => ((CancellationTokenSource)state!).Cancel(), _ending);
        try
        {
            await Task.WhenAll(GuardAsync(ReadAsync), GuardAsync(WatchAsync));
        }
        finally
        {
            await EndAsync();
        }

        if (_lost is not null) throw _lost;
    }

    /// <summary>Once it has ended.</summary>
    public void Dispose()
    {
        _ending.Dispose();
        _kill.Dispose();
    }

    /// <summary>Whatever ends one loop ends the others.</summary>
    private async Task GuardAsync(Func<CancellationToken, Task> loop)
    {
        try
        {
            await loop(_ending.Token);
        }
        catch (BrokerSessionLostException lost)
        {
            _lost ??= lost;
        }
        catch (OperationCanceledException) when (_ending.IsCancellationRequested)
        {
            // As asked.
        }
        finally
        {
            _ending.Cancel();
        }
    }

    private async Task ReadAsync(CancellationToken cancel)
    {
        await session.ConsumeAsync(_index, _bytesMax, cancel);
        while (true)
        {
            var message = await session.ReadAsync(cancel);
            if (message.Queue == _queue) Route(message);
            else HoldNote(message);
        }
    }

    /// <summary>Hands a fragment to the lanes that owe it.</summary>
    private void Route(BrokerMessage message)
    {
        if (!FragmentMessage.TryRead(message.Body, out var fragment, out var fault))
        {
            Bury(message, fault.ToString());
            return;
        }

        if (fragment.Header.HeaderLength > ShardLimits.HeaderBytesMax)
        {
            Bury(message, "its node, destination and tenant are too long");
            return;
        }

        var taken = new ShardMessage(
            ++_lastMessage, message, fragment, session, _holdings, context.Time.GetTimestamp());
        foreach (var endpoint in settings.Endpoints)
        {
            if (fragment.Fields.Endpoint.Length == 0 || fragment.Fields.Endpoint == endpoint.Name)
                LaneOf(endpoint, fragment.Fields.Tenant).Lane.Add(taken);
        }

        if (fragment.Fields.Endpoint.Length > 0 && !settings.Endpoints.Any(one => one.Name == fragment.Fields.Endpoint))
            Bury(taken);
        taken.Release();
    }

    private LaneWork LaneOf(EndpointSettings endpoint, string tenant)
    {
        lock (_gate)
        {
            if (_lanes.TryGetValue((endpoint.Name, tenant), out var known)) return known;
            var key = new LaneKey(shard.Destination, endpoint.Name, tenant, shard.Shard);
            var lane = new ShardLane(key, memory.Of(endpoint.Name, tenant), Bury, context.Time);
            var gate = _lease.Before(gates.Of(key, endpoint));
            var work = _lanes[(endpoint.Name, tenant)] = new LaneWork(lane, endpoint, gate, context);
            work.Start();
            return work;
        }
    }

    private LaneWork[] Lanes()
    {
        lock (_gate) return [.. _lanes.Values];
    }

    private async Task WatchAsync(CancellationToken cancel)
    {
        await OwnAsync(cancel);
        await session.ConsumeAsync(_queue, _bytesMax, cancel);
        for (var inspectedAt = 0L; ; await Task.Delay(ShardLimits.LookEvery, context.Time, cancel))
        {
            if (_lease.Unproved > LeaseEnd)
                throw new BrokerSessionLostException("the broker has not answered for too long");
            if (inspectedAt != 0 && context.Time.GetElapsedTime(inspectedAt) < ShardLimits.InspectEvery) continue;
            inspectedAt = context.Time.GetTimestamp();
            Volatile.Write(ref _unread, (await session.InspectAsync(_queue, cancel)).Unread);
        }
    }

    /// <summary>Waits until all notes of parked lanes are here, and so until nobody else owns the shard.</summary>
    private async ValueTask OwnAsync(CancellationToken cancel)
    {
        while (await session.InspectAsync(_index, cancel) is not { Unread: 0, IsOwn: true })
            await Task.Delay(ShardLimits.LookEvery, context.Time, cancel);
        _ownedSince = context.Time.GetUtcNow();
        context.Events.ShardTaken(shard);
    }

    private async Task EndAsync()
    {
        var lanes = Lanes();
        foreach (var lane in lanes) lane.Lane.Close();
        if (_lost is not null) _lease.Close();
        var began = context.Time.GetTimestamp();
        while (_lost is null
            ? lanes.Any(lane => lane.IsFinishing) && context.Time.GetElapsedTime(began) < ShardLimits.HandoverMax
            : _lease.IsPushing && _lease.Unproved < BrokerLimits.LeaseMax)
            await Task.Delay(EndPoll, context.Time);
        _kill.Cancel();
        foreach (var lane in lanes) await lane.DisposeAsync();
        foreach (var lane in lanes) await EndedAsync(lane.Parking);
        foreach (var burial in _burials.ToArray()) await EndedAsync(burial);
        if (_ownedSince is not null) context.Events.ShardLeft(shard, _lost?.Message);
        _ownedSince = null;
    }

    private static async ValueTask EndedAsync(Task task)
    {
        try
        {
            await task;
        }
        catch (Exception stopped) when (stopped is OperationCanceledException or BrokerSessionLostException)
        {
            // As asked.
        }
    }

    /// <summary>Keeps letters, then tells so; never waits.</summary>
    private void Bury(IReadOnlyList<DeadLetter> letters, Action kept) => Track(BuryAsync(letters, kept));

    private async Task BuryAsync(IReadOnlyList<DeadLetter> letters, Action kept)
    {
        foreach (var letter in letters) await _letters.KeepAsync(letter, _kill.Token);
        kept();
    }

    /// <summary>A message that no lane can take.</summary>
    private void Bury(BrokerMessage message, string fault)
    {
        context.Events.ShardMessageDamaged(shard, fault, message.Body.Length);
        Track(BuryDamagedAsync(message, fault));
    }

    private async Task BuryDamagedAsync(BrokerMessage message, string fault)
    {
        await _letters.KeepDamagedAsync(message.Body, fault, _kill.Token);
        session.Acknowledge(message);
    }

    /// <summary>A resent dead letter whose endpoint is configured no longer.</summary>
    private void Bury(ShardMessage message)
    {
        message.Hold();
        var fields = message.Content.Fields;
        var lane = new LaneKey(shard.Destination, fields.Endpoint, fields.Tenant, shard.Shard);
        var letter = new DeadLetter(
            lane, message.Fragment.Facts, message.Fragment.Body.ToArray(), DropReason.NoEndpoint, 0,
            "no endpoint has this name", context.Time.GetUtcNow());
        Bury([letter], message.Release);
    }

    private void Track(Task burial)
    {
        lock (_gate)
        {
            _burials.RemoveAll(one => one.IsCompletedSuccessfully);
            _burials.Add(burial);
        }
    }
}
