using SQLitePCL;

namespace Weir.Node.Sqlite;

/// <summary>One connection and the statements prepared on it. Used by one thread at a time.</summary>
internal sealed class SqliteDatabase : IDisposable
{
    // A reader and a writer of one process never wait long for each other; this covers a checkpoint on a slow disk.
    private const int BusyMilliseconds = 10_000;

    private readonly List<SqliteStatement> _statements = [];
    private readonly sqlite3 _handle;

    private SqliteDatabase(sqlite3 handle) => _handle = handle;

    /// <summary>Opens or creates the file.</summary>
    /// <exception cref="DatabaseException">It cannot be opened.</exception>
    public static SqliteDatabase Open(string path)
    {
        SqliteNative.Load();
        const int flags = raw.SQLITE_OPEN_READWRITE | raw.SQLITE_OPEN_CREATE | raw.SQLITE_OPEN_NOMUTEX;
        var code = raw.sqlite3_open_v2(path, out var handle, flags, null);
        var database = new SqliteDatabase(handle);
        try
        {
            database.Check(code);
            database.Check(raw.sqlite3_extended_result_codes(handle, 1));
            database.Check(raw.sqlite3_busy_timeout(handle, BusyMilliseconds));
            return database;
        }
        catch (DatabaseException)
        {
            database.Dispose();
            throw;
        }
    }

    /// <summary>Runs statements that return nothing of interest.</summary>
    /// <exception cref="DatabaseException">SQLite failed.</exception>
    public void Execute(string sql) => Check(raw.sqlite3_exec(_handle, sql));

    /// <summary>Runs a query for one number; 0 when it has no row.</summary>
    public long Number(string sql)
    {
        using var statement = Compile(sql);
        return statement.Step() ? statement.Long(0) : 0;
    }

    /// <summary>Runs a query for one text; "" when it has no row.</summary>
    public string Text(string sql)
    {
        using var statement = Compile(sql);
        return statement.Step() ? statement.Text(0) : "";
    }

    /// <summary>Prepares a statement for one use; the caller disposes it.</summary>
    public SqliteStatement Query(string sql) => Compile(sql);

    /// <summary>Prepares a statement that lives as long as the connection.</summary>
    public SqliteStatement Prepare(string sql)
    {
        var statement = Compile(sql);
        _statements.Add(statement);
        return statement;
    }

    /// <summary>Rows that the last statement inserted, changed or deleted.</summary>
    public int Changes => raw.sqlite3_changes(_handle);

    /// <summary>False once SQLite has rolled back by itself, as it does on a full disk.</summary>
    public bool IsInTransaction => raw.sqlite3_get_autocommit(_handle) == 0;

    /// <summary>The row id that the last insertion made.</summary>
    public long InsertedId => raw.sqlite3_last_insert_rowid(_handle);

    public void Dispose()
    {
        foreach (var statement in _statements) statement.Dispose();
        _handle.manual_close_v2();
    }

    internal void Check(int code)
    {
        if (code is raw.SQLITE_OK or raw.SQLITE_ROW or raw.SQLITE_DONE) return;
        var message = raw.sqlite3_errmsg(_handle).utf8_to_string();
        throw new DatabaseException(code, $"SQLite: {message} (code {code})");
    }

    private SqliteStatement Compile(string sql)
    {
        Check(raw.sqlite3_prepare_v2(_handle, sql, out var statement));
        return new SqliteStatement(this, statement);
    }
}
