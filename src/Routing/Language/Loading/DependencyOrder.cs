namespace Weir.Routing.Language;

/// <summary>Brings components into an order in which each stands behind those that it refers to.</summary>
internal static class DependencyOrder
{
    /// <param name="blocks">In file order.</param>
    /// <param name="diagnostics">Gets the cycles.</param>
    /// <returns>The blocks that are part of no cycle and refer to none; file order decides where references do
    /// not.</returns>
    public static IReadOnlyList<ConfiguredBlock> Sort(IReadOnlyList<ConfiguredBlock> blocks, DiagnosticBag diagnostics)
    {
        var indexes = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < blocks.Count; i++) indexes.TryAdd(blocks[i].Id, i);
        var users = new List<int>[blocks.Count];
        var waiting = new int[blocks.Count];
        for (var i = 0; i < blocks.Count; i++) users[i] = [];
        for (var i = 0; i < blocks.Count; i++)
            foreach (var id in blocks[i].References)
            {
                if (!indexes.TryGetValue(id, out var used)) continue;
                users[used].Add(i);
                waiting[i]++;
            }
        var ready = new PriorityQueue<int, int>();
        for (var i = 0; i < blocks.Count; i++)
            if (waiting[i] == 0) ready.Enqueue(i, i);
        var sorted = new List<ConfiguredBlock>(blocks.Count);
        while (ready.TryDequeue(out var next, out _))
        {
            sorted.Add(blocks[next]);
            foreach (var user in users[next])
                if (--waiting[user] == 0) ready.Enqueue(user, user);
        }
        if (sorted.Count < blocks.Count) ReportCycles(blocks, indexes, waiting, diagnostics);
        return sorted;
    }

    // Every block still waiting leads into a cycle; walking along the references finds it.
    private static void ReportCycles(
        IReadOnlyList<ConfiguredBlock> blocks,
        Dictionary<string, int> indexes,
        int[] waiting,
        DiagnosticBag diagnostics)
    {
        var walkOf = new int[blocks.Count];
        for (var start = 0; start < blocks.Count; start++)
        {
            if (waiting[start] == 0 || walkOf[start] != 0) continue;
            var path = new List<int>();
            var at = start;
            while (walkOf[at] == 0)
            {
                walkOf[at] = start + 1;
                path.Add(at);
                var next = blocks[at].References.Where(indexes.ContainsKey).Select(id => indexes[id]);
                at = next.First(used => waiting[used] > 0);
            }
            if (walkOf[at] != start + 1) continue; // runs into a cycle that is reported already
            var cycle = path[path.IndexOf(at)..];
            var names = string.Join(" → ", cycle.Append(at).Select(index => blocks[index].Id));
            diagnostics.Error(blocks[at].Place, $"cycle: {names}", "a component cannot depend on its own exports");
        }
    }
}
