using Weir.Protocol.Fragments;
using Weir.Routing.Ports;

namespace Weir.Routing.Sharding;

/// <summary>A lane of a shard by the names of its endpoint and tenant.</summary>
internal readonly record struct LaneName(string Endpoint, string Tenant);

/// <summary>The notes in a shard's index of parked lanes: in hand, and unacknowledged, as long as the lane is parked,
/// so that they come before all else to the next owner. Any thread.</summary>
internal sealed class ParkingNotes(IBrokerSession session, TimeProvider time)
{
    // Parkings that ended lately: a note that is late, of an attempt that had no answer, begins no new one.
    private const int EndedMax = 256;

    private readonly Lock _gate = new();
    private readonly List<Note> _held = [];
    private readonly HashSet<(LaneName Lane, string Parking)> _open = [];
    private readonly Queue<string> _ended = new();

    /// <param name="number">Tells the ends of one parking apart; 0 in the index.</param>
    public static byte[] Write(
        string node, ShardId shard, LaneName lane, string parking, long number = 0) => FragmentMessage.Write(
        FragmentHeader.WithoutEntries(0),
        new FragmentFields
        {
            Node = node,
            Destination = shard.Destination,
            Tenant = lane.Tenant,
            Endpoint = lane.Endpoint,
            Parking = parking,
            Sequence = number,
        },
        default);

    /// <summary>This owner is about to send a note.</summary>
    public void Open(LaneName lane, string parking)
    {
        lock (_gate) _open.Add((lane, parking));
    }

    /// <summary>Whether what is parked belongs to a parking that has not ended.</summary>
    public bool IsOpen(LaneName lane, string parking)
    {
        lock (_gate) return _open.Contains((lane, parking));
    }

    /// <summary>Takes a note into hand.</summary>
    /// <returns>The lane and the parking that it tells of, where that is news.</returns>
    public (LaneName Lane, string Parking)? Hold(BrokerMessage message)
    {
        if (!FragmentMessage.TryRead(message.Body, out var note, out _))
        {
            session.Acknowledge(message);
            return null;
        }

        var lane = new LaneName(note.Fields.Endpoint, note.Fields.Tenant);
        var parking = note.Fields.Parking;
        lock (_gate)
        {
            if (_ended.Contains(parking))
            {
                session.Acknowledge(message);
                return null;
            }

            // A newer copy of a note takes the place of the one in hand.
            foreach (var older in _held.FindAll(one => one.Lane == lane && one.Parking == parking)) Drop(older);
            _held.Add(new Note(lane, parking, message, time.GetTimestamp()));
            return _open.Add((lane, parking)) ? (lane, parking) : null;
        }
    }

    /// <summary>The lane is parked no longer.</summary>
    public void End(LaneName lane)
    {
        lock (_gate)
        {
            foreach (var note in _held.FindAll(one => one.Lane == lane)) Drop(note);
            foreach (var (_, parking) in _open.Where(one => one.Lane == lane).ToList())
            {
                _open.Remove((lane, parking));
                _ended.Enqueue(parking);
                if (_ended.Count > EndedMax) _ended.Dequeue();
            }
        }
    }

    /// <summary>Notes that have been in hand for long: they have to be sent again, for brokers bear that only so
    /// long.</summary>
    public IReadOnlyList<(LaneName Lane, string Parking)> TakeOld()
    {
        var now = time.GetTimestamp();
        lock (_gate)
        {
            var old = _held.FindAll(note => time.GetElapsedTime(note.Since, now) >= ShardLimits.HeldMax);
            foreach (var note in old) note.Since = now; // next time later
            return [.. old.Select(note => (note.Lane, note.Parking))];
        }
    }

    private void Drop(Note note)
    {
        _held.Remove(note);
        session.Acknowledge(note.Message);
    }

    private sealed class Note(LaneName lane, string parking, BrokerMessage message, long since)
    {
        public LaneName Lane => lane;

        public string Parking => parking;

        public BrokerMessage Message => message;

        public long Since { get; set; } = since;
    }
}
