using System.Globalization;
using Weir.Node.Sqlite;
using Weir.Protocol.Batches;

namespace Weir.Node.Store;

/// <summary>A stream that the store has seen.</summary>
internal sealed record StoredStream(long Id, string Tenant, LabelSet Labels);

/// <summary>One push as it was stored.</summary>
/// <param name="Body">A Snappy block of a <c>PushRequest</c>.</param>
internal readonly record struct StoredPush(long Id, byte[] Body);

/// <summary>What a query would have to read.</summary>
/// <param name="Bytes">Before compression.</param>
internal sealed record StoreStatistics(int Streams, long Pushes, long Bytes, long Entries);

/// <summary>The most recent logs of the node, compressed as they came, in one SQLite file.</summary>
/// <remarks>
/// A preview and a test double, not a Loki: bounded by size, oldest pushes go first. Safe from any thread; one lock,
/// since a query reads whole pushes and spends its time decoding outside of it.
/// </remarks>
internal sealed class LogStore : IDisposable
{
    /// <summary>What the file may hold by default: 1 GiB.</summary>
    public const long BytesMaxDefault = 1L << 30;

    /// <summary>Streams above which a query reads every push of its time range instead of asking for each
    /// stream's.</summary>
    private const int StreamsListedMax = 500;

    /// <summary>Of the tables. A file of another version starts empty: a preview is not worth converting.</summary>
    private const int SchemaVersion = 1;

    private readonly Lock _gate = new();
    private readonly SqliteDatabase _database;
    private readonly SqliteStatement _insertPush;
    private readonly SqliteStatement _insertStream;
    private readonly SqliteStatement _insertOccurrence;
    private readonly SqliteStatement _oldest;
    private readonly SqliteStatement _deletePush;
    private readonly SqliteStatement _deleteOccurrences;
    private readonly SqliteStatement _streamsOfPush;
    private readonly SqliteStatement _pushOfStream;
    private readonly SqliteStatement _deleteStream;
    private readonly SqliteStatement _read;
    private readonly Dictionary<(string Tenant, LabelSet Labels), StoredStream> _streams = [];
    private readonly Dictionary<long, StoredStream> _streamsById = [];
    private readonly LabelSets _labelSets;
    private readonly long _bytesMax;
    private long _bytes;

    /// <exception cref="DatabaseException">The file cannot be opened or is none of ours.</exception>
    public LogStore(string path, LabelSets labelSets, long bytesMax = BytesMaxDefault)
    {
        _labelSets = labelSets;
        _bytesMax = bytesMax;
        _database = SqliteDatabase.Open(path);
        CreateTables();
        _insertPush = _database.Prepare(
            "INSERT INTO pushes(tenant, oldest, newest, bytes, unpacked, entries, body) VALUES(?, ?, ?, ?, ?, ?, ?)");
        _insertStream = _database.Prepare("INSERT INTO streams(tenant, labels) VALUES(?, ?)");
        _insertOccurrence = _database.Prepare("INSERT OR IGNORE INTO occurrences(stream, push) VALUES(?, ?)");
        _oldest = _database.Prepare("SELECT id, bytes FROM pushes ORDER BY id LIMIT 1");
        _deletePush = _database.Prepare("DELETE FROM pushes WHERE id = ?");
        _deleteOccurrences = _database.Prepare("DELETE FROM occurrences WHERE push = ?");
        _streamsOfPush = _database.Prepare("SELECT stream FROM occurrences WHERE push = ?");
        _pushOfStream = _database.Prepare("SELECT push FROM occurrences WHERE stream = ? LIMIT 1");
        _deleteStream = _database.Prepare("DELETE FROM streams WHERE id = ?");
        _read = _database.Prepare("SELECT body FROM pushes WHERE id = ?");
        Recall();
    }

    /// <summary>Stores a push that <see cref="PushDecoder"/> has checked.</summary>
    /// <exception cref="DatabaseException">The disk is full or failed; nothing of it is stored.</exception>
    public void Add(string tenant, DecodedPush push)
    {
        lock (_gate)
        {
            _database.Execute("BEGIN IMMEDIATE");
            try
            {
                _insertPush.Bind(1, tenant).Bind(2, push.Oldest).Bind(3, push.Newest).Bind(4, push.Body.Length)
                    .Bind(5, push.Unpacked).Bind(6, push.Entries).Bind(7, push.Body.Span).Run();
                var id = _database.InsertedId;
                foreach (var labels in push.Streams)
                    _insertOccurrence.Bind(1, StreamOf(tenant, labels).Id).Bind(2, id).Run();
                _bytes += push.Body.Length;
                Trim();
                _database.Execute("COMMIT");
            }
            catch (DatabaseException)
            {
                if (_database.IsInTransaction) _database.Execute("ROLLBACK"); // a full disk has done that itself
                Recall();
                throw;
            }
        }
    }

    /// <summary>The tenant's streams, in no order.</summary>
    public IReadOnlyList<StoredStream> Streams(string tenant)
    {
        lock (_gate) return [.. _streams.Values.Where(stream => stream.Tenant == tenant)];
    }

    /// <summary>Pushes that may hold entries of these streams in this time range, oldest first.</summary>
    /// <param name="from">Inclusive, ns since the epoch.</param>
    /// <param name="to">Exclusive.</param>
    public IEnumerable<StoredPush> Find(string tenant, IReadOnlyCollection<StoredStream> streams, long from, long to)
    {
        // Ids first, bodies one by one: memory holds one push at a time, and the lock is never held for long.
        foreach (var id in Ids(tenant, streams, from, to))
        {
            byte[]? body = null;
            lock (_gate)
            {
                if (_read.Bind(1, id).Step())
                {
                    body = _read.Blob(0);
                    _read.Reset();
                }
            }

            if (body is not null) yield return new StoredPush(id, body);
        }
    }

