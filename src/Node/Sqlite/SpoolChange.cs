namespace Weir.Node.Sqlite;

/// <summary>A fragment in its segment.</summary>
internal readonly record struct PlacedFragment(long Id, int Length, SegmentRecord Record);

/// <summary>What a transaction changes of the counts in memory; applied once it is committed, forgotten when it
/// fails.</summary>
internal sealed class SpoolChange
{
    /// <summary>One row an owed fragment (+1) or an acknowledgement (-1).</summary>
    public List<(Lane Lane, int Fragments, int Length)> Lanes { get; } = [];

    /// <summary>One row a fragment that came (+1) or that nobody is owed any more (-1).</summary>
    public List<(long Id, int Fragments, int Length)> Fragments { get; } = [];

    /// <summary>Routes and lanes that the transaction made: removed again when it fails.</summary>
    public List<Route> NewRoutes { get; } = [];

    public List<(Route Route, Lane Lane)> NewLanes { get; } = [];

    public long Letters { get; set; }

    public long LetterBytes { get; set; }

    public int DiscardedLetters { get; set; }

    public long DiscardedEntries { get; set; }
}
