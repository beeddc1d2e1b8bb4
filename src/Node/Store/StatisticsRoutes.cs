using Weir.Node.Admin;
using Weir.Routing.LogQl;

namespace Weir.Node.Store;

/// <summary>Loki's <c>index/stats</c>: from it Grafana tells how much a query will read before it runs.</summary>
internal sealed class StatisticsRoutes(LogStore store, TimeProvider time) : IAdminRoutes
{
    private const long HourNanoseconds = 3600L * 1_000_000_000;

    public void Map(IEndpointRouteBuilder routes) =>
        routes.MapMethods("/loki/api/v1/index/stats", ["GET", "POST"], AnswerAsync);

    private async Task AnswerAsync(HttpContext context)
    {
        var request = await QueryRequest.ReadAsync(context, time, HourNanoseconds);
        if (!request.TryCheckRange(out var fault))
        {
            await LokiAnswer.RefuseAsync(context, fault);
            return;
        }

        try
        {
            var selector = LogQlParser.ParseSelectorAlone(request.Query);
            var tenant = StoreRoutes.TenantOf(context);
            var streams = store.Streams(tenant).Where(stream => selector.IsMatch(stream.Labels)).ToList();
            var (count, pushes, bytes, entries) = store.Measure(tenant, streams, request.From, request.To);
            await context.Response.WriteAsJsonAsync(new { streams = count, chunks = pushes, bytes, entries });
        }
        catch (LogQlException malformed)
        {
            await LokiAnswer.RefuseAsync(context, malformed.Message);
        }
    }
}
