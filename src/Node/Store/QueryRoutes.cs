using System.Globalization;
using System.Text.Json;
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
            await AdminServer.TextAsync(context, StatusCodes.Status400BadRequest, fault);
            return;
        }

        try
        {
            var query = LogQlParser.Parse(request.Query);
            if (query is LogQuery lines) await AnswerLinesAsync(context, lines, request, isRange);
            else await AnswerNumbersAsync(context, query, request, isRange);
        }
        catch (LogQlException malformed)
        {
            await AdminServer.TextAsync(context, StatusCodes.Status400BadRequest, malformed.Message);
        }
    }

    private Task AnswerLinesAsync(HttpContext context, LogQuery query, QueryRequest request, bool isRange)
    {
        // An instant query looks back as far as there is something: it asks for the newest lines.
        var from = isRange ? request.From : 0;
        var order = request.IsForward ? 1 : -1;
        // Two entries of a stream that are the same in time and text are one, as in Loki's answers.
        var kept = new SortedSet<(long Rank, string Stream, string Line)>();
        var labels = new Dictionary<string, IReadOnlyDictionary<string, string>>(StringComparer.Ordinal);
        reader.Read(StoreRoutes.TenantOf(context), query, from, request.To + (isRange ? 0 : 1), entry =>
        {
            var stream = MetricEvaluation.KeyOf(entry.Labels);
            labels.TryAdd(stream, entry.Labels);
            kept.Add((order * entry.Timestamp, stream, entry.Line));
            if (kept.Count > request.Limit) kept.Remove(kept.Max);
        }, context.RequestAborted);
        return LokiAnswer.WriteAsync(context, json =>
        {
            json.WriteStartObject();
            json.WriteString("resultType", "streams");
            json.WriteStartArray("result");
            foreach (var stream in kept.GroupBy(entry => entry.Stream))
                WriteStream(json, labels[stream.Key], stream.Select(entry => (order * entry.Rank, entry.Line)));
            json.WriteEndArray();
            json.WriteStartObject("stats");
            json.WriteEndObject();
            json.WriteEndObject();
        });
    }

    private Task AnswerNumbersAsync(HttpContext context, LogQlQuery query, QueryRequest request, bool isRange)
    {
        var steps = isRange ? MetricEvaluation.Steps(request.From, request.To, request.Step) : [request.To];
        var tenant = StoreRoutes.TenantOf(context);
        var evaluation = new MetricEvaluation((lines, from, to, found) =>
            reader.Read(tenant, lines, from, to, found, context.RequestAborted));
        var series = evaluation.Evaluate(query, steps);
        return LokiAnswer.WriteAsync(context, json =>
        {
            json.WriteStartObject();
            json.WriteString("resultType", isRange ? "matrix" : "vector");
            json.WriteStartArray("result");
            foreach (var one in series) WriteSeries(json, one, isRange);
            json.WriteEndArray();
            json.WriteStartObject("stats");
            json.WriteEndObject();
            json.WriteEndObject();
        });
    }

    internal static void WriteStream(
        Utf8JsonWriter json, IReadOnlyDictionary<string, string> labels,
        IEnumerable<(long Timestamp, string Line)> entries)
    {
        json.WriteStartObject();
        WriteLabels(json, "stream", labels);
        json.WriteStartArray("values");
        foreach (var (timestamp, line) in entries)
        {
            json.WriteStartArray();
            json.WriteStringValue(timestamp.ToString(CultureInfo.InvariantCulture));
            json.WriteStringValue(line);
            json.WriteEndArray();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteSeries(Utf8JsonWriter json, StoreSeries series, bool isRange)
    {
        json.WriteStartObject();
        WriteLabels(json, "metric", series.Labels);
        if (isRange) json.WriteStartArray("values");
        else json.WritePropertyName("value");
        foreach (var (at, value) in series.Points)
        {
            json.WriteStartArray();
            json.WriteNumberValue(MetricEvaluation.Seconds(at));
            json.WriteStringValue(value.ToString("R", CultureInfo.InvariantCulture));
            json.WriteEndArray();
        }

        if (isRange) json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteLabels(Utf8JsonWriter json, string name, IReadOnlyDictionary<string, string> labels)
    {
        json.WriteStartObject(name);
        foreach (var (label, value) in labels.OrderBy(label => label.Key, StringComparer.Ordinal))
            json.WriteString(label, value);
        json.WriteEndObject();
    }
}
