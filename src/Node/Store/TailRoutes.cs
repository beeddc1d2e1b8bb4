using System.Buffers;
using System.Net.WebSockets;
using System.Text.Json;
using Weir.Node.Admin;
using Weir.Node.Logging;
using Weir.Routing.LogQl;

namespace Weir.Node.Store;

/// <summary>Loki's <c>tail</c>: a web socket that gets the lines of a log query as they arrive.</summary>
internal sealed class TailRoutes(TailHub hub, StoreReader reader) : IAdminRoutes
{
    public void Map(IEndpointRouteBuilder routes) => routes.MapGet("/loki/api/v1/tail", TailAsync);

    private async Task TailAsync(HttpContext context)
    {
        if (!context.WebSockets.IsWebSocketRequest)
        {
            await LokiAnswer.RefuseAsync(context, "tail speaks over a web socket");
            return;
        }

        try
        {
            var parameters = await LokiAnswer.ParametersAsync(context, "query");
            if (LogQlParser.Parse(parameters.Count > 0 ? parameters[0] : "") is not LogQuery query)
                await LokiAnswer.RefuseAsync(context, "tail follows lines, not numbers");
            else await FollowAsync(context, query);
        }
        catch (LogQlException malformed)
        {
            await LokiAnswer.RefuseAsync(context, malformed.Message);
        }
    }

    private async Task FollowAsync(HttpContext context, LogQuery query)
    {
        using var follower = hub.Follow(StoreRoutes.TenantOf(context));
        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        using var closed = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        var listening = ListenAsync(socket, closed);
        try
        {
            await foreach (var push in follower.Pushes.ReadAllAsync(closed.Token))
            {
                var message = Render(push, query, follower.TakeDropped());
                if (message.Length > 0)
                    await socket.SendAsync(message, WebSocketMessageType.Text, endOfMessage: true, closed.Token);
            }
        }
        catch (Exception gone) when (gone is OperationCanceledException or WebSocketException)
        {
            // The client went away: nothing is owed to it.
        }

        await closed.CancelAsync();
        await listening;
    }

    /// <summary>Clients send nothing but their goodbye.</summary>
    private static async Task ListenAsync(WebSocket socket, CancellationTokenSource closed)
    {
        var buffer = new byte[256];
        try
        {
            ValueWebSocketReceiveResult received;
            do received = await socket.ReceiveAsync(buffer.AsMemory(), closed.Token);
            while (received.MessageType != WebSocketMessageType.Close);

            await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", closed.Token);
        }
        catch (Exception gone) when (gone is OperationCanceledException or WebSocketException)
        {
            // Gone without a goodbye.
        }

        await closed.CancelAsync();
    }

    private ReadOnlyMemory<byte> Render(DecodedPush push, LogQuery query, int dropped)
    {
        var entries = new List<FoundEntry>();
        reader.ReadPush(push.Body.Span, query, null, long.MinValue, long.MaxValue, entries.Add);
        if (entries.Count == 0 && dropped == 0) return default;
        var buffer = new ArrayBufferWriter<byte>(4096);
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JsonText.Encoder }))
        {
            json.WriteStartObject();
            json.WriteStartArray("streams");
            foreach (var stream in entries.GroupBy(entry => StoreSeries.KeyOf(entry.Labels), StringComparer.Ordinal))
                LokiAnswer.WriteStream(json, stream);

            json.WriteEndArray();
            if (dropped > 0) json.WriteNumber("dropped_entries_total", dropped);
            json.WriteEndObject();
        }

        return buffer.WrittenMemory;
    }
}
