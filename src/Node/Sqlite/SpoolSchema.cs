using SQLitePCL;

namespace Weir.Node.Sqlite;

/// <summary>The tables of the index, their version, and how a connection to them is set up.</summary>
/// <seealso href="docs/formats/spool.md"/>
internal static class SpoolSchema
{
    public const string FileName = "spool.db";

    /// <summary>The layout that this build writes, in <c>PRAGMA user_version</c>.</summary>
    public const int Version = 1;

    /// <summary>Marks the file as a spool's index, in <c>PRAGMA application_id</c>: "WEIR".</summary>
    public const int ApplicationId = 0x57454952;

    /// <summary>Rows of <c>lost_fragments</c> that are kept; the oldest go. The counters hold the whole
    /// truth.</summary>
    public const int LostRowsMax = 10_000;

    // 4 MiB of log before it is copied into the database: some hundreds of commits.
    private const string Pragmas =
        """
        PRAGMA journal_mode = WAL;
        PRAGMA wal_autocheckpoint = 1000;
        PRAGMA journal_size_limit = 16777216;
        PRAGMA synchronous = FULL;
        PRAGMA cache_size = -4096;
        PRAGMA temp_store = MEMORY;
        """;

    private const string Tables =
        """
        CREATE TABLE spool (salt INTEGER NOT NULL);
        CREATE TABLE routes (
            id INTEGER PRIMARY KEY, destination TEXT NOT NULL, tenant TEXT NOT NULL, partition INTEGER NOT NULL,
            UNIQUE (destination, tenant, partition));
        CREATE TABLE lanes (
            id INTEGER PRIMARY KEY, route INTEGER NOT NULL, endpoint TEXT NOT NULL, UNIQUE (route, endpoint));
        CREATE TABLE fragments (
            id INTEGER PRIMARY KEY, route INTEGER NOT NULL, length INTEGER NOT NULL, entries INTEGER NOT NULL,
            owed INTEGER NOT NULL, stored_at INTEGER NOT NULL);
        CREATE TABLE owed (
            lane INTEGER NOT NULL, fragment INTEGER NOT NULL, PRIMARY KEY (lane, fragment)) WITHOUT ROWID;
        CREATE TABLE positions (
            component TEXT NOT NULL, key TEXT NOT NULL, offset INTEGER NOT NULL, context TEXT NOT NULL,
            PRIMARY KEY (component, key)) WITHOUT ROWID;
        CREATE TABLE dead_letters (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            destination TEXT NOT NULL, endpoint TEXT NOT NULL, tenant TEXT NOT NULL, partition INTEGER NOT NULL,
            at INTEGER NOT NULL, reason TEXT NOT NULL, status INTEGER NOT NULL, detail TEXT NOT NULL,
            uncompressed_length INTEGER NOT NULL, entries INTEGER NOT NULL, line_bytes INTEGER NOT NULL,
            timestamp_min INTEGER NOT NULL, timestamp_max INTEGER NOT NULL, body BLOB NOT NULL);
        CREATE TABLE lost_fragments (
            fragment INTEGER NOT NULL, destination TEXT NOT NULL, tenant TEXT NOT NULL, entries INTEGER NOT NULL,
            reason TEXT NOT NULL, at INTEGER NOT NULL);
        """;

    public static readonly string TrimLost =
        $"DELETE FROM lost_fragments WHERE rowid <= (SELECT max(rowid) FROM lost_fragments) - {LostRowsMax}";

    // Each names rows that no sound index has; the first finds tables that are gone.
    private static readonly string[] Rules =
    [
        "SELECT component, key, offset, context FROM positions, dead_letters, lost_fragments, spool WHERE 0",
        "SELECT 1 FROM lanes WHERE route NOT IN (SELECT id FROM routes)",
        "SELECT 1 FROM fragments WHERE id <= 0 OR length <= 0 OR route NOT IN (SELECT id FROM routes)",
        "SELECT 1 FROM owed WHERE fragment NOT IN (SELECT id FROM fragments) OR lane NOT IN (SELECT id FROM lanes)",
        "SELECT 1 FROM (SELECT sum(owed) AS due FROM fragments), (SELECT count(*) AS rows FROM owed) WHERE due <> rows",
    ];

    /// <summary>Sets the connection up; makes the tables of a new file, which counts as one until
    /// <see cref="Finish"/>.</summary>
    /// <returns>False when the file was begun by a process that did not finish it: it must be deleted.</returns>
    /// <exception cref="SpoolException">A newer build made the file, or it is another program's.</exception>
    /// <exception cref="DatabaseException">The file is damaged or the disk failed.</exception>
    public static bool TryPrepare(SqliteDatabase database, uint saltOfNew, out bool isNew)
    {
        database.Execute(Pragmas);
        var version = database.Number("PRAGMA user_version");
        if (version > Version)
            throw new SpoolException(
                $"the spool has layout {version}, made by a newer weir; this one knows layouts up to {Version}: "
                + "run the newer one, or let it drain the spool first");
        isNew = version != Version;
        if (!isNew) return true;
        if (database.Number("PRAGMA application_id") == ApplicationId) return false;
        if (database.Number("SELECT count(*) FROM sqlite_schema") > 0)
            throw new SpoolException($"{FileName} is another program's: give the spool a directory of its own");
        database.Execute(
            $"BEGIN; {Tables} INSERT INTO spool VALUES ({saltOfNew}); PRAGMA application_id = {ApplicationId}; COMMIT");
        return true;
    }

    /// <summary>All that the segments hold is in the new file: the next start may rely on it.</summary>
    public static void Finish(SqliteDatabase database) => database.Execute($"PRAGMA user_version = {Version}");

    /// <summary>Checks the file's structure, and that its rows refer to each other as they should.</summary>
    /// <exception cref="DatabaseException">It is damaged.</exception>
    public static void Check(SqliteDatabase database)
    {
        var structure = database.Text("PRAGMA quick_check(1)");
        if (structure != "ok") throw new DatabaseException(raw.SQLITE_CORRUPT, $"the index is damaged: {structure}");
        foreach (var rule in Rules)
        {
            if (database.Number($"SELECT EXISTS ({rule})") != 0)
                throw new DatabaseException(raw.SQLITE_CORRUPT, $"the index is damaged: a row answers {rule}");
        }
    }
}
