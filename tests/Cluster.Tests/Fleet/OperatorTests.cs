using System.Text.Json;
using Weir.Cluster.Tests.Support;

namespace Weir.Cluster.Tests.Fleet;

/// <summary>What operators see and do, asked of any of several real nodes.</summary>
public sealed class OperatorTests
{
    // A change is to be seen within five seconds; the rest is for a machine that is busy.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Every_node_shows_the_same_cluster_and_steers_all_of_it()
    {
        await using var fleet = await FleetFixture.StartAsync(endpoints: 1);
        fleet.WriteLogs("h0", ["t0"], 100);
        var agent = fleet.StartAgent("h0", ["t0"]);
        var (one, other) = (fleet.StartWriter("w0"), fleet.StartWriter("w1"));
        await fleet.DeliveredAsync(100, Patience);

        var seen = await SameAsync(shards => shards.Values.Distinct().Count() == 2, agent, one, other);
        Assert.Equal(FleetFixture.Shards, seen.Count);
        var details = await AskAsync(agent, "nodes", await IdOfAsync(other));
        Assert.Contains("loki.write.default", details, StringComparison.Ordinal);

        await TailAsync(fleet, other);
        var last = await IdOfAsync(one);

        Assert.Contains("drains, and ends", await AskAsync(agent, "drain", "w1"), StringComparison.Ordinal);
        await other.ExitedAsync();
        seen = await SameAsync(shards => shards.Values.All(owner => owner == last), agent, one);
        Assert.Equal(FleetFixture.Shards, seen.Count);
    }

    private static async Task TailAsync(FleetFixture fleet, WeirProcess node)
    {
        using var client = new HttpClient { BaseAddress = await node.AddressAsync() };
        var selector = Uri.EscapeDataString("""{host="h0"} |= "h0 100 " """);
        await using var stream = await client.GetStreamAsync($"api/v1/tail?selector={selector}");
        using var tail = new StreamReader(stream);
        using var late = new CancellationTokenSource(Patience);
        var found = FindAsync(tail, late.Token);

        // The agent gets to know of the tail on its own time: lines are written until one was seen.
        while (!found.IsCompleted)
        {
            fleet.WriteLogs("h0", ["t0"], 1, from: 100);
            await Task.WhenAny(found, Task.Delay(TimeSpan.FromMilliseconds(500)));
        }

        Assert.Contains("\"destination\":\"loki.write.default\"", await found, StringComparison.Ordinal);
    }

    private static async Task<string> FindAsync(StreamReader tail, CancellationToken cancel)
    {
        while (await tail.ReadLineAsync(cancel) is { } text)
            if (text.StartsWith("data: ", StringComparison.Ordinal)) return text;
        return "";
    }

    /// <summary>Waits until all nodes name the same owners of shards, as they should be.</summary>
    private static async Task<Dictionary<int, string>> SameAsync(
        Func<Dictionary<int, string>, bool> holds, params WeirProcess[] nodes)
    {
        using var late = new CancellationTokenSource(Patience);
        while (true)
        {
            var seen = new List<Dictionary<int, string>>();
            foreach (var node in nodes) seen.Add(await OwnersAsync(node));
            if (seen[0].Values.All(owner => owner.Length > 0) && holds(seen[0])
                && seen.All(shards => Text(shards) == Text(seen[0]))) return seen[0];
            Assert.False(late.IsCancellationRequested,
                string.Join('\n', seen.Select(Text)));
            await Task.Delay(TimeSpan.FromMilliseconds(200));
        }
    }

    private static string Text(Dictionary<int, string> shards) => string.Join(' ', shards.OrderBy(shard => shard.Key));

    private static async Task<Dictionary<int, string>> OwnersAsync(WeirProcess node)
    {
        using var cluster = JsonDocument.Parse(await AskAsync(node, "status", "--json"));
        return cluster.RootElement.GetProperty("shards").EnumerateArray().ToDictionary(
            shard => shard.GetProperty("shard").GetInt32(), shard => shard.GetProperty("owner").GetString()!);
    }

    private static async Task<string> IdOfAsync(WeirProcess node)
    {
        using var cluster = JsonDocument.Parse(await AskAsync(node, "status", "--json"));
        return cluster.RootElement.GetProperty("node").GetString()!;
    }

    private static async Task<string> AskAsync(WeirProcess node, params string[] arguments)
    {
        var address = (await node.AddressAsync()).Authority;
        var (code, output, errors) = await WeirCommand.RunAsync([.. arguments, "--addr", address]);
        Assert.True(code == 0, $"{string.Join(' ', arguments)}: {errors}");
        return output;
    }
}
