namespace Weir.Routing.Membership;

/// <summary>Which writers live, as this node has heard: what shards are shared out over.</summary>
public interface ILiveWriters
{
    /// <summary>Ids, in ordinal order, this node's included where it is a writer and not draining. Replaced whole: the
    /// same object means the same writers with the same destinations.</summary>
    IReadOnlyList<string> Writers { get; }

    /// <summary>Those of <see cref="Writers"/> whose configuration gives a destination endpoints.</summary>
    IReadOnlyList<string> WritersOf(string destination);

    /// <summary>Waits until <see cref="Writers"/> is another object than <paramref name="known"/>.</summary>
    /// <returns>The new one.</returns>
    ValueTask<IReadOnlyList<string>> ChangedAsync(IReadOnlyList<string> known, CancellationToken cancel);

    /// <summary>Live writers that have work for an endpoint and tenant now, at least 1: what a limit of the whole
    /// cluster is divided by.</summary>
    int CountServing(string destination, string endpoint, string tenant);
}
