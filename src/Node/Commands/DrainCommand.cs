using System.CommandLine;
using Weir.Node.Admin;
using Weir.Node.Cluster;
using Weir.Routing.Membership;

namespace Weir.Node.Commands;

/// <summary><c>weir drain [NODE]</c>: a node hands its shards back, finishes what is in flight, and ends.</summary>
internal static class DrainCommand
{
    public static Command Create()
    {
        var options = new AdminClient.Options();
        var id = new Argument<string?>("NODE")
        {
            Description = "Id or name of the node; without it the one that is asked.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var command = new Command("drain", "Let a node hand back its shards, finish and end, as SIGTERM does.") { id };
        options.AddTo(command);
        command.SetAction((parsed, cancel) => options.AskAsync(parsed, async (client, token) =>
        {
            var cluster = await client.GetAsync<ClusterAnswer>("/api/v1/cluster", token);
            var node = Find(cluster, parsed.GetValue(id));
            await client.PostAsync<DrainAnswer>($"/api/v1/nodes/{Uri.EscapeDataString(node)}/drain", null, token);
            client.Output.WriteLine($"node {node} drains, and ends");
            return 0;
        }, cancel));
        return command;
    }

    private static string Find(ClusterAnswer cluster, string? wanted)
    {
        if (wanted is null) return cluster.Node;
        var live = cluster.Members.Where(member => member.Condition is MemberCondition.Alive or MemberCondition.Late)
            .ToList();
        if (live.Any(member => member.Id == wanted)) return wanted;
        var named = live.Where(member => member.Name == wanted).ToList();
        return named.Count switch
        {
            1 => named[0].Id,
            0 => throw new AdminRefusalException($"no node {wanted} is alive: `weir nodes` lists all"),
            _ => throw new AdminRefusalException($"{named.Count} nodes are named {wanted}: give the id"),
        };
    }
}
