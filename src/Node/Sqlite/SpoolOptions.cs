namespace Weir.Node.Sqlite;

/// <summary>Where the spool lies and how much it may hold.</summary>
public sealed record SpoolOptions
{
    /// <summary>Smallest budget: a few fragments of 1 MiB, each with room for its header.</summary>
    public const long BytesMin = 8L << 20;

    /// <summary>Days of an endpoint's absence on most hosts.</summary>
    public const long BytesDefault = 10L << 30;

    /// <summary>Largest segment file. Smaller ones are deleted sooner, larger ones cost
    /// less.</summary>
    public const long SegmentBytesMax = 16L << 20;

    /// <summary>A directory of the spool's own; made when missing. One process at a time.</summary>
    public required string Directory { get; init; }

    /// <summary>Budget on disk, dead letters included. Default 10 GiB; at least <see cref="BytesMin"/>.</summary>
    public long BytesMax { get; init; } = BytesDefault;

    /// <summary>
    /// The budget is no more than this share of what the spool holds and the disk has free together, as measured at the
    /// start. Default 0.8: the rest is for the database's log, without which nothing can be acknowledged.
    /// </summary>
    public double DiskShareMax { get; init; } = 0.8;

    /// <summary>Of the budget, how much dead letters may take; beyond it the oldest go. Default 512 MiB, at most a
    /// quarter of the budget.</summary>
    public long DeadLetterBytesMax { get; init; } = 512L << 20;
}
