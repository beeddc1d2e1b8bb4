using System.Globalization;
using System.Text.Json;
using Weir.Node.Cluster;
using Weir.Node.Logging;
using Weir.Protocol.Cluster;
using Weir.Routing.Membership;
using Weir.Routing.Ports;
using Weir.Routing.Sharding;

namespace Weir.Node.Admin;

/// <summary>A dead letter as the API answers it.</summary>
/// <param name="Id">Names it for a resend on its node; the last one of a page is the next page's <c>after</c>.</param>
/// <param name="Node">The node that keeps it.</param>
internal sealed record DeadLetterAnswer(
    long Id, string Node, string Destination, string Endpoint, string Tenant, string Reason, int StatusCode,
    string Detail, DateTimeOffset At, int Entries, int LineBytes, DateTimeOffset Oldest, DateTimeOffset Newest)
{
    public static DeadLetterAnswer Of(string node, StoredDeadLetter stored)
    {
        var letter = stored.Letter;
        return new DeadLetterAnswer(
            stored.Id, node, letter.Lane.Destination, letter.Lane.Endpoint, letter.Lane.Tenant, letter.Reason,
            letter.StatusCode, letter.Detail, letter.At, letter.Facts.Entries, letter.Facts.LineBytes,
            TimeOf(letter.Facts.TimestampMin), TimeOf(letter.Facts.TimestampMax));
    }

    private static DateTimeOffset TimeOf(long nanoseconds) => DateTimeOffset.UnixEpoch.AddTicks(nanoseconds / 100);
}

/// <summary>What to send again.</summary>
/// <param name="Node">The node that keeps them; null: the one that is asked.</param>
internal sealed record ResendRequest(IReadOnlyList<long> Ids, string? Node = null);

/// <summary><c>/api/v1/deadletters</c>: what endpoints refused for good, on all nodes, and a second try for
/// it.</summary>
/// <param name="letters">Those that the broker keeps; null where there is none.</param>
internal sealed class DeadLetterRoutes(Participation cluster, ClusterDeadLetters? letters) : IAdminRoutes
{
    /// <summary>Stands for a node where the broker keeps the letter.</summary>
    public const string Broker = "@broker";

    /// <summary>Header that names nodes whose letters are missing from the answer, and why.</summary>
    public const string MissingHeader = "Weir-Missing";

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/v1/deadletters", ListAsync);
        routes.MapGet("/api/v1/deadletters/{id:long}", ShowAsync);
        routes.MapPost("/api/v1/deadletters/resend", ResendAsync);
    }

    private async Task ListAsync(HttpContext context)
    {
        _ = long.TryParse(context.Request.Query["after"], CultureInfo.InvariantCulture, out var after);
        if (!int.TryParse(context.Request.Query["limit"], CultureInfo.InvariantCulture, out var limit))
            limit = NodeService.LettersMax;
        limit = Math.Clamp(limit, 1, NodeService.LettersMax);
        var wanted = context.Request.Query["node"].ToString();
        var nodes = cluster.Members.All.Where(member => member.IsLive && (wanted.Length == 0 || member.Id == wanted))
            .Select(member => member.Id).ToList();
        var ofBroker = wanted is "" or Broker ? letters : null;
        if (nodes.Count == 0 && ofBroker is null)
        {
            await AdminServer.TextAsync(context, StatusCodes.Status404NotFound,
                $"no node {wanted} is alive: /api/v1/cluster lists all");
            return;
        }

        var answers = await Task.WhenAll(nodes.Select(node => cluster.Requests.AskAsync(node, new Request
        {
            ListDeadLetters = new ListDeadLetters { After = after, Limit = limit },
        }, context.RequestAborted).AsTask()));
        var missing = answers.Where(answer => answer.IsError).Select(answer => answer.Error).ToList();
        var found = answers.Where(answer => !answer.IsError).SelectMany(answer =>
            JsonSerializer.Deserialize<List<DeadLetterAnswer>>(answer.Json.Span, JsonText.Answers) ?? []).ToList();
        try
        {
            if (ofBroker is not null)
                foreach (var letter in await ofBroker.ListAsync(after, limit, context.RequestAborted))
                    found.Add(DeadLetterAnswer.Of(Broker, letter));
        }
        catch (IOException failure)
        {
            missing.Add($"{Broker}: {failure.Message}");
        }

        if (missing.Count > 0) context.Response.Headers[MissingHeader] = HeaderText(string.Join("; ", missing));
        await context.Response.WriteAsJsonAsync(Page(found, limit), JsonText.Answers);
    }

    /// <summary>What a header may hold: an error may be in the language of its host.</summary>
    private static string HeaderText(string text) =>
        string.Concat(text.Select(letter => letter is >= ' ' and <= '~' ? letter : '?'));

    /// <summary>In the order of ids, whatever the node, so that the last one begins the next page; a page is not cut
    /// between letters of one id.</summary>
    private static List<DeadLetterAnswer> Page(List<DeadLetterAnswer> found, int limit)
    {
        var letters = found.OrderBy(letter => letter.Id).ThenBy(letter => letter.Node, StringComparer.Ordinal).ToList();
        if (letters.Count <= limit) return letters;
        var last = letters[limit - 1].Id;
        return [.. letters.TakeWhile(letter => letter.Id <= last)];
    }

    private async Task ShowAsync(HttpContext context)
    {
        var id = long.Parse((string)context.Request.RouteValues["id"]!, CultureInfo.InvariantCulture);
        var node = context.Request.Query["node"].ToString();
        if (node != Broker || letters is null)
        {
            await NodeAnswers.AskAsync(context, cluster, node.Length > 0 ? node : cluster.Self.Id,
                new Request { ShowDeadLetter = new ShowDeadLetter { Id = id } });
            return;
        }

        await AskBrokerAsync(context, async () => await letters.FindAsync(id, context.RequestAborted) is { } found
            ? DeadLetterContent.Of(Broker, found) : null);
    }

    /// <param name="ask">Null: there is no such letter.</param>
    private static async Task AskBrokerAsync(HttpContext context, Func<Task<object?>> ask)
    {
        try
        {
            if (await ask() is { } answer) await context.Response.WriteAsJsonAsync(answer, JsonText.Answers);
            else
            {
                await AdminServer.TextAsync(context, StatusCodes.Status404NotFound,
                    "the broker keeps no such dead letter: /api/v1/deadletters lists all");
            }
        }
        catch (IOException failure)
        {
            await AdminServer.TextAsync(context, StatusCodes.Status502BadGateway, failure.Message);
        }
    }

    private async Task ResendAsync(HttpContext context)
    {
        try
        {
            var wanted = await context.Request.ReadFromJsonAsync<ResendRequest>(JsonText.Answers);
            if (wanted?.Node == Broker && letters is not null)
            {
                await AskBrokerAsync(context, async () =>
                    new ResendAnswer(await letters.ResendAsync([.. wanted.Ids], context.RequestAborted)));
                return;
            }

            var request = new Request { ResendDeadLetters = new ResendDeadLetters { Ids = { wanted?.Ids ?? [] } } };
            await NodeAnswers.AskAsync(context, cluster, wanted?.Node ?? cluster.Self.Id, request);
        }
        catch (Exception malformed) when (malformed is JsonException or InvalidOperationException)
        {
            await AdminServer.TextAsync(context, StatusCodes.Status400BadRequest,
                "the body must be JSON, {\"ids\": [1, 2], \"node\": \"…\"}, with the ids that /api/v1/deadletters "
                + "lists for that node");
        }
    }
}
