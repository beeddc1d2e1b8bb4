using Weir.Routing.Ports;

namespace Weir.Node.Sqlite;

/// <summary>Dead letters, bodies included, in the database: they are few, and would keep segments alive for
/// long.</summary>
internal sealed class DeadLetterTable(SqliteDatabase database, long bytesMax)
{
    /// <summary>What a letter is charged beyond its body: its row and the rest of its last page.</summary>
    public const int RowBytes = 4096;

    private const int DetailLengthMax = 1024;

    private const string Columns =
        "id, destination, endpoint, tenant, partition, at, reason, status, detail, "
        + "uncompressed_length, entries, line_bytes, timestamp_min, timestamp_max, body";

    private readonly SqliteStatement _insert = database.Prepare(
        $"INSERT INTO dead_letters ({Columns}) "
        + "VALUES (NULL, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)");

    private readonly SqliteStatement _oldest =
        database.Prepare("SELECT id, entries, length(body) FROM dead_letters ORDER BY id LIMIT 1");

    private readonly SqliteStatement _size = database.Prepare("SELECT length(body) FROM dead_letters WHERE id = ?1");
    private readonly SqliteStatement _delete = database.Prepare("DELETE FROM dead_letters WHERE id = ?1");

    public static (long Count, long Bytes) Measure(SqliteDatabase database) => (
        database.Number("SELECT count(*) FROM dead_letters"),
        database.Number($"SELECT sum(length(body) + {RowBytes}) FROM dead_letters"));

    /// <summary>The query of <see cref="Read"/>: ids after ?1, at most ?2.</summary>
    public static SqliteStatement PrepareList(SqliteDatabase database) =>
        database.Prepare($"SELECT {Columns} FROM dead_letters WHERE id > ?1 ORDER BY id LIMIT ?2");

    /// <summary>The query of <see cref="Read"/>: the id ?1.</summary>
    public static SqliteStatement PrepareFind(SqliteDatabase database) =>
        database.Prepare($"SELECT {Columns} FROM dead_letters WHERE id = ?1");

    public static StoredDeadLetter Read(SqliteStatement row) => new(row.Long(0), new DeadLetter(
        new LaneKey(row.Text(1), row.Text(2), row.Text(3), row.Int(4)),
        new FragmentFacts(row.Int(9), row.Int(10), row.Int(11), row.Long(12), row.Long(13)),
        row.Blob(14), row.Text(6), row.Int(7), row.Text(8), DateTimeOffset.FromUnixTimeMilliseconds(row.Long(5))));

    public void Add(DeadLetter letter, SpoolChange change)
    {
        var detail = letter.Detail.Length <= DetailLengthMax ? letter.Detail : letter.Detail[..DetailLengthMax];
        var facts = letter.Facts;
        _insert.Bind(1, letter.Lane.Destination).Bind(2, letter.Lane.Endpoint).Bind(3, letter.Lane.Tenant)
            .Bind(4, letter.Lane.Partition).Bind(5, letter.At.ToUnixTimeMilliseconds()).Bind(6, letter.Reason)
            .Bind(7, letter.StatusCode).Bind(8, detail).Bind(9, facts.UncompressedLength).Bind(10, facts.Entries)
            .Bind(11, facts.LineBytes).Bind(12, facts.TimestampMin).Bind(13, facts.TimestampMax)
            .Bind(14, letter.Body.Span).Run();
        change.Letters++;
        change.LetterBytes += letter.Body.Length + RowBytes;
    }

    /// <summary>Removes a letter; one that is gone already changes nothing.</summary>
    public void Remove(long id, SpoolChange change)
    {
        _size.Bind(1, id);
        if (!_size.Step()) return;
        var bytes = _size.Long(0);
        _size.Reset();
        Remove(id, bytes, change);
    }

    /// <summary>Removes the oldest letters until the rest fits its budget.</summary>
    /// <param name="bytes">What they took before the transaction.</param>
    public void Discard(long bytes, SpoolChange change)
    {
        while (bytes + change.LetterBytes > bytesMax && _oldest.Step())
        {
            var (id, entries, length) = (_oldest.Long(0), _oldest.Long(1), _oldest.Long(2));
            _oldest.Reset();
            Remove(id, length, change);
            change.DiscardedLetters++;
            change.DiscardedEntries += entries;
        }
    }

    private void Remove(long id, long bodyBytes, SpoolChange change)
    {
        _delete.Bind(1, id).Run();
        change.Letters--;
        change.LetterBytes -= bodyBytes + RowBytes;
    }
}
