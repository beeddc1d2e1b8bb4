using Weir.Protocol.Cluster;
using Weir.Routing.Actors;

namespace Weir.Routing.Membership;

/// <summary>What this node knows of all nodes, itself included. Any thread.</summary>
public sealed class Members(NodeSelf self, RoutingEvents events, TimeProvider time) : ILiveWriters
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Known> _known = new(StringComparer.Ordinal);
    private IReadOnlyList<string> _writers = [];
    private ILookup<string, string> _writersOf = Array.Empty<string>().ToLookup(id => id);
    private string[] _defined = [];
    private readonly ChangeSignal _writersChanged = new();
    private long _stateBytes;
    private long _expiredAt = time.GetTimestamp();

    public IReadOnlyList<string> Writers => Volatile.Read(ref _writers);

    public IReadOnlyList<string> WritersOf(string destination) => [.. Volatile.Read(ref _writersOf)[destination]];

    /// <summary>In the order of their ids, with those that went lately.</summary>
    public IReadOnlyList<Member> All
    {
        get
        {
            lock (_gate)
            {
                return [.. _known.Values.Select(Describe).OrderBy(member => member.Id, StringComparer.Ordinal)];
            }
        }
    }

    public Member? Find(string id)
    {
        lock (_gate) return _known.TryGetValue(id, out var known) ? Describe(known) : null;
    }

    public async ValueTask<IReadOnlyList<string>> ChangedAsync(
        IReadOnlyList<string> known, CancellationToken cancel)
    {
        while (true)
        {
            var version = _writersChanged.Version;
            var now = Writers;
            if (!ReferenceEquals(now, known)) return now;
            await _writersChanged.WaitAsync(version, cancel);
        }
    }

    public int CountServing(string destination, string endpoint, string tenant)
    {
        lock (_gate)
        {
            var count = 0;
            foreach (var known in _known.Values)
                if (TakesShards(known) && Serves(known.State, destination, endpoint, tenant)) count++;
            return Math.Max(count, 1);
        }
    }

    /// <summary>Takes over what a node says of itself.</summary>
    /// <param name="bytes">Of the message.</param>
    /// <returns>True when it was not here before: it does not know us either.</returns>
    public bool Take(NodeMessage message, int bytes)
    {
        var state = message.State;
        bool isNew;
        lock (_gate)
        {
            _known.TryGetValue(message.From, out var known);
            var run = (message.StartedAtMs, state.Sequence);
            // An older run may have had a clock that was ahead: once it is gone, what it said counts no more.
            if (known is { IsHere: true } && run.CompareTo((known.StartedAtMs, known.State.Sequence)) <= 0)
                return false;
            if (!HasRoom(known, bytes)) return false;
            isNew = known is not { IsHere: true } || known.StartedAtMs != message.StartedAtMs;
            _stateBytes += bytes - (known?.Bytes ?? 0);
            _known[message.From] = new Known(
                message.From, message.StartedAtMs, state, bytes, time.GetTimestamp(), time.GetUtcNow());
            Recount();
        }

        if (isNew && message.From != self.Id) events.MemberJoined(message.From, state.Name, state.Version);
        return isNew;
    }

    /// <summary>A node said goodbye.</summary>
    public void Leave(NodeMessage message)
    {
        Known? known;
        lock (_gate)
        {
            if (!_known.TryGetValue(message.From, out known) || known.StartedAtMs != message.StartedAtMs
                || !known.IsHere) return;
            known.HasLeft = true;
            Recount();
        }

        if (message.From != self.Id) events.MemberLost(message.From, known.State.Name, hasLeft: true);
    }

    /// <summary>Gives up nodes that were silent for too long.</summary>
    /// <returns>How long until the next one may be.</returns>
    public TimeSpan Expire()
    {
        var next = MembershipLimits.GoneAfter;
        List<Known> gone = [];
        lock (_gate)
        {
            // Stopped or starved itself, this node cannot tell who else was silent: what they said is still on its way.
            var wasAway = time.GetElapsedTime(_expiredAt) >= MembershipLimits.GoneAfter;
            _expiredAt = time.GetTimestamp();
            if (wasAway) return MembershipLimits.PublishEvery;
            foreach (var known in _known.Values)
            {
                var silent = time.GetElapsedTime(known.SeenAt);
                if (known.IsHere && silent >= MembershipLimits.GoneAfter)
                {
                    known.IsGone = true;
                    gone.Add(known);
                }
                else if (known.IsHere && MembershipLimits.GoneAfter - silent < next)
                    next = MembershipLimits.GoneAfter - silent;
                else if (!known.IsHere && silent >= MembershipLimits.ShownAfter) Forget(known);
            }

            Recount();
        }

        foreach (var known in gone) events.MemberLost(known.Id, known.State.Name, hasLeft: false);
        return next;
    }

    private static bool Serves(NodeState state, string destination, string endpoint, string tenant)
    {
        foreach (var lane in state.Lanes)
        {
            if (lane.BacklogFragments > 0 && lane.Destination == destination && lane.Endpoint == endpoint
                && lane.Tenant == tenant) return true;
        }

        return false;
    }

    private static bool TakesShards(Known known) =>
        known.IsHere && !known.State.IsDraining && known.State.Roles.Contains(NodeSelf.Writer);

    /// <summary>Under the gate. Those that went first make room.</summary>
    private bool HasRoom(Known? known, int bytes)
    {
        if (bytes > MembershipLimits.StateBytesMax)
        {
            events.NodeMessageSkipped("too_large", $"a state of {bytes} bytes");
            return false;
        }

        while (known is null && _known.Count >= MembershipLimits.MembersMax
            || _stateBytes + bytes - (known?.Bytes ?? 0) > MembershipLimits.StatesBytesMax)
        {
            var gone = _known.Values.Where(one => !one.IsHere && one != known).MinBy(one => one.SeenAt);
            if (gone is null)
            {
                events.NodeMessageSkipped("too_many_members", $"{_known.Count} nodes are known");
                return false;
            }

            Forget(gone);
        }

        return true;
    }

    private void Forget(Known known)
    {
        _known.Remove(known.Id);
        _stateBytes -= known.Bytes;
    }

    private void Recount()
    {
        var writers = _known.Values.Where(TakesShards).OrderBy(known => known.Id, StringComparer.Ordinal).ToArray();
        events.MembersCounted(_known.Values.Count(known => known.IsHere), writers.Length);
        string[] defined = [.. writers.SelectMany(known => known.Defined.Select(id => $" {id}").Prepend(known.Id))];
        if (defined.SequenceEqual(_defined)) return;
        _defined = defined;
        Volatile.Write(ref _writersOf, writers
            .SelectMany(known => known.Defined.Select(destination => (known.Id, Destination: destination)))
            .ToLookup(one => one.Destination, one => one.Id, StringComparer.Ordinal));
        Volatile.Write(ref _writers, [.. writers.Select(known => known.Id)]);
        _writersChanged.Set();
    }

    private Member Describe(Known known)
    {
        var silent = time.GetElapsedTime(known.SeenAt);
        var condition = known.HasLeft ? MemberCondition.Left
            : known.IsGone || silent >= MembershipLimits.GoneAfter ? MemberCondition.Gone
            : silent >= MembershipLimits.LateAfter ? MemberCondition.Late : MemberCondition.Alive;
        return new Member(
            known.Id, DateTimeOffset.FromUnixTimeMilliseconds(known.StartedAtMs), condition, known.LastSeen,
            known.State);
    }

    private sealed class Known(
        string id, long startedAtMs, NodeState state, int bytes, long seenAt, DateTimeOffset lastSeen)
    {
        public string Id => id;

        public long StartedAtMs => startedAtMs;

        public NodeState State => state;

        /// <summary>Destinations that it gives endpoints to, in ordinal order.</summary>
        public string[] Defined { get; } =
        [
            .. state.Destinations.Where(one => one.Endpoints.Count > 0).Select(one => one.Id)
                .Order(StringComparer.Ordinal),
        ];

        public int Bytes => bytes;

        public long SeenAt => seenAt;

        public DateTimeOffset LastSeen => lastSeen;

        public bool HasLeft { get; set; }

        public bool IsGone { get; set; }

        public bool IsHere => !HasLeft && !IsGone;
    }
}
