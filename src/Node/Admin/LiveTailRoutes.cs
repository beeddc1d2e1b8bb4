using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Weir.Node.Logging;
using Weir.Protocol.Batches;
using Weir.Protocol.Cluster;
using Weir.Protocol.Loki;
using Weir.Routing.LogQl;
using Weir.Routing.Membership;
using Weir.Routing.Tailing;

namespace Weir.Node.Admin;

/// <summary><c>/api/v1/tail</c>: lines of all nodes as they are read, as server-sent events.</summary>
/// <remarks>A reader that is slow loses lines, and is told how many; delivery does not wait for it.</remarks>
internal sealed class LiveTailRoutes(Participation cluster, TimeProvider time) : IAdminRoutes
{
    /// <summary>Without lines, a comment says so often that the connection stands.</summary>
    private static readonly TimeSpan CommentEvery = TimeSpan.FromSeconds(5);

    public void Map(IEndpointRouteBuilder routes) => routes.MapGet("/api/v1/tail", TailAsync);

    private async Task TailAsync(HttpContext context)
    {
        var query = context.Request.Query["selector"].ToString();
        try
        {
            _ = LogQlParser.ParseMatcher(query);
        }
        catch (LogQlException malformed)
        {
            await AdminServer.TextAsync(context, StatusCodes.Status400BadRequest,
                $"selector: {malformed.Message}: give a selector with line filters, {{service=\"api\"}} |= \"error\"");
            return;
        }

        if (query.Length > TailLimits.QueryLengthMax)
        {
            await AdminServer.TextAsync(context, StatusCodes.Status400BadRequest,
                $"selector: more than {TailLimits.QueryLengthMax} characters");
            return;
        }

        try
        {
            if (await cluster.Tails.TailAsync(query, (feed, cancel) => SendAsync(context, feed, cancel),
                context.RequestAborted)) return;
            await AdminServer.TextAsync(context, StatusCodes.Status503ServiceUnavailable,
                $"{TailLimits.FeedsMax} tails are open on this node: end one, or ask another node");
        }
        catch (OperationCanceledException)
        {
            // The reader went away: nothing is owed to it.
        }
    }

    private async Task SendAsync(HttpContext context, TailFeed feed, CancellationToken cancel)
    {
        // A reader may stand still for as long as it likes: it loses lines, and nobody waits for it.
        if (context.Features.Get<IHttpMinResponseDataRateFeature>() is { } rate) rate.MinDataRate = null;
        context.Response.ContentType = "text/event-stream; charset=utf-8";
        context.Response.Headers.CacheControl = "no-cache";
        // Proxies that buffer would keep lines back.
        context.Response.Headers["X-Accel-Buffering"] = "no";
        var buffer = new ArrayBufferWriter<byte>(16 * 1024);
        var refused = new HashSet<string>(StringComparer.Ordinal);
        buffer.Write(": lines follow\n\n"u8);
        while (true)
        {
            await context.Response.Body.WriteAsync(buffer.WrittenMemory, cancel);
            await context.Response.Body.FlushAsync(cancel);
            buffer.ResetWrittenCount();
            var piece = await feed.TakeAsync(CommentEvery, time, cancel);
            if (piece is null) buffer.Write(": no lines\n\n"u8);
            else if (piece.Refused.Length == 0 || refused.Add(piece.Node)) Write(buffer, piece);
        }
    }

    private static void Write(ArrayBufferWriter<byte> buffer, TailPiece piece)
    {
        foreach (var line in piece.Lines) WriteEvent(buffer, "line", json => Write(json, piece.Node, line));
        if (piece.Lost > 0)
        {
            WriteEvent(buffer, "lost", json =>
            {
                json.WriteString("node", piece.Node);
                json.WriteNumber("lines", piece.Lost);
            });
        }

        if (piece.Refused.Length > 0)
        {
            WriteEvent(buffer, "refused", json =>
            {
                json.WriteString("node", piece.Node);
                json.WriteString("reason", piece.Refused);
            });
        }
    }

    private static void Write(Utf8JsonWriter json, string node, TailLine line)
    {
        json.WriteString("node", node);
        json.WriteString("destination", line.Destination);
        json.WriteString("tenant", line.Tenant);
        // As text: JSON's numbers lose nanoseconds.
        json.WriteString("timestamp", line.Timestamp.ToString(CultureInfo.InvariantCulture));
        json.WriteStartObject("labels");
        var labels = new List<Label>();
        if (LabelText.TryParse(line.Stream.Span, labels, out _))
            foreach (var (name, value) in labels) json.WriteString(name, value);
        json.WriteEndObject();
        // Not the bytes themselves: a line may be no UTF-8.
        json.WriteString("line", Encoding.UTF8.GetString(line.Line.Span));
        if (line.Cut > 0) json.WriteNumber("cut_bytes", line.Cut);
    }

    private static void WriteEvent(ArrayBufferWriter<byte> buffer, string name, Action<Utf8JsonWriter> write)
    {
        buffer.Write(Encoding.ASCII.GetBytes($"event: {name}\ndata: "));
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JsonText.Encoder }))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        buffer.Write("\n\n"u8);
    }
}