    public void Dispose()
    {
        lock (_gate) _database.Dispose();
    }

    /// <summary>What <see cref="Find"/> would read, without reading it.</summary>
    public StoreStatistics Measure(string tenant, IReadOnlyCollection<StoredStream> streams, long from, long to)
    {
        if (streams.Count == 0) return new StoreStatistics(0, 0, 0, 0);
        lock (_gate)
        {
            using var query = _database.Query(
                $"SELECT COUNT(*), COALESCE(SUM(unpacked), 0), COALESCE(SUM(entries), 0) {Condition(streams)}");
            query.Bind(1, tenant).Bind(2, from).Bind(3, to).Step();
            return new StoreStatistics(streams.Count, query.Long(0), query.Long(1), query.Long(2));
        }
    }

    private List<long> Ids(string tenant, IReadOnlyCollection<StoredStream> streams, long from, long to)
    {
        var ids = new List<long>();
        if (streams.Count == 0) return ids;
        lock (_gate)
        {
            using var query = _database.Query($"SELECT id {Condition(streams)} ORDER BY newest, id");
            query.Bind(1, tenant).Bind(2, from).Bind(3, to);
            while (query.Step()) ids.Add(query.Long(0));
        }

        return ids;
    }

    private static string Condition(IReadOnlyCollection<StoredStream> streams)
    {
        const string ofTime = "FROM pushes WHERE tenant = ? AND newest >= ? AND oldest < ?";
        if (streams.Count > StreamsListedMax) return ofTime;
        var list = string.Join(',', streams.Select(stream => stream.Id.ToString(CultureInfo.InvariantCulture)));
        return $"{ofTime} AND id IN (SELECT push FROM occurrences WHERE stream IN ({list}))";
    }

    private StoredStream StreamOf(string tenant, LabelSet labels)
    {
        if (_streams.TryGetValue((tenant, labels), out var known)) return known;
        _insertStream.Bind(1, tenant).Bind(2, labels.ToString()).Run();
        var stream = new StoredStream(_database.InsertedId, tenant, labels);
        Know(stream);
        return stream;
    }

    private void Know(StoredStream stream)
    {
        _streams[(stream.Tenant, stream.Labels)] = stream;
        _streamsById[stream.Id] = stream;
    }

    private void Trim()
    {
        while (_bytes > _bytesMax && _oldest.Step())
        {
            var (id, bytes) = (_oldest.Long(0), _oldest.Long(1));
            _oldest.Reset();
            var streams = new List<long>();
            _streamsOfPush.Bind(1, id);
            while (_streamsOfPush.Step()) streams.Add(_streamsOfPush.Long(0));
            _deletePush.Bind(1, id).Run();
            _deleteOccurrences.Bind(1, id).Run();
            _bytes -= bytes;
            foreach (var stream in streams) ForgetIfUnused(stream);
        }
    }

    /// <summary>A stream without a push is in no answer, and must not fill memory for ever.</summary>
    private void ForgetIfUnused(long id)
    {
        var isUsed = _pushOfStream.Bind(1, id).Step();
        _pushOfStream.Reset();
        if (isUsed || !_streamsById.Remove(id, out var stream)) return;
        _streams.Remove((stream.Tenant, stream.Labels));
        _deleteStream.Bind(1, id).Run();
    }

    private void CreateTables()
    {
        if (_database.Number("PRAGMA user_version") != SchemaVersion)
        {
            _database.Execute(
                "DROP TABLE IF EXISTS streams; DROP TABLE IF EXISTS pushes; DROP TABLE IF EXISTS occurrences");
        }

        _database.Execute(
            $"""
            PRAGMA journal_mode = WAL;
            PRAGMA synchronous = NORMAL;
            CREATE TABLE IF NOT EXISTS streams(
              id INTEGER PRIMARY KEY, tenant TEXT NOT NULL, labels TEXT NOT NULL, UNIQUE(tenant, labels));
            CREATE TABLE IF NOT EXISTS pushes(
              id INTEGER PRIMARY KEY AUTOINCREMENT, tenant TEXT NOT NULL,
              oldest INTEGER NOT NULL, newest INTEGER NOT NULL,
              bytes INTEGER NOT NULL, unpacked INTEGER NOT NULL, entries INTEGER NOT NULL, body BLOB NOT NULL);
            CREATE INDEX IF NOT EXISTS pushes_by_time ON pushes(tenant, newest);
            CREATE TABLE IF NOT EXISTS occurrences(
              stream INTEGER NOT NULL, push INTEGER NOT NULL, PRIMARY KEY(stream, push)) WITHOUT ROWID;
            CREATE INDEX IF NOT EXISTS occurrences_by_push ON occurrences(push);
            PRAGMA user_version = {SchemaVersion};
            """);
    }

    /// <summary>Reads back what is kept in memory: at the start, and when a transaction was taken back.</summary>
    private void Recall()
    {
        _bytes = _database.Number("SELECT COALESCE(SUM(bytes), 0) FROM pushes");
        _streams.Clear();
        _streamsById.Clear();
        using var query = _database.Query("SELECT id, tenant, labels FROM streams");
        while (query.Step())
        {
            if (PushDecoder.ParseLabels(query.Text(2), _labelSets) is { } labels)
                Know(new StoredStream(query.Long(0), query.Text(1), labels));
        }
    }
}
