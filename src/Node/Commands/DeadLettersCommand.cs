using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Weir.Node.Admin;
using Weir.Node.Cluster;
using Weir.Node.Logging;

namespace Weir.Node.Commands;

/// <summary><c>weir deadletters</c> lists what endpoints refused for good, on all nodes and in the broker; <c>show</c>
/// prints one, <c>resend</c> tries it again.</summary>
/// <remarks>Both ask a running node: the spool has one writer.</remarks>
internal static class DeadLettersCommand
{
    public static Command Create()
    {
        var options = new AdminClient.Options();
        var node = new Option<string?>("--node")
        {
            Description = "Those of one node; without it those of all.",
            Recursive = true,
        };
        var json = new Option<bool>("--json") { Description = "Print JSON, one array." };
        var command = new Command("deadletters", "List what endpoints refused for good.") { node, json };
        options.AddTo(command);
        command.SetAction((parsed, cancel) => options.AskAsync(parsed, (client, token) =>
            ListAsync(client, parsed.GetValue(node), parsed.GetValue(json), token), cancel));

        var ids = new Argument<long[]>("ID")
        {
            Description = "Ids as listed; none with --all.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var all = new Option<bool>("--all") { Description = "Every dead letter." };
        var resend = new Command("resend", "Send dead letters again.") { ids, all };
        resend.SetAction((parsed, cancel) => options.AskAsync(parsed, (client, token) => ResendAsync(
            client, parsed.GetValue(node), parsed.GetValue(ids)!, parsed.GetValue(all), token), cancel));
        command.Add(resend);

        var id = new Argument<long>("ID") { Description = "As listed." };
        var show = new Command("show", "Print one dead letter with its lines.") { id };
        show.SetAction((parsed, cancel) => options.AskAsync(parsed, (client, token) =>
            ShowAsync(client, parsed.GetValue(node), parsed.GetValue(id), token), cancel));
        command.Add(show);
        return command;
    }

    private static async Task<int> ListAsync(AdminClient client, string? node, bool json, CancellationToken cancel)
    {
        var letters = await AllAsync(client, node, cancel);
        if (json)
        {
            client.Output.WriteLine(JsonSerializer.Serialize(letters, JsonText.Answers));
            return 0;
        }

        var table = new TextTable("id", "node", "at", "entries", "endpoint", "tenant", "status", "reason");
        foreach (var letter in letters)
        {
            table.Add(
                Readable.Count(letter.Id), letter.Node,
                letter.At.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
                Readable.Count(letter.Entries), letter.Endpoint, letter.Tenant, Readable.Count(letter.StatusCode),
                $"{letter.Reason}: {letter.Detail}");
        }

        table.Print(client.Output);
        return 0;
    }

    private static async Task<int> ShowAsync(AdminClient client, string? node, long id, CancellationToken cancel)
    {
        var kept = (await AllAsync(client, node, cancel)).FindAll(letter => letter.Id == id);
        if (kept.Count == 0) throw new AdminRefusalException($"no dead letter {id} is kept");
        if (kept.Count > 1)
        {
            throw new AdminRefusalException(
                $"several nodes have a dead letter {id}: name one of them, --node {kept[0].Node}");
        }

        var content = await client.GetAsync<DeadLetterContent>(
            $"/api/v1/deadletters/{id.ToString(CultureInfo.InvariantCulture)}"
            + $"?node={Uri.EscapeDataString(kept[0].Node)}", cancel);
        client.Output.WriteLine(JsonSerializer.Serialize(content, JsonText.Answers));
        return 0;
    }

    private static async Task<int> ResendAsync(
        AdminClient client, string? node, long[] ids, bool all, CancellationToken cancel)
    {
        if (!all && ids.Length == 0) throw new AdminRefusalException("name the ids to send again, or --all");
        var letters = await AllAsync(client, node, cancel);
        var chosen = all ? letters : letters.FindAll(letter => ids.Contains(letter.Id));
        if (!all && chosen.GroupBy(letter => letter.Id).FirstOrDefault(group => group.Count() > 1) is { } several)
        {
            throw new AdminRefusalException(
                $"several nodes have a dead letter {several.Key}: name one of them, --node {several.First().Node}");
        }

        var resent = 0;
        foreach (var group in chosen.GroupBy(letter => letter.Node, StringComparer.Ordinal))
        {
            resent += (await client.PostAsync<ResendAnswer>(
                "/api/v1/deadletters/resend", new ResendRequest([.. group.Select(letter => letter.Id)], group.Key),
                cancel)).Resent;
        }

        client.Output.WriteLine(JsonSerializer.Serialize(new ResendAnswer(resent), JsonText.Answers));
        return resent > 0 || all ? 0 : throw new AdminRefusalException("none of these dead letters is kept");
    }

    private static async Task<List<DeadLetterAnswer>> AllAsync(
        AdminClient client, string? node, CancellationToken cancel)
    {
        var letters = new List<DeadLetterAnswer>();
        var of = node is null ? "" : $"&node={Uri.EscapeDataString(node)}";
        while (true)
        {
            var after = (letters.Count == 0 ? 0 : letters[^1].Id).ToString(CultureInfo.InvariantCulture);
            var page = await client.GetAsync<List<DeadLetterAnswer>>(
                $"/api/v1/deadletters?after={after}{of}", cancel);
            letters.AddRange(page);
            if (page.Count == 0) return letters;
        }
    }
}
