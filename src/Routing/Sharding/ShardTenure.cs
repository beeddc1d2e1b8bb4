using Weir.Protocol.Fragments;
using Weir.Routing.Lanes;
using Weir.Routing.Membership;
using Weir.Routing.Ports;
using Weir.Routing.Writers;

namespace Weir.Routing.Sharding;

/// <summary>One session's ownership of a shard, from first message to end: takes fragments from the queue, hands them
/// to the lanes, and acknowledges what all of them are done with.</summary>
internal sealed partial class ShardTenure : IDisposable
{
    private static readonly TimeSpan EndPoll = TimeSpan.FromMilliseconds(20);

    private readonly Lock _gate = new();
    private readonly ShardId _shard;
    private readonly DestinationSettings _settings;
    private readonly IBrokerSession _session;
    private readonly ShardMemory _memory;
    private readonly TenantGates _gates;
    private readonly ShardContext _context;
    private readonly string _queue;
    private readonly string _index;
    private readonly ShardGate _lease;
    private readonly ShardPublisher _publisher;
    private readonly DeadLetterBox _letters;
    private readonly ParkingNotes _notes;
    private readonly LaneParking.Owner _parkingOwner;
    private readonly Holdings _holdings = new();
    private readonly Dictionary<(string Endpoint, string Tenant), LaneWork> _lanes = [];
    private readonly List<Task> _background = [];
    private readonly CancellationTokenSource _ending = new();
    private readonly CancellationTokenSource _kill = new();
    private BrokerSessionLostException? _lost;
    private long _lastMessage;
    private long _unread;
    private long _readAt;
    private long _ownedSinceTicks; // 0: not yet, or no longer

    /// <param name="memory">What was done, of all sessions of this owner.</param>
    public ShardTenure(
        ShardId shard, DestinationSettings settings, IBrokerSession session, ShardMemory memory, TenantGates gates,
        ShardContext context)
    {
        (_shard, _settings, _session, _memory, _gates, _context) = (shard, settings, session, memory, gates, context);
        _queue = context.Names.Shard(shard.Destination, shard.Shard);
        _index = context.Names.ParkedIndex(shard.Destination, shard.Shard);
        _lease = new ShardGate(session, context.Time);
        _publisher = new ShardPublisher(shard, _lease, context);
        _letters = new DeadLetterBox(context, shard.Destination);
        _notes = new ParkingNotes(session, context.Time);
        _parkingOwner = new LaneParking.Owner(() => Interlocked.Increment(ref _lastMessage), Bury, WorkAsync);
    }

    /// <summary>Null until it is sure that nobody else owns the shard.</summary>
    public ShardStatus? Status
    {
        get
        {
            var since = Volatile.Read(ref _ownedSinceTicks);
            if (since == 0) return null;
            var lanes = Lanes();
            var oldest = TimeSpan.Zero;
            foreach (var lane in lanes)
                if (lane.Lane.Backlog().OldestAge is var age && age > oldest) oldest = age;
            var parked = lanes.Count(lane => lane.Lane.Course != LaneCourse.Direct);
            return new ShardStatus(
                new OwnedShard(
                    _shard.Destination, _shard.Shard, Volatile.Read(ref _unread), _holdings.Count, oldest,
                    new DateTimeOffset(since, TimeSpan.Zero), parked),
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
            await Task.WhenAll(GuardAsync(ReadAsync), GuardAsync(WatchAsync), GuardAsync(CountAsync));
        }
        finally
        {
            await EndAsync();
        }

        if (_lost is not null) throw _lost;
    }

    /// <summary>Nothing has come for some moments.</summary>
    private bool IsQuiet => _context.Time.GetElapsedTime(Volatile.Read(ref _readAt)) > ShardLimits.LookEvery;

    /// <summary>What is in hand keeps more from coming.</summary>
    private bool IsFull => _holdings.Count >= ShardLimits.FullAt || (IsQuiet && Volatile.Read(ref _unread) > 0);

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
        await _session.ConsumeAsync(_index, QueueUse.ParkedIndex, cancel);
        while (true)
        {
            var message = await _session.ReadAsync(cancel);
            Volatile.Write(ref _readAt, _context.Time.GetTimestamp());
            if (message.Queue == _queue) Route(message);
            else HoldNote(message);
        }
    }

    /// <summary>Hands a fragment to the lanes that owe it.</summary>
    private void Route(BrokerMessage message)
    {
        if (!FragmentMessage.TryRead(message.Body, out var fragment, out var fault))
        {
            Bury(_session, message, fault.ToString());
            return;
        }

        if (fragment.Header.HeaderLength > ShardLimits.HeaderBytesMax)
        {
            Bury(_session, message, "its node, destination and tenant are too long");
            return;
        }

        var taken = new ShardMessage(
            Interlocked.Increment(ref _lastMessage), message, fragment, _session, _holdings,
            _context.Time.GetTimestamp());
        var (only, tenant) = (fragment.Fields.Endpoint, fragment.Fields.Tenant);
        var isOwed = false;
        foreach (var endpoint in _settings.Endpoints)
        {
            if (only.Length > 0 && only != endpoint.Name) continue;
            LaneOf(endpoint, tenant).Lane.Add(taken);
            isOwed = true;
        }

        if (!isOwed) Bury(taken);
        taken.Release();
    }

