using System.Buffers;
using Weir.Node.Admin;
using Weir.Node.Agent;
using Weir.Node.Sqlite;
using Weir.Protocol.Batches;

namespace Weir.Node.Store;

/// <summary>The store's part of Loki's HTTP API: push, labels and series. Queries are
/// <see cref="QueryRoutes"/>.</summary>
internal sealed class StoreRoutes(LogStore store, LabelSets labelSets, TimeProvider time) : IAdminRoutes
{
    /// <summary>What Loki calls the tenant of a request that names none.</summary>
    public const string DefaultTenant = "fake";

    /// <summary>Largest push as it comes over the wire.</summary>
    private const int BodyMax = 100 * 1024 * 1024;

    /// <summary>The longest tenant, as Loki has it.</summary>
    private const int TenantLengthMax = 150;

    private readonly PushDecoder _decoder = new(labelSets);
    private readonly TailHub _tails = new();

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/loki/api/v1/push", PushAsync);
        routes.MapGet("/ready", context => AdminServer.TextAsync(context, StatusCodes.Status200OK, "ready"));
        routes.MapMethods("/loki/api/v1/labels", ["GET", "POST"], context => ListAsync(context, Names));
        routes.MapMethods("/loki/api/v1/label", ["GET", "POST"], context => ListAsync(context, Names));
        routes.MapGet("/loki/api/v1/label/{name}/values", context => ListAsync(context, stream =>
            stream.Labels.TryGet((string)context.Request.RouteValues["name"]!, out var value) ? [value] : []));
        routes.MapMethods("/loki/api/v1/series", ["GET", "POST"], SeriesAsync);
        routes.MapGet("/loki/api/v1/status/buildinfo", context => context.Response.WriteAsJsonAsync(
            new { version = NodeVersion.Text, revision = "", branch = "", buildDate = "", goVersion = "" }));
        var reader = new StoreReader(store, labelSets);
        new QueryRoutes(reader, time).Map(routes);
        new StatisticsRoutes(store, time).Map(routes);
        new TailRoutes(_tails, reader).Map(routes);
        routes.Map("/loki/{**rest}", context => AdminServer.TextAsync(context, StatusCodes.Status404NotFound,
            $"the embedded store does not answer {context.Request.Path}: it is a preview, not a Loki"));
    }

    /// <summary>The tenant that a request names.</summary>
    public static string TenantOf(HttpContext context) =>
        context.Request.Headers["X-Scope-OrgID"].ToString() is { Length: > 0 } tenant ? tenant : DefaultTenant;

    private async Task PushAsync(HttpContext context)
    {
        try
        {
            var tenant = TenantOf(context);
            if (!IsTenant(tenant)) throw new PushException("X-Scope-OrgID is no tenant");
            var body = await PushBody.ReadAsync(context, BodyMax);
            var isJson = context.Request.ContentType?.StartsWith("application/json", StringComparison.Ordinal) == true;
            var push = isJson ? _decoder.DecodeJson(body.Span) : _decoder.DecodeProtobuf(body);
            if (push.Entries > 0)
            {
                store.Add(tenant, push);
                _tails.Publish(tenant, push);
            }

            context.Response.StatusCode = StatusCodes.Status204NoContent;
        }
        catch (PushException refused)
        {
            await LokiAnswer.RefuseAsync(context, refused.Message);
        }
        catch (DatabaseException failed)
        {
            await AdminServer.TextAsync(context, StatusCodes.Status500InternalServerError, failed.Message);
        }
    }

    /// <summary>Whether Loki takes it for one.</summary>
    public static bool IsTenant(string name) =>
        name.Length <= TenantLengthMax && !name.AsSpan().ContainsAnyExcept(TenantCharacters);

    private async Task ListAsync(HttpContext context, Func<StoredStream, IEnumerable<string>> valuesOf)
    {
        if (await SelectAsync(context, "query") is not { } streams) return;
        var values = new SortedSet<string>(streams.SelectMany(valuesOf), StringComparer.Ordinal);
        await LokiAnswer.WriteAsync(context, json =>
        {
            json.WriteStartArray();
            foreach (var value in values) json.WriteStringValue(value);
            json.WriteEndArray();
        });
    }

    private static IEnumerable<string> Names(StoredStream stream)
    {
        foreach (var label in stream.Labels.Labels.ToArray()) yield return label.Name;
    }

    private async Task SeriesAsync(HttpContext context)
    {
        if (await SelectAsync(context, "match[]", "match") is not { } streams) return;
        await LokiAnswer.WriteAsync(context, json =>
        {
            json.WriteStartArray();
            foreach (var stream in streams) LokiAnswer.WriteLabels(json, stream.Labels);
            json.WriteEndArray();
        });
    }

    /// <summary>The tenant's streams that any selector of these parameters matches; without one, all.</summary>
    /// <returns>Null when a selector is malformed: the answer is given.</returns>
    private async Task<IReadOnlyList<StoredStream>?> SelectAsync(HttpContext context, params string[] parameters)
    {
        var selectors = await LokiAnswer.ParametersAsync(context, parameters);
        if (QueryRoutes.TryParseSelectors(selectors, out var matches, out var fault))
            return [.. store.Streams(TenantOf(context)).Where(stream => matches.Any(match => match(stream.Labels)))];
        await LokiAnswer.RefuseAsync(context, fault);
        return null;
    }

    private static readonly SearchValues<char> TenantCharacters = SearchValues.Create(
        "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ!-_.*'()");
}
