using System.CommandLine;
using System.Globalization;
using Weir.Node.Admin;
using Weir.Routing.Membership;

namespace Weir.Node.Commands;

/// <summary><c>weir status</c>: how the cluster is, asked of any node.</summary>
internal static class StatusCommand
{
    /// <summary>Lanes in trouble that are printed; <c>weir lanes</c> has all.</summary>
    private const int TroubledMax = 20;

    public static Command Create()
    {
        var options = new AdminClient.Options();
        var json = new Option<bool>("--json") { Description = "Print JSON, the answer of /api/v1/cluster." };
        var command = new Command("status", "Show how the cluster is, asked of any node.") { json };
        options.AddTo(command);
        command.SetAction((parsed, cancel) => options.AskAsync(parsed, (client, token) => parsed.GetValue(json)
            ? client.PrintAsync("/api/v1/cluster", token) : PrintAsync(client, token), cancel));
        return command;
    }

    private static async Task<int> PrintAsync(AdminClient client, CancellationToken cancel)
    {
        var cluster = await client.GetAsync<ClusterAnswer>("/api/v1/cluster", cancel);
        var destinations = await client.GetAsync<List<DestinationView>>("/api/v1/destinations", cancel);
        var live = cluster.Members
            .Where(member => member.Condition is MemberCondition.Alive or MemberCondition.Late).ToList();
        client.Output.WriteLine($"{Many(live.Count, "node")}, "
            + $"{Many(live.Count(member => member.Roles.Contains(NodeSelf.Writer)), "writer")}, "
            + $"{ShardsOf(cluster)}, broker: {BrokerOf(cluster.Broker)}");
        client.Output.WriteLine();
        NodesCommand.Print(cluster.Members, client.Output);
        PrintDestinations(destinations, client.Output);
        PrintTroubled(cluster.Lanes, client.Output);
        return 0;
    }

    private static string ShardsOf(ClusterAnswer cluster)
    {
        if (cluster.Shards.Count == 0) return "no shards";
        var orphans = cluster.Shards.Count(shard => shard.Owner.Length == 0);
        return Many(cluster.Shards.Count, "shard") + (orphans > 0 ? $" ({orphans} without an owner)" : "");
    }

    private static string BrokerOf(BrokerView? broker)
    {
        if (broker is null) return "none";
        var connected = broker.Nodes.Count > 0 ? string.Join(", ", broker.Nodes) : "not connected";
        if (broker.Alarms.Count > 0) connected += $"; ALARM: {string.Join(", ", broker.Alarms)}";
        if (broker.Disconnected.Count > 0)
            connected += $"; without a connection: {string.Join(", ", broker.Disconnected)}";
        return Readable.Line(connected);
    }

    private static void PrintDestinations(List<DestinationView> destinations, TextWriter output)
    {
        if (destinations.Count == 0) return;
        output.WriteLine();
        var table = new TextTable("destination", "waiting", "bytes", "lag", "endpoints");
        foreach (var destination in destinations)
        {
            table.Add(
                destination.Id, Readable.Count(destination.WaitingFragments), Readable.Bytes(destination.WaitingBytes),
                Readable.Duration(destination.LagSeconds), destination.IsDefined
                    ? string.Join(", ", destination.Endpoints) : "NO WRITER DEFINES IT: its fragments wait");
        }

        table.Print(output);
    }

    private static void PrintTroubled(IReadOnlyList<LaneView> lanes, TextWriter output)
    {
        var troubled = lanes.Where(lane => lane.IsPaused || lane.State is not ("idle" or "sending"))
            .OrderByDescending(lane => lane.LagSeconds).ToList();
        if (troubled.Count == 0) return;
        output.WriteLine();
        LanesCommand.Print(troubled.Take(TroubledMax), output);
        if (troubled.Count > TroubledMax)
            output.WriteLine($"and {troubled.Count - TroubledMax} more: `weir lanes` lists all");
    }

    private static string Many(int count, string what) =>
        string.Create(CultureInfo.InvariantCulture, $"{count} {what}{(count == 1 ? "" : "s")}");
}
