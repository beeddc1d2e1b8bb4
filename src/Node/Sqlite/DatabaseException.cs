using SQLitePCL;

namespace Weir.Node.Sqlite;

/// <summary>SQLite refused or failed: the disk, the file, or a bug.</summary>
public sealed class DatabaseException(int code, string message) : IOException(message)
{
    /// <summary>SQLite's extended result code.</summary>
    public int Code { get; } = code;

    /// <summary>The file is no database, a damaged one, or one that lost its tables.</summary>
    public bool IsDamage => (Code & 0xff) is raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB or raw.SQLITE_ERROR;

    /// <summary>No space was left: what was being written is not in the database, not even after a crash.</summary>
    public bool IsDiskFull => (Code & 0xff) == raw.SQLITE_FULL;
}
