using System.CommandLine;
using Weir.Node.Admin;
using Weir.Routing.Membership;

namespace Weir.Node.Commands;

/// <summary><c>weir shards</c> lists shards with their owners; <c>weir shards rebalance</c> hands back what another
/// writer
/// should have.</summary>
internal static class ShardsCommand
{
    public static Command Create()
    {
        var options = new AdminClient.Options();
        var json = new Option<bool>("--json") { Description = "Print JSON, as the API answers it." };
        var command = new Command("shards", "List the shards with their owners.") { json };
        options.AddTo(command);
        command.SetAction((parsed, cancel) => options.AskAsync(parsed, async (client, token) =>
        {
            const string path = "/api/v1/shards";
            if (parsed.GetValue(json)) return await client.PrintAsync(path, token);
            Print(await client.GetAsync<List<ShardView>>(path, token), client.Output);
            return 0;
        }, cancel));

        var rebalance = new Command("rebalance", "Hand back the shards that another writer should have.");
        rebalance.SetAction((parsed, cancel) => options.AskAsync(parsed, async (client, token) =>
        {
            var writers = await client.PostAsync<List<WriterRebalanced>>("/api/v1/shards/rebalance", null, token);
            var table = new TextTable("writer", "handed back", "error");
            foreach (var writer in writers) table.Add(writer.Node, Readable.Count(writer.GivenBack), writer.Error);
            table.Print(client.Output);
            return writers.Any(writer => writer.Error.Length > 0) ? 1 : 0;
        }, cancel));
        command.Add(rebalance);
        return command;
    }

    private static void Print(List<ShardView> shards, TextWriter output)
    {
        var table = new TextTable("destination", "shard", "owner", "ready", "in hand", "oldest", "parked lanes");
        foreach (var shard in shards)
        {
            table.Add(
                shard.Destination, Readable.Count(shard.Shard), shard.Owner.Length > 0 ? shard.Owner : "none",
                Readable.Count(shard.Ready), Readable.Count(shard.Unacknowledged),
                Readable.Duration(shard.OldestAgeSeconds), Readable.Count(shard.ParkedLanes));
        }

        table.Print(output);
    }
}
