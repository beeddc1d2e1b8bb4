using System.Buffers;
using Weir.Node.Admin;
using Weir.Node.Store;
using Weir.Protocol.Batches;
using Weir.Protocol.Loki;
using Weir.Routing.Components;

namespace Weir.Node.Sources.Api;

/// <summary>What <c>loki.source.api</c> answers.</summary>
/// <remarks>204 when the spool has the lines; 503 when it could not take them, so that the sender pushes them
/// again.</remarks>
internal sealed class PushRoutes(
    IComponentHost host, PushIntake intake, ApiMetrics metrics, Func<ApiSourceOptions> options)
{
    /// <summary>Longest wait for the spool: Loki's clients give up after ten seconds, without a reason to
    /// show.</summary>
    private static readonly TimeSpan DurableTimeout = TimeSpan.FromSeconds(8);

    private const string RetryAfterSeconds = "1";

    public void Map(IEndpointRouteBuilder routes)
    {
        foreach (var path in (string[])["/loki/api/v1/push", "/api/v1/push"])
            routes.MapPost(path, context => AnswerAsync(context, path, isRaw: false));
        foreach (var path in (string[])["/loki/api/v1/raw", "/api/v1/raw"])
            routes.MapPost(path, context => AnswerAsync(context, path, isRaw: true));
        routes.MapGet("/ready", context => AdminServer.TextAsync(context, StatusCodes.Status200OK, "ready"));
    }

    private async Task AnswerAsync(HttpContext context, string route, bool isRaw)
    {
        var began = host.Time.GetTimestamp();
        metrics.Requests.Add(1L);
        try
        {
            await TakeAsync(context, isRaw);
        }
        catch (PushException refused)
        {
            await LokiAnswer.RefuseAsync(context, refused.Message);
        }
        finally
        {
            metrics.Requests.Add(-1L);
            metrics.Observe(route, context.Response.StatusCode, host.Time.GetElapsedTime(began));
        }
    }

    /// <exception cref="PushException">It is malformed.</exception>
    private async Task TakeAsync(HttpContext context, bool isRaw)
    {
        var current = options();
        var tenant = context.Request.Headers["X-Scope-OrgID"].ToString();
        if (!StoreRoutes.IsTenant(tenant)) throw new PushException("X-Scope-OrgID is no tenant");
        var body = await PushBody.ReadAsync(context, current.MessageSizeMax.Bytes);
        metrics.MessageBytes.Observe(body.Length);
        var lines = new PushedLines(host, current, tenant);
        if (isRaw) lines.ReadRaw(body.Span);
        else if (context.Request.ContentType?.StartsWith("application/json", StringComparison.Ordinal) == true)
            ReadJson(lines, body.Span);
        else ReadProtobuf(lines, body.Span, current.MessageSizeMax.Bytes);
        var bytes = lines.Batches.Sum(batch => (long)batch.BytesUsed);
        var push = new PendingPush(lines.Batches, bytes);
        if (lines.Count > 0 && !intake.TryPost(push))
        {
            lines.Discard();
            await PutOffAsync(context, "too many pushes wait for the pipeline");
        }
        else if (lines.Count == 0 || await IsDurableAsync(push))
        {
            metrics.Entries.Add(lines.Count);
            metrics.Unwanted.Add(lines.Unwanted);
            context.Response.StatusCode = StatusCodes.Status204NoContent;
        }
        else await PutOffAsync(context, "the pipeline does not keep up: the lines are not durable yet");
    }

    private async ValueTask<bool> IsDurableAsync(PendingPush push)
    {
        try
        {
            return await push.Outcome.WaitAsync(DurableTimeout, host.Time);
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    private static Task PutOffAsync(HttpContext context, string reason)
    {
        context.Response.Headers.RetryAfter = RetryAfterSeconds;
        return AdminServer.TextAsync(context, StatusCodes.Status503ServiceUnavailable, reason);
    }

    private static void ReadJson(PushedLines lines, ReadOnlySpan<byte> json)
    {
        var request = new ArrayBufferWriter<byte>(json.Length + 256);
        if (!new JsonPush().TryConvert(json, request, out var fault)) throw new PushException(fault);
        lines.Read(request.WrittenSpan);
    }

    private static void ReadProtobuf(PushedLines lines, ReadOnlySpan<byte> body, long bytesMax)
    {
        var length = PushDecoder.UnpackedLength(body);
        if (length > bytesMax) throw new PushException($"the push is larger than {bytesMax} bytes");
        var request = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            lines.Read(PushDecoder.Unpack(body, request));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(request);
        }
    }
}