    private LaneWork LaneOf(EndpointSettings endpoint, string tenant)
    {
        lock (_gate)
        {
            if (_lanes.TryGetValue((endpoint.Name, tenant), out var known)) return known;
            var key = new LaneKey(_shard.Destination, endpoint.Name, tenant, _shard.Shard);
            var lane = new ShardLane(key, _memory.Of(endpoint.Name, tenant), Bury, _context.Time);
            var gate = _lease.Before(_gates.Of(key, endpoint));
            var work = _lanes[(endpoint.Name, tenant)] = new LaneWork(lane, endpoint, gate, _context);
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
        await _session.ConsumeAsync(_queue, QueueUse.Shard, cancel);
        for (; ; await Task.Delay(ShardLimits.LookEvery, _context.Time, cancel))
        {
            if (_lease.Unproved > ShardLimits.LeaseEnd)
                throw new BrokerSessionLostException("the broker has not answered for too long");
            LookAtLanes();
            RefreshNotes();
        }
    }

    /// <summary>Asks how much waits: now and then for those who look on, and soon where nothing comes any more although
    /// something is in hand, for then what is in hand may hold up the rest.</summary>
    private async Task CountAsync(CancellationToken cancel)
    {
        for (var countedAt = 0L; ; await Task.Delay(ShardLimits.LookEvery, _context.Time, cancel))
        {
            if (countedAt != 0 && !(IsQuiet && _holdings.Count > 0)
                && _context.Time.GetElapsedTime(countedAt) < ShardLimits.CountEvery) continue;
            countedAt = _context.Time.GetTimestamp();
            Volatile.Write(ref _unread, await _session.CountAsync(_queue, cancel));
        }
    }

    /// <summary>Waits until all notes of parked lanes are here, and so until nobody else owns the shard.</summary>
    private async ValueTask OwnAsync(CancellationToken cancel)
    {
        while (await _session.InspectAsync(_index, cancel) is not { Unread: 0, IsOwn: true })
            await Task.Delay(ShardLimits.LookEvery, _context.Time, cancel);
        Volatile.Write(ref _ownedSinceTicks, _context.Time.GetUtcNow().UtcTicks);
        _context.Events.ShardTaken(_shard);
    }

    private async Task EndAsync()
    {
        var lanes = Lanes();
        foreach (var lane in lanes) lane.Lane.Close();
        if (_lost is not null) _lease.Close();
        var began = _context.Time.GetTimestamp();
        while (_lost is null
            ? lanes.Any(lane => lane.IsFinishing) && _context.Time.GetElapsedTime(began) < ShardLimits.HandoverMax
            : _lease.IsPushing && _lease.Unproved < BrokerLimits.LeaseMax)
            await Task.Delay(EndPoll, _context.Time);
        // Writers first: what they have in hand is the memory of sessions.
        foreach (var lane in lanes) await lane.DisposeAsync();
        _kill.Cancel();
        foreach (var lane in lanes) await lane.Parking;
        foreach (var task in _background.ToArray()) await task;
        if (_ownedSinceTicks != 0) _context.Events.ShardLeft(_shard, _lost?.Message);
        Volatile.Write(ref _ownedSinceTicks, 0);
    }

    /// <summary>Keeps letters, then tells so; never waits.</summary>
    private void Bury(IReadOnlyList<DeadLetter> letters, Action kept) => Track(WorkAsync(async cancel =>
    {
        foreach (var letter in letters) await _letters.KeepAsync(letter, cancel);
        kept();
    }));

    /// <summary>A message that no lane can take.</summary>
    /// <param name="from">Its _session.</param>
    private void Bury(IBrokerSession from, BrokerMessage message, string fault)
    {
        _context.Events.ShardMessageDamaged(_shard, fault, message.Body.Length);
        Track(WorkAsync(async cancel =>
        {
            await _letters.KeepDamagedAsync(message.Body, fault, cancel);
            from.Acknowledge(message);
        }));
    }

    /// <summary>A resent dead letter whose endpoint is configured no longer.</summary>
    private void Bury(ShardMessage message)
    {
        message.Hold();
        var fields = message.Content.Fields;
        var lane = new LaneKey(_shard.Destination, fields.Endpoint, fields.Tenant, _shard.Shard);
        var letter = new DeadLetter(
            lane, message.Fragment.Facts, message.Fragment.Body.ToArray(), DropReason.NoEndpoint, 0,
            "no endpoint has this name", _context.Time.GetUtcNow());
        Bury([letter], message.Release);
    }

    private void Track(Task task)
    {
        lock (_gate)
        {
            _background.RemoveAll(one => one.IsCompletedSuccessfully);
            _background.Add(task);
        }
    }
}
