using System.Buffers;
using Microsoft.Win32.SafeHandles;
using Weir.Protocol.Batches;
using Weir.Routing.Ports;

namespace Weir.Node.Sqlite;

/// <summary>A fragment that the disk lost: the word for metrics, and the file.</summary>
internal readonly record struct LostFragment(long Id, string Reason, string File);

/// <summary>Reads the queue on a connection of its own, so that commits and reads do not wait for each other.</summary>
internal sealed class SpoolReader(SqliteDatabase database, SegmentStore segments) : IDisposable
{
    private readonly Lock _reading = new();

    private readonly SqliteStatement _owed = database.Prepare(
        """
        SELECT owed.fragment, length FROM owed JOIN fragments ON id = owed.fragment
        WHERE lane = ?1 AND owed.fragment > ?2 ORDER BY owed.fragment LIMIT ?3
        """);

    private readonly SqliteStatement _span = database.Prepare(
        """
        SELECT first, last, stored_at
        FROM (SELECT min(fragment) AS first FROM owed WHERE lane = ?1),
            (SELECT max(fragment) AS last FROM owed WHERE lane = ?1)
        JOIN fragments ON id = first
        """);

    private readonly SqliteStatement _positions =
        database.Prepare("SELECT component, key, offset, context FROM positions ORDER BY component, key");

    private readonly SqliteStatement _letters = DeadLetterTable.PrepareList(database);

    private readonly SqliteStatement _letter = DeadLetterTable.PrepareFind(database);

    public IReadOnlyList<SourcePosition> ReadPositions()
    {
        var positions = new List<SourcePosition>();
        lock (_reading)
        {
            while (_positions.Step())
            {
                positions.Add(new(
                    new(_positions.Text(0), _positions.Text(1)), _positions.Long(2), _positions.Text(3)));
            }
        }

        return positions;
    }

    /// <summary>The places of what a lane is owed after an id.</summary>
    public IReadOnlyList<(long Id, int Length)> ListOwed(Lane lane, long afterId, int fragmentsMax, long bytesMax)
    {
        var rows = new List<(long, int)>();
        lock (_reading)
        {
            _owed.Bind(1, lane.Id).Bind(2, afterId).Bind(3, fragmentsMax);
            for (var bytes = 0L; _owed.Step();)
            {
                var length = _owed.Int(1);
                bytes += length;
                if (rows.Count > 0 && bytes > bytesMax)
                {
                    _owed.Reset();
                    break;
                }

                rows.Add((_owed.Long(0), length));
            }
        }

        return rows;
    }

    /// <summary>The oldest and the newest fragment of a lane; 0 when it is owed nothing.</summary>
    public (long FirstId, long LastId, DateTimeOffset OldestAt) SpanOf(Lane lane)
    {
        lock (_reading)
        {
            _span.Bind(1, lane.Id);
            if (!_span.Step()) return default;
            var oldestAt = DateTimeOffset.FromUnixTimeMilliseconds(_span.Long(2));
            var span = (_span.Long(0), _span.Long(1), oldestAt);
            _span.Reset();
            return span;
        }
    }

    /// <summary>Reads bodies and checks their sums.</summary>
    /// <param name="lost">Takes those whose bytes are missing or damaged.</param>
    /// <exception cref="IOException">The disk failed.</exception>
    public List<StoredFragment> ReadBodies(IReadOnlyList<(long Id, int Length)> rows, List<LostFragment> lost)
    {
        var found = new List<StoredFragment>(rows.Count);
        SafeFileHandle? file = null;
        var fileNumber = -1L;
        try
        {
            foreach (var (id, length) in rows)
            {
                var number = FragmentId.SegmentOf(id);
                if (number != fileNumber)
                {
                    file?.Dispose();
                    file = TryOpen(number);
                    fileNumber = number;
                }

                if (file is not null && TryRead(file, id, length, out var fragment)) found.Add(fragment);
                else lost.Add(new(id, file is null ? "missing" : "damaged", SegmentStore.NameOf(number)));
            }
        }
        finally
        {
            file?.Dispose();
        }

        return found;
    }

    public IReadOnlyList<StoredDeadLetter> ListLetters(long afterId, int countMax)
    {
        var letters = new List<StoredDeadLetter>();
        lock (_reading)
        {
            _letters.Bind(1, afterId).Bind(2, countMax);
            while (_letters.Step()) letters.Add(DeadLetterTable.Read(_letters));
        }

        return letters;
    }

    public StoredDeadLetter? FindLetter(long id)
    {
        lock (_reading)
        {
            _letter.Bind(1, id);
            if (!_letter.Step()) return null;
            var letter = DeadLetterTable.Read(_letter);
            _letter.Reset();
            return letter;
        }
    }

    public void Dispose()
    {
        lock (_reading) database.Dispose();
    }

    private SafeFileHandle? TryOpen(long number)
    {
        if (!segments.TryGet(number, out var segment)) return null;
        try
        {
            return File.OpenHandle(segment.Path, share: FileShare.ReadWrite | FileShare.Delete);
        }
        catch (FileNotFoundException)
        {
            return null; // acknowledged and deleted since the rows were read, or gone: the caller looks again
        }
    }

    private bool TryRead(SafeFileHandle file, long id, int length, out StoredFragment fragment)
    {
        fragment = null!;
        // Rented: an endpoint that returns is sent as much as the disk gives, and as much garbage would pile up.
        var memory = MemoryPool<byte>.Shared.Rent(length);
        var bytes = memory.Memory[..length];
        var offset = FragmentId.OffsetOf(id);
        var filled = 0;
        while (filled < length)
        {
            var read = RandomAccess.Read(file, bytes.Span[filled..], offset + filled);
            if (read == 0) break;
            filled += read;
        }

        if (filled < length || !SegmentFormat.TryRead(bytes, segments.Salt, out var record, out var stated)
            || stated != length)
        {
            memory.Dispose();
            return false;
        }

        fragment = new StoredFragment(id, record!.Key, record.Facts, record.Body) { Memory = memory };
        return true;
    }
}
