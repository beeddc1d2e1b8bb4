using Weir.Node.Admin;
using Weir.Protocol.Batches;
using Weir.Routing.LogQl;

namespace Weir.Node.Store;

/// <summary>Loki's <c>query</c> and <c>query_range</c>.</summary>
internal sealed class QueryRoutes(StoreReader reader, TimeProvider time) : IAdminRoutes
{
    private const int LimitDefault = 100;

    /// <summary>Entries of one answer, as Loki has it.</summary>
    private const int LimitMax = 5000;

    private const long HourNanoseconds = 3600L * 1_000_000_000;

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapMethods("/loki/api/v1/query", ["GET", "POST"], context => AnswerAsync(context, isRange: false));
        routes.MapMethods("/loki/api/v1/query_range", ["GET", "POST"], context => AnswerAsync(context, isRange: true));
    }

    /// <summary>Selectors of <c>match[]</c>; none matches every stream.</summary>
    public static bool TryParseSelectors(
        IReadOnlyList<string> texts, out IReadOnlyList<Func<LabelSet, bool>> matches, out string fault)
    {
        (matches, fault) = ([_ => true], "");
        if (texts.Count == 0) return true;
        try
        {
            matches = [.. texts.Select(text => (Func<LabelSet, bool>)LogQlParser.ParseSelectorAlone(text).IsMatch)];
            return true;
        }
        catch (LogQlException malformed)
        {
            fault = malformed.Message;
            return false;
        }
    }

    private async Task AnswerAsync(HttpContext context, bool isRange)
    {
        var request = await QueryRequest.ReadAsync(context, time, isRange ? HourNanoseconds : 0);
        if (!request.TryCheck(LimitDefault, LimitMax, out var fault))
        {
            await LokiAnswer.RefuseAsync(context, fault);
            return;
        }

        try
        {
            var query = LogQlParser.Parse(request.Query);
            if (query is LogQuery lines) await AnswerLinesAsync(context, lines, request, isRange);
            else await AnswerNumbersAsync(context, query, request, isRange);
        }
        catch (Exception refused) when (refused is LogQlException or StoreLimitException)
        {
            await LokiAnswer.RefuseAsync(context, refused.Message);
        }
    }

    private Task AnswerLinesAsync(HttpContext context, LogQuery query, QueryRequest request, bool isRange)
    {
        // An instant query looks back as far as there is something: it asks for the newest lines.
        var (from, to) = isRange ? (request.From, request.To) : (0, QueryRequest.Behind(request.To));
        var selection = new LineSelection(request.IsForward, request.Limit);
        reader.Read(StoreRoutes.TenantOf(context), query, from, to, selection.Add, context.RequestAborted);
        return LokiAnswer.WriteResultAsync(context, "streams", json =>
        {
            foreach (var stream in selection.Streams()) LokiAnswer.WriteStream(json, stream);
        });
    }

    private Task AnswerNumbersAsync(HttpContext context, LogQlQuery query, QueryRequest request, bool isRange)
    {
        var steps = isRange ? MetricEvaluation.Steps(request.From, request.To, request.Step) : [request.To];
        var tenant = StoreRoutes.TenantOf(context);
        var evaluation = new MetricEvaluation((lines, from, to, found) =>
            reader.Read(tenant, lines, from, to, found, context.RequestAborted));
        var series = evaluation.Evaluate(query, steps);
        return LokiAnswer.WriteResultAsync(context, isRange ? "matrix" : "vector", json =>
        {
            foreach (var one in series) one.Write(json, steps, isRange);
        });
    }
}
