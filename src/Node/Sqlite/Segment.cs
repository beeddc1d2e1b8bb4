namespace Weir.Node.Sqlite;

/// <summary>One segment file as memory knows it. Numbers grow and are never used twice.</summary>
internal sealed class Segment(long number, string path, long bytes)
{
    public long Number { get; } = number;

    public string Path { get; } = path;

    /// <summary>Where the next record goes.</summary>
    public long Bytes { get; set; } = bytes;

    /// <summary>Records that an endpoint is still owed.</summary>
    public long Owed { get; set; }

    /// <summary>Bytes of records that went out of <see cref="Owed"/> since holes were last punched.</summary>
    public long Freed { get; set; }

    /// <summary>Of <see cref="Bytes"/>, what was given back to the file system.</summary>
    public long Holes { get; set; }
}
