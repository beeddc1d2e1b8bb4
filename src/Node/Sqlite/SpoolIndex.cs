using System.Collections.Concurrent;
using Weir.Protocol.Batches;
using Weir.Routing.Ports;

namespace Weir.Node.Sqlite;

/// <summary>The index's writing side: the statements of a transaction, and the counts that follow from them.</summary>
/// <remarks>One thread at a time; <see cref="Find"/> and the counts from any.</remarks>
internal sealed class SpoolIndex
{
    /// <summary>What a fragment is charged for its rows.</summary>
    public const int RowBytes = 96;

    private readonly ConcurrentDictionary<FragmentKey, Route> _routes = new();
    private readonly Dictionary<long, Route> _routesById = [];
    private readonly SqliteDatabase _database;
    private readonly SegmentStore _segments;
    private readonly DeadLetterTable _letters;
    private readonly SqliteStatement _begin;
    private readonly SqliteStatement _commit;
    private readonly SqliteStatement _insertRoute;
    private readonly SqliteStatement _insertLane;
    private readonly SqliteStatement _insertFragment;
    private readonly SqliteStatement _insertOwed;
    private readonly SqliteStatement _findFragment;
    private readonly SqliteStatement _deleteOwed;
    private readonly SqliteStatement _countOwed;
    private readonly SqliteStatement _deleteFragment;
    private readonly SqliteStatement _setPosition;
    private readonly SqliteStatement _deletePosition;
    private readonly SqliteStatement _insertLost;
    private readonly SqliteStatement _listOwed;
    private long _fragments;
    private long _letterCount;
    private long _letterBytes;
    private bool _full = true;

    public SpoolIndex(SqliteDatabase database, SegmentStore segments, long deadLetterBytesMax)
    {
        _database = database;
        _segments = segments;
        _letters = new DeadLetterTable(database, deadLetterBytesMax);
        _begin = database.Prepare("BEGIN IMMEDIATE");
        _commit = database.Prepare("COMMIT");
        _insertRoute = database.Prepare("INSERT INTO routes VALUES (NULL, ?1, ?2, ?3)");
        _insertLane = database.Prepare("INSERT INTO lanes VALUES (NULL, ?1, ?2)");
        _insertFragment = database.Prepare("INSERT INTO fragments VALUES (?1, ?2, ?3, ?4, ?5, ?6)");
        _insertOwed = database.Prepare("INSERT INTO owed VALUES (?1, ?2)");
        _findFragment = database.Prepare("SELECT route, length, entries, owed FROM fragments WHERE id = ?1");
        _deleteOwed = database.Prepare("DELETE FROM owed WHERE lane = ?1 AND fragment = ?2");
        _countOwed = database.Prepare("UPDATE fragments SET owed = owed - 1 WHERE id = ?1");
        _deleteFragment = database.Prepare("DELETE FROM fragments WHERE id = ?1");
        _setPosition = database.Prepare("INSERT OR REPLACE INTO positions VALUES (?1, ?2, ?3, ?4)");
        _deletePosition = database.Prepare("DELETE FROM positions WHERE component = ?1 AND key = ?2");
        _insertLost = database.Prepare("INSERT INTO lost_fragments VALUES (?1, ?2, ?3, ?4, ?5, ?6)");
        _listOwed = database.Prepare("SELECT id, length FROM fragments WHERE id BETWEEN ?1 AND ?2 ORDER BY id");
        Load();
    }

    public long Fragments => Volatile.Read(ref _fragments);

    public long Letters => Volatile.Read(ref _letterCount);

    public long LetterBytes => Volatile.Read(ref _letterBytes);

    /// <summary>All lanes that were owed something at the start or since.</summary>
    public IEnumerable<Lane> Lanes => _routes.Values.SelectMany(route => route.Lanes.Values);

    public Lane? Find(LaneKey key) =>
        _routes.TryGetValue(new(key.Destination, key.Tenant, key.Partition), out var route)
        && route.Lanes.TryGetValue(key.Endpoint, out var lane) ? lane : null;

