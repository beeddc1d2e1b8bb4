using System.Globalization;
using Weir.Node.Sqlite;
using Weir.Protocol.Batches;

namespace Weir.Node.Store;

/// <summary>A stream that the store has seen.</summary>
internal sealed record StoredStream(long Id, string Tenant, LabelSet Labels);

/// <summary>One push as it was stored.</summary>
/// <param name="Body">A Snappy block of a <c>PushRequest</c>.</param>
internal readonly record struct StoredPush(long Id, byte[] Body);

/// <summary>The most recent logs of the node, compressed as they came, in one SQLite file.</summary>
/// <remarks>
/// A preview and a test double, not a Loki: bounded by size, oldest pushes go first. Safe from any thread; one lock,
/// since
/// a query reads whole pushes and spends its time decoding outside of it.
/// </remarks>
internal sealed class LogStore : IDisposable
{
    /// <summary>What the file may hold by default: 1 GiB.</summary>
    public const long BytesMaxDefault = 1L << 30;

    /// <summary>Streams above which a query reads every push of its time range instead of asking for each
    /// stream's.</summary>
    private const int StreamsListedMax = 500;

    private readonly Lock _gate = new();
    private readonly SqliteDatabase _database;
    private readonly SqliteStatement _insertPush;
    private readonly SqliteStatement _insertStream;
    private readonly SqliteStatement _insertOccurrence;
    private readonly SqliteStatement _oldest;
    private readonly SqliteStatement _deletePush;
    private readonly SqliteStatement _deleteOccurrences;
    private readonly SqliteStatement _read;
    private readonly Dictionary<(string Tenant, LabelSet Labels), StoredStream> _streams = [];
    private readonly LabelSets _labelSets;
    private readonly long _bytesMax;
    private long _bytes;

    /// <exception cref="DatabaseException">The file cannot be opened or is none of ours.</exception>
    public LogStore(string path, LabelSets labelSets, long bytesMax = BytesMaxDefault)
    {
        _labelSets = labelSets;
        _bytesMax = bytesMax;
        _database = SqliteDatabase.Open(path);
        _database.Execute(
            """
            PRAGMA journal_mode = WAL;
            PRAGMA synchronous = NORMAL;
            CREATE TABLE IF NOT EXISTS streams(
              id INTEGER PRIMARY KEY, tenant TEXT NOT NULL, labels TEXT NOT NULL, UNIQUE(tenant, labels));
            CREATE TABLE IF NOT EXISTS pushes(
              id INTEGER PRIMARY KEY AUTOINCREMENT, tenant TEXT NOT NULL, oldest INTEGER NOT NULL, newest INTEGER NOT NULL,
              bytes INTEGER NOT NULL, body BLOB NOT NULL);
            CREATE INDEX IF NOT EXISTS pushes_by_time ON pushes(tenant, newest);
            CREATE TABLE IF NOT EXISTS occurrences(
              stream INTEGER NOT NULL, push INTEGER NOT NULL, PRIMARY KEY(stream, push)) WITHOUT ROWID;
            CREATE INDEX IF NOT EXISTS occurrences_by_push ON occurrences(push);
            """);
        _insertPush = _database.Prepare(
            "INSERT INTO pushes(tenant, oldest, newest, bytes, body) VALUES(?, ?, ?, ?, ?)");
        _insertStream = _database.Prepare("INSERT INTO streams(tenant, labels) VALUES(?, ?)");
        _insertOccurrence = _database.Prepare("INSERT OR IGNORE INTO occurrences(stream, push) VALUES(?, ?)");
        _oldest = _database.Prepare("SELECT id, bytes FROM pushes ORDER BY id LIMIT 1");
        _deletePush = _database.Prepare("DELETE FROM pushes WHERE id = ?");
        _deleteOccurrences = _database.Prepare("DELETE FROM occurrences WHERE push = ?");
        _read = _database.Prepare("SELECT body FROM pushes WHERE id = ?");
        _bytes = _database.Number("SELECT COALESCE(SUM(bytes), 0) FROM pushes");
        LoadStreams();
    }

    /// <summary>Stores a push that <see cref="PushDecoder"/> has checked.</summary>
    public void Add(string tenant, DecodedPush push)
    {
        lock (_gate)
        {
            _database.Execute("BEGIN IMMEDIATE");
            try
            {
                _insertPush.Bind(1, tenant).Bind(2, push.Oldest).Bind(3, push.Newest).Bind(4, push.Body.Length)
                    .Bind(5, push.Body.Span).Run();
                var id = _database.InsertedId;
                foreach (var labels in push.Streams)
                    _insertOccurrence.Bind(1, StreamOf(tenant, labels).Id).Bind(2, id).Run();
                _bytes += push.Body.Length;
                Trim();
                _database.Execute("COMMIT");
            }
            catch (DatabaseException)
            {
                _database.Execute("ROLLBACK");
                _streams.Clear(); // some may have been of the transaction
                LoadStreams();
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

    private List<long> Ids(string tenant, IReadOnlyCollection<StoredStream> streams, long from, long to)
    {
        var ids = new List<long>();
        if (streams.Count == 0) return ids;
        var sql = "SELECT id FROM pushes WHERE tenant = ? AND newest >= ? AND oldest < ?";
        if (streams.Count <= StreamsListedMax)
        {
            var list = string.Join(',', streams.Select(stream => stream.Id.ToString(CultureInfo.InvariantCulture)));
            sql += $" AND id IN (SELECT push FROM occurrences WHERE stream IN ({list}))";
        }

        lock (_gate)
        {
            using var query = _database.Query(sql + " ORDER BY newest, id");
            query.Bind(1, tenant).Bind(2, from).Bind(3, to);
            while (query.Step()) ids.Add(query.Long(0));
        }

        return ids;
    }

    private StoredStream StreamOf(string tenant, LabelSet labels)
    {
        if (_streams.TryGetValue((tenant, labels), out var known)) return known;
        _insertStream.Bind(1, tenant).Bind(2, labels.ToString()).Run();
        var stream = new StoredStream(_database.InsertedId, tenant, labels);
        _streams.Add((tenant, labels), stream);
        return stream;
    }

    private void Trim()
    {
        while (_bytes > _bytesMax && _oldest.Step())
        {
            var (id, bytes) = (_oldest.Long(0), _oldest.Long(1));
            _oldest.Reset();
            _deletePush.Bind(1, id).Run();
            _deleteOccurrences.Bind(1, id).Run();
            _bytes -= bytes;
        }
    }

    private void LoadStreams()
    {
        using var query = _database.Query("SELECT id, tenant, labels FROM streams");
        while (query.Step())
        {
            var labels = PushDecoder.ParseLabels(query.Text(2), _labelSets);
            if (labels is not null)
                _streams[(query.Text(1), labels)] = new StoredStream(query.Long(0), query.Text(1), labels);
        }
    }
}
