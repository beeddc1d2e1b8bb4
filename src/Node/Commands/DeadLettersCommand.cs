using System.CommandLine;
using System.Globalization;
using System.Net.Http.Json;
using Weir.Node.Admin;
using Weir.Node.Logging;

namespace Weir.Node.Commands;

/// <summary><c>weir deadletters</c> lists what endpoints refused for good; <c>weir deadletters resend</c> tries it
/// again.</summary>
/// <remarks>Both ask the running node: the spool has one writer.</remarks>
internal static class DeadLettersCommand
{
    public static Command Create()
    {
        var address = AdminAddress.Option();
        address.Recursive = true;
        var json = new Option<bool>("--json") { Description = "Print JSON, one array." };
        var command = new Command("deadletters", "List what endpoints refused for good.") { address, json };
        command.SetAction((parsed, cancel) => AskAsync(parsed.GetValue(address)!, (client, token) =>
            ListAsync(client, parsed.GetValue(json), token), cancel));

        var ids = new Argument<long[]>("ID")
        {
            Description = "Ids as listed; none with --all.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var all = new Option<bool>("--all") { Description = "Every dead letter." };
        var resend = new Command("resend", "Send dead letters again.") { ids, all };
        resend.SetAction((parsed, cancel) => AskAsync(parsed.GetValue(address)!, (client, token) =>
            ResendAsync(client, parsed.GetValue(ids)!, parsed.GetValue(all), token), cancel));
        command.Add(resend);
        return command;
    }

    private static async Task<int> AskAsync(
        string address, Func<HttpClient, CancellationToken, Task<int>> ask, CancellationToken cancel)
    {
        using var client = new HttpClient { BaseAddress = AdminAddress.Url(address, "/") };
        try
        {
            return await ask(client, cancel);
        }
        catch (HttpRequestException unreachable)
        {
            await Console.Error.WriteLineAsync(
                $"weir: the node at {client.BaseAddress} does not answer so: {unreachable.Message}");
            return 1;
        }
    }

    private static async Task<int> ListAsync(HttpClient client, bool json, CancellationToken cancel)
    {
        var letters = await AllAsync(client, cancel);
        if (json)
        {
            Console.WriteLine(System.Text.Json.JsonSerializer.Serialize(letters, JsonText.Answers));
            return 0;
        }

        Console.WriteLine(
            "id       at                    entries  endpoint                  tenant      status  reason");
        foreach (var letter in letters)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{letter.Id,-8} {letter.At:yyyy-MM-dd'T'HH:mm:ss'Z'}  {letter.Entries,7}  {letter.Endpoint,-24}  ")
                + string.Create(CultureInfo.InvariantCulture, $"{letter.Tenant,-10}  {letter.StatusCode,6}  ")
                + $"{letter.Reason}: {letter.Detail.ReplaceLineEndings(" ")}");
        }

        return 0;
    }

    private static async Task<int> ResendAsync(HttpClient client, long[] ids, bool all, CancellationToken cancel)
    {
        if (all) ids = [.. (await AllAsync(client, cancel)).Select(letter => letter.Id)];
        else if (ids.Length == 0)
        {
            await Console.Error.WriteLineAsync("weir: name the ids to send again, or --all");
            return 1;
        }

        using var answer = await client.PostAsJsonAsync(
            "/api/v1/deadletters/resend", new ResendRequest(ids), JsonText.Answers, cancel);
        Console.WriteLine((await answer.Content.ReadAsStringAsync(cancel)).Trim());
        return answer.IsSuccessStatusCode ? 0 : 1;
    }

    private static async Task<List<DeadLetterAnswer>> AllAsync(HttpClient client, CancellationToken cancel)
    {
        var letters = new List<DeadLetterAnswer>();
        while (true)
        {
            var after = (letters.Count == 0 ? 0 : letters[^1].Id).ToString(CultureInfo.InvariantCulture);
            var page = await client.GetFromJsonAsync<List<DeadLetterAnswer>>(
                $"/api/v1/deadletters?after={after}", JsonText.Answers, cancel) ?? [];
            letters.AddRange(page);
            if (page.Count == 0) return letters;
        }
    }
}