    /// <summary>Writes one transaction; the counts follow once it is committed.</summary>
    /// <param name="durable">False lets the disk write it later; the next durable one, or a checkpoint, takes it
    /// along.</param>
    /// <exception cref="DatabaseException">Nothing changed.</exception>
    public SpoolChange Write(
        SpoolTransaction transaction, IReadOnlyList<PlacedFragment> placed, IReadOnlyList<long> lettersRemoved,
        bool durable)
    {
        return Run(durable, change =>
        {
            foreach (var fragment in placed) Add(fragment, change);
            foreach (var source in transaction.Forgotten)
                _deletePosition.Bind(1, source.Component).Bind(2, source.Key).Run();
            foreach (var position in transaction.Positions) Set(position);
            foreach (var acknowledgement in transaction.Acknowledged) Remove(acknowledgement, change);
            foreach (var letter in transaction.DeadLetters) _letters.Add(letter, change);
            foreach (var letter in lettersRemoved) _letters.Remove(letter, change);
            _letters.Discard(_letterBytes, change);
        });
    }

    /// <summary>Adds fragments found in the segments of a spool whose index was lost.</summary>
    public void Restore(IReadOnlyList<PlacedFragment> placed) =>
        Run(durable: true, change =>
        {
            foreach (var fragment in placed) Add(fragment, change);
        });

    /// <summary>Moves a fragment without bytes out of the queue.</summary>
    /// <returns>Its entries; -1 when it was not there any more.</returns>
    public long MoveToLost(long id, string reason, DateTimeOffset at)
    {
        var entries = -1L;
        Run(durable: true, change =>
        {
            if (!TryFind(id, out var row)) return;
            entries = row.Entries;
            foreach (var lane in row.Route.Lanes.Values)
                if (DeleteOwed(lane, id)) change.Lanes.Add((lane, -1, row.Length));
            _deleteFragment.Bind(1, id).Run();
            change.Fragments.Add((id, -1, row.Length));
            _insertLost.Bind(1, id).Bind(2, row.Route.Key.Destination).Bind(3, row.Route.Key.Tenant).Bind(4, entries)
                .Bind(5, reason).Bind(6, at.ToUnixTimeMilliseconds()).Run();
            _database.Execute(SpoolSchema.TrimLost);
        });
        return entries;
    }

    /// <summary>The places in a segment that an endpoint is still owed, in order.</summary>
    public IReadOnlyList<(long Offset, long Length)> ListOwed(long segment)
    {
        var places = new List<(long, long)>();
        _listOwed.Bind(1, FragmentId.Of(segment, 0)).Bind(2, FragmentId.Of(segment, uint.MaxValue));
        while (_listOwed.Step()) places.Add((FragmentId.OffsetOf(_listOwed.Long(0)), _listOwed.Long(1)));
        return places;
    }

    /// <summary>Makes every transaction before it durable, as files may be deleted or punched only after
    /// that.</summary>
    /// <exception cref="DatabaseException">The disk failed.</exception>
    public void Barrier() => Run(durable: true, _ => _database.Execute("UPDATE spool SET salt = salt"));

    private SpoolChange Run(bool durable, Action<SpoolChange> write)
    {
        var change = new SpoolChange();
        if (_full != durable) _database.Execute($"PRAGMA synchronous = {(durable ? "FULL" : "NORMAL")}");
        _full = durable;
        _begin.Run();
        try
        {
            write(change);
            _commit.Run();
        }
        catch (DatabaseException)
        {
            Forget(change);
            throw;
        }

        Apply(change);
        return change;
    }

    private void Add(PlacedFragment fragment, SpoolChange change)
    {
        var (key, endpoints) = (fragment.Record.Key, fragment.Record.Endpoints);
        var route = RouteOf(key, change);
        _insertFragment.Bind(1, fragment.Id).Bind(2, route.Id).Bind(3, fragment.Length)
            .Bind(4, fragment.Record.Facts.Entries).Bind(5, endpoints.Count)
            .Bind(6, fragment.Record.StoredAt.ToUnixTimeMilliseconds()).Run();
        change.Fragments.Add((fragment.Id, 1, fragment.Length));
        foreach (var endpoint in endpoints)
        {
            var lane = LaneOf(route, endpoint, change);
            _insertOwed.Bind(1, lane.Id).Bind(2, fragment.Id).Run();
            change.Lanes.Add((lane, 1, fragment.Length));
        }
    }

    private void Set(SourcePosition position) =>
        _setPosition.Bind(1, position.Source.Component).Bind(2, position.Source.Key)
            .Bind(3, position.Offset).Bind(4, position.Context).Run();

    private void Remove(Acknowledgement acknowledgement, SpoolChange change)
    {
        var id = acknowledgement.FragmentId;
        if (!TryFind(id, out var row)
            || !row.Route.Lanes.TryGetValue(acknowledgement.Endpoint, out var lane)
            || !DeleteOwed(lane, id)) return; // acknowledged before
        change.Lanes.Add((lane, -1, row.Length));
        if (row.Owed > 1)
        {
            _countOwed.Bind(1, id).Run();
            return;
        }

        _deleteFragment.Bind(1, id).Run();
        change.Fragments.Add((id, -1, row.Length));
    }

