using System.Buffers;
using System.IO.Compression;
using Weir.Node.Admin;
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

    private readonly PushDecoder _decoder = new(labelSets);
    private readonly TailHub _tails = new();

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/loki/api/v1/push", PushAsync);
        routes.MapGet("/ready", context => AdminServer.TextAsync(context, StatusCodes.Status200OK, "ready"));
        routes.MapMethods("/loki/api/v1/labels", ["GET", "POST"], context =>
            ListAsync(context, stream => Names(stream)));
        routes.MapGet("/loki/api/v1/label/{name}/values", context => ListAsync(context, stream =>
            stream.Labels.TryGet((string)context.Request.RouteValues["name"]!, out var value) ? [value] : []));
        routes.MapMethods("/loki/api/v1/series", ["GET", "POST"], SeriesAsync);
        var reader = new StoreReader(store, labelSets);
        new QueryRoutes(reader, time).Map(routes);
        new TailRoutes(_tails, reader).Map(routes);
    }

    /// <summary>The tenant that a request names.</summary>
    public static string TenantOf(HttpContext context) =>
        context.Request.Headers["X-Scope-OrgID"].ToString() is { Length: > 0 } tenant ? tenant : DefaultTenant;

    private async Task PushAsync(HttpContext context)
    {
        try
        {
            var body = await ReadAsync(context);
            var isJson = context.Request.ContentType?.StartsWith("application/json", StringComparison.Ordinal) == true;
            var push = isJson ? _decoder.DecodeJson(body.Span) : _decoder.DecodeProtobuf(body);
            var tenant = TenantOf(context);
            if (push.Entries > 0)
            {
                store.Add(tenant, push);
                _tails.Publish(tenant, push);
            }

            context.Response.StatusCode = StatusCodes.Status204NoContent;
        }
        catch (PushException refused)
        {
            await AdminServer.TextAsync(context, StatusCodes.Status400BadRequest, refused.Message);
        }
    }

    /// <exception cref="PushException">It is larger than <see cref="BodyMax"/>, or no valid gzip.</exception>
    private static async Task<ReadOnlyMemory<byte>> ReadAsync(HttpContext context)
    {
        var encoding = context.Request.Headers.ContentEncoding.ToString();
        await using var source = encoding switch
        {
            "gzip" => new GZipStream(context.Request.Body, CompressionMode.Decompress),
            "deflate" => new ZLibStream(context.Request.Body, CompressionMode.Decompress),
            _ => context.Request.Body,
        };
        var body = new ArrayBufferWriter<byte>((int)Math.Clamp(context.Request.ContentLength ?? 0, 4096, BodyMax));
        try
        {
            while (true)
            {
                var read = await source.ReadAsync(body.GetMemory(4096), context.RequestAborted);
                if (read == 0) return body.WrittenMemory;
                body.Advance(read);
                if (body.WrittenCount > BodyMax) throw new PushException($"the push is larger than {BodyMax} bytes");
            }
        }
        catch (InvalidDataException malformed)
        {
            throw new PushException($"the body is no valid {encoding}: {malformed.Message}");
        }
    }

    private Task ListAsync(HttpContext context, Func<StoredStream, IEnumerable<string>> valuesOf)
    {
        var values = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var stream in store.Streams(TenantOf(context))) values.UnionWith(valuesOf(stream));
        return LokiAnswer.WriteAsync(context, json =>
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
        var selectors = await LokiAnswer.ParametersAsync(context, "match[]", "match");
        if (!QueryRoutes.TryParseSelectors(selectors, out var matches, out var fault))
        {
            await AdminServer.TextAsync(context, StatusCodes.Status400BadRequest, fault);
            return;
        }

        var streams = store.Streams(TenantOf(context)).Where(stream => matches.Any(match => match(stream.Labels)));
        await LokiAnswer.WriteAsync(context, json =>
        {
            json.WriteStartArray();
            foreach (var stream in streams) LokiAnswer.WriteLabels(json, stream.Labels);
            json.WriteEndArray();
        });
    }
}
