using System.CommandLine;
using System.Text.Json;
using Weir.Routing.Membership;

namespace Weir.Node.Commands;

/// <summary><c>weir nodes</c> lists the cluster's nodes, <c>weir nodes ID</c> shows the components of one.</summary>
internal static class NodesCommand
{
    public static Command Create()
    {
        var options = new AdminClient.Options();
        var id = new Argument<string?>("ID")
        {
            Description = "A node: its components instead of the list.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var json = new Option<bool>("--json") { Description = "Print JSON, as the API answers it." };
        var command = new Command("nodes", "List the cluster's nodes, or show one.") { id, json };
        options.AddTo(command);
        command.SetAction((parsed, cancel) => options.AskAsync(parsed, async (client, token) =>
        {
            var node = parsed.GetValue(id);
            var path = node is null ? "/api/v1/nodes" : $"/api/v1/nodes/{Uri.EscapeDataString(node)}";
            if (parsed.GetValue(json)) return await client.PrintAsync(path, token);
            if (node is null) Print(await client.GetAsync<List<MemberView>>(path, token), client.Output);
            else Print(await client.GetAsync<JsonElement>(path, token), client.Output);
            return 0;
        }, cancel));
        return command;
    }

    public static void Print(IReadOnlyList<MemberView> members, TextWriter output)
    {
        var table = new TextTable(
            "node", "name", "roles", "version", "state", "uptime", "shards", "spool", "dead letters", "health");
        foreach (var member in members)
        {
            table.Add(
                member.Id, member.Name, string.Join(',', member.Roles), member.Version, StateOf(member),
                Readable.Duration(member.UptimeSeconds), Readable.Count(member.Shards),
                Readable.Bytes(member.Spool?.Bytes ?? 0), Readable.Count(member.Spool?.DeadLetters ?? 0),
                HealthOf(member));
        }

        table.Print(output);
    }

    private static string StateOf(MemberView member) => member.Condition == MemberCondition.Alive && member.IsDraining
        ? "draining" : member.Condition.ToString().ToLowerInvariant();

    private static string HealthOf(MemberView member)
    {
        var troubles = member.Unhealthy.ToList();
        if (member.Spool is { IsHealthy: false }) troubles.Insert(0, "spool: full, or its disk fails");
        return troubles.Count == 0 ? "ok" : string.Join("; ", troubles);
    }

    private static void Print(JsonElement node, TextWriter output)
    {
        var table = new TextTable("component", "health", "message");
        foreach (var component in node.GetProperty("components").EnumerateArray())
        {
            var health = component.GetProperty("health");
            table.Add(Text(component, "id"), Text(health, "state"), Text(health, "message"));
        }

        table.Print(output);
    }

    private static string Text(JsonElement of, string property) => of.GetProperty(property).GetString() ?? "";
}