    private bool TryFind(long id, out (Route Route, int Length, long Entries, long Owed) row)
    {
        row = default;
        _findFragment.Bind(1, id);
        if (!_findFragment.Step()) return false;
        row = (_routesById[_findFragment.Long(0)], _findFragment.Int(1), _findFragment.Long(2), _findFragment.Long(3));
        _findFragment.Reset();
        return true;
    }

    private bool DeleteOwed(Lane lane, long fragment)
    {
        _deleteOwed.Bind(1, lane.Id).Bind(2, fragment).Run();
        return _database.Changes > 0;
    }

    private Route RouteOf(FragmentKey key, SpoolChange change)
    {
        if (_routes.TryGetValue(key, out var route)) return route;
        _insertRoute.Bind(1, key.Destination).Bind(2, key.Tenant).Bind(3, key.Partition).Run();
        route = new Route(_database.InsertedId, key);
        _routes[key] = route;
        _routesById[route.Id] = route;
        change.NewRoutes.Add(route);
        return route;
    }

    private Lane LaneOf(Route route, string endpoint, SpoolChange change)
    {
        if (route.Lanes.TryGetValue(endpoint, out var lane)) return lane;
        _insertLane.Bind(1, route.Id).Bind(2, endpoint).Run();
        lane = new Lane(_database.InsertedId, KeyOf(route, endpoint));
        route.Lanes[endpoint] = lane;
        change.NewLanes.Add((route, lane));
        return lane;
    }

    private static LaneKey KeyOf(Route route, string endpoint) =>
        new(route.Key.Destination, endpoint, route.Key.Tenant, route.Key.Partition);

    private void Forget(SpoolChange change)
    {
        foreach (var (route, lane) in change.NewLanes) route.Lanes.TryRemove(lane.Key.Endpoint, out _);
        foreach (var route in change.NewRoutes)
        {
            _routes.TryRemove(route.Key, out _);
            _routesById.Remove(route.Id);
        }

        try
        {
            _database.Execute("ROLLBACK");
        }
        catch (DatabaseException)
        {
            // SQLite rolled it back itself, as it does for most failures; the first one is what the caller hears of.
        }
    }

    private void Apply(SpoolChange change)
    {
        foreach (var (lane, fragments, length) in change.Lanes) lane.Count(fragments, (long)fragments * length);
        foreach (var (id, fragments, length) in change.Fragments)
            Count(FragmentId.SegmentOf(id), fragments, length);
        Interlocked.Add(ref _letterCount, change.Letters);
        Interlocked.Add(ref _letterBytes, change.LetterBytes);
    }

    private void Count(long segment, long fragments, long length)
    {
        Interlocked.Add(ref _fragments, fragments);
        _segments.Count(segment, fragments, length);
    }

    private void Load()
    {
        // Lanes of configurations long gone would only pile up.
        _database.Execute(
            """
            DELETE FROM lanes WHERE NOT EXISTS (SELECT 1 FROM owed WHERE owed.lane = lanes.id);
            DELETE FROM routes WHERE NOT EXISTS (SELECT 1 FROM lanes WHERE lanes.route = routes.id);
            """);
        var routes = _database.Prepare("SELECT id, destination, tenant, partition FROM routes");
        while (routes.Step())
        {
            var route = new Route(routes.Long(0), new(routes.Text(1), routes.Text(2), routes.Int(3)));
            _routesById[route.Id] = _routes[route.Key] = route;
        }

        var lanes = _database.Prepare(
            """
            SELECT lanes.id, lanes.route, endpoint, count(*), sum(length)
            FROM lanes JOIN owed ON owed.lane = lanes.id JOIN fragments ON fragments.id = owed.fragment
            GROUP BY lanes.id
            """);
        while (lanes.Step())
        {
            var route = _routesById[lanes.Long(1)];
            var lane = new Lane(lanes.Long(0), KeyOf(route, lanes.Text(2)));
            lane.Count(lanes.Long(3), lanes.Long(4));
            route.Lanes[lane.Key.Endpoint] = lane;
        }

        var held = _database.Prepare("SELECT id >> 32, count(*) FROM fragments GROUP BY id >> 32");
        while (held.Step()) Count(held.Long(0), held.Long(1), length: 0);
        (_letterCount, _letterBytes) = DeadLetterTable.Measure(_database);
    }
}
