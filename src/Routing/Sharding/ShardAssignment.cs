namespace Weir.Routing.Sharding;

/// <summary>Which writer should own a shard: every node that knows the same writers comes to the same.</summary>
public static class ShardAssignment
{
    /// <summary>By rendezvous hashing: a writer that comes or goes moves its own shards and no others.</summary>
    /// <param name="writers">Ids of those that live.</param>
    /// <returns>Null when there is none.</returns>
    public static string? OwnerOf(string destination, int shard, IEnumerable<string> writers)
    {
        var key = $"{destination}.{shard}";
        string? owner = null;
        var best = 0u;
        foreach (var writer in writers)
        {
            var score = ShardHash.Score(writer, key);
            // Equal scores: the first by name, in whatever order they are listed.
            if (owner is not null && (score < best
                || (score == best && string.CompareOrdinal(writer, owner) > 0))) continue;
            (owner, best) = (writer, score);
        }

        return owner;
    }
}
