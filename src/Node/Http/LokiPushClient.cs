using System.Net;
using Weir.Routing.Components;
using Weir.Routing.Components.Http;
using Weir.Routing.Ports;

namespace Weir.Node.Http;

/// <summary>Pushes to a Loki endpoint over HTTP.</summary>
/// <exception cref="ComponentException">When it is made: a certificate cannot be read.</exception>
public sealed class LokiPushClient(LokiServerOptions options, HttpClientOptions http, TimeProvider time) : IPushClient
{
    private readonly LokiServer _server = new(options, http, time);
    private readonly TimeProvider _time = time;

    public async ValueTask<PushAnswer> PushAsync(
        IReadOnlyList<ReadOnlyMemory<byte>> body, string tenant, CancellationToken cancel,
        Func<bool>? mayLeave = null)
    {
        if (!LokiServer.IsTenant(tenant)) return new(PushOutcome.NotSent, 0, default, LokiServer.NoTenant);
        using var timeout = _server.StartTimeout();
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancel);
        using var content = new PushContent(body, mayLeave);
        using var request = _server.Request(HttpMethod.Post, _server.Url, tenant);
        request.Content = content;
        try
        {
            using var response = await _server.SendAsync(request, either.Token);
            var isPlain = response.StatusCode == HttpStatusCode.NoContent;
            var text = isPlain ? "" : await LokiServer.ReadTextAsync(response, either.Token);
            return new(PushOutcome.Answered, (int)response.StatusCode, RetryAfter(response), text);
        }
        catch (HttpRequestException fault)
        {
            cancel.ThrowIfCancellationRequested();
            return Failed(content, FailureText.Of(fault));
        }
        catch (OperationCanceledException)
        {
            cancel.ThrowIfCancellationRequested();
            return Failed(content, _server.TimedOut);
        }
    }

    public void Dispose() => _server.Dispose();

    private static PushAnswer Failed(PushContent content, string detail) => new(
        content.HasBegun ? PushOutcome.Unknown : PushOutcome.NotSent, 0, default,
        LokiServer.Cut(detail));

    private TimeSpan RetryAfter(HttpResponseMessage response)
    {
        if (response.Headers.RetryAfter is not { } header) return default;
        var wait = header.Delta ?? header.Date - _time.GetUtcNow() ?? default;
        return wait > TimeSpan.Zero ? wait : default;
    }
}
