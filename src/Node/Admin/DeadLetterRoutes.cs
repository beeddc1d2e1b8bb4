using System.Text.Json;
using Weir.Node.Logging;
using Weir.Routing.Ports;

namespace Weir.Node.Admin;

/// <summary>A dead letter as the API answers it.</summary>
/// <param name="Id">Names it for a resend; the last one of a page is the next page's <c>after</c>.</param>
internal sealed record DeadLetterAnswer(
    long Id, string Destination, string Endpoint, string Tenant, string Reason, int StatusCode, string Detail,
    DateTimeOffset At, int Entries, int LineBytes, DateTimeOffset Oldest, DateTimeOffset Newest);

/// <summary>What to send again.</summary>
internal sealed record ResendRequest(IReadOnlyList<long> Ids);

/// <summary><c>/api/v1/deadletters</c>: what endpoints refused for good, and a second try for it.</summary>
/// <param name="resend">Goes through the committer, the spool's only writer; returns how many were found.</param>
internal sealed class DeadLetterRoutes(
    ISpool spool, Func<IReadOnlyList<long>, CancellationToken, ValueTask<int>> resend) : IAdminRoutes
{
    /// <summary>Letters in one answer.</summary>
    private const int PageMax = 1000;

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/v1/deadletters", ListAsync);
        routes.MapPost("/api/v1/deadletters/resend", ResendAsync);
    }

    private async Task ListAsync(HttpContext context)
    {
        _ = long.TryParse(context.Request.Query["after"], out var after);
        if (!int.TryParse(context.Request.Query["limit"], out var limit)) limit = PageMax;
        var letters = await spool.ListDeadLettersAsync(after, Math.Clamp(limit, 1, PageMax), context.RequestAborted);
        await context.Response.WriteAsJsonAsync(letters.Select(Answer).ToList(), JsonText.Answers);
    }

    private async Task ResendAsync(HttpContext context)
    {
        try
        {
            var request = await context.Request.ReadFromJsonAsync<ResendRequest>(JsonText.Answers);
            var ids = request?.Ids ?? [];
            var count = await resend(ids, context.RequestAborted);
            await context.Response.WriteAsJsonAsync(new { resent = count }, JsonText.Answers);
        }
        catch (Exception malformed) when (malformed is JsonException or InvalidOperationException)
        {
            await AdminServer.TextAsync(context, StatusCodes.Status400BadRequest,
                "the body must be JSON, {\"ids\": [1, 2]}, with the ids that /api/v1/deadletters lists");
        }
    }

    private static DeadLetterAnswer Answer(StoredDeadLetter stored)
    {
        var letter = stored.Letter;
        return new DeadLetterAnswer(
            stored.Id, letter.Lane.Destination, letter.Lane.Endpoint, letter.Lane.Tenant, letter.Reason,
            letter.StatusCode, letter.Detail, letter.At, letter.Facts.Entries, letter.Facts.LineBytes,
            TimeOf(letter.Facts.TimestampMin), TimeOf(letter.Facts.TimestampMax));
    }

    private static DateTimeOffset TimeOf(long nanoseconds) => DateTimeOffset.UnixEpoch.AddTicks(nanoseconds / 100);
}
