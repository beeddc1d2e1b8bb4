namespace Weir.Routing.Sharding;

/// <summary>Which writer should own a shard: every node that knows the same writers comes to the same.</summary>
public static class ShardAssignment
{
    /// <summary>By rendezvous hashing, with an equal share for each writer: a shard whose best writer has its share
    /// goes to the next best. So one that comes or goes moves its own shards and few others.</summary>
    /// <param name="writers">Ids of those that live, each once.</param>
    /// <returns>The owner of each shard by its number; none when there is no writer.</returns>
    public static IReadOnlyList<string> OwnersOf(string destination, int shards, IReadOnlyCollection<string> writers)
    {
        if (writers.Count == 0) return [];
        var share = (shards + writers.Count - 1) / writers.Count;
        var room = writers.ToDictionary(writer => writer, _ => share, StringComparer.Ordinal);
        var owners = new string[shards];
        for (var shard = 0; shard < shards; shard++)
        {
            owners[shard] = Best(writers.Where(writer => room[writer] > 0), $"{destination}.{shard}");
            room[owners[shard]]--;
        }

        return owners;
    }

    // Equal scores: the first by name, in whatever order they are listed.
    private static string Best(IEnumerable<string> writers, string shard) => writers
        .OrderByDescending(writer => ShardHash.Score(writer, shard)).ThenBy(writer => writer, StringComparer.Ordinal)
        .First();
}
