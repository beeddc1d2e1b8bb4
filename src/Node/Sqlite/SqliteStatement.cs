using SQLitePCL;

namespace Weir.Node.Sqlite;

/// <summary>A prepared statement: bind, step, read, reset; used again and again.</summary>
internal sealed class SqliteStatement(SqliteDatabase database, sqlite3_stmt statement) : IDisposable
{
    /// <param name="index">From 1.</param>
    public SqliteStatement Bind(int index, long value)
    {
        database.Check(raw.sqlite3_bind_int64(statement, index, value));
        return this;
    }

    public SqliteStatement Bind(int index, string value)
    {
        database.Check(raw.sqlite3_bind_text(statement, index, value));
        return this;
    }

    /// <summary>SQLite copies the bytes.</summary>
    public SqliteStatement Bind(int index, ReadOnlySpan<byte> value)
    {
        // An empty span is a null pointer, which SQLite takes for NULL.
        database.Check(value.IsEmpty
            ? raw.sqlite3_bind_zeroblob(statement, index, 0)
            : raw.sqlite3_bind_blob(statement, index, value));
        return this;
    }

    /// <returns>True on a row; false when there are no more, and then the statement is reset.</returns>
    /// <exception cref="DatabaseException">SQLite failed; the statement is reset.</exception>
    public bool Step()
    {
        var code = raw.sqlite3_step(statement);
        if (code == raw.SQLITE_ROW) return true;
        var ended = raw.sqlite3_reset(statement);
        database.Check(code == raw.SQLITE_DONE ? ended : code);
        return false;
    }

    /// <summary>Runs to the end; for statements without rows.</summary>
    public void Run()
    {
        while (Step())
        {
        }
    }

    /// <summary>Ends a query before its last row: an open one would hold its snapshot.</summary>
    public void Reset() => _ = raw.sqlite3_reset(statement);

    /// <param name="column">From 0.</param>
    public long Long(int column) => raw.sqlite3_column_int64(statement, column);

    public int Int(int column) => raw.sqlite3_column_int(statement, column);

    public string Text(int column) => raw.sqlite3_column_text(statement, column).utf8_to_string() ?? "";

    public byte[] Blob(int column) => raw.sqlite3_column_blob(statement, column).ToArray();

    public void Dispose() => statement.manual_close();
}
