using System.Net;
using Weir.Routing.Components;
using Weir.Routing.Components.Http;
using Weir.Routing.Ports;

namespace Weir.Node.Http;

/// <summary>Pushes to a Loki endpoint over HTTP.</summary>
public sealed class LokiPushClient : IPushClient
{
    private readonly HttpMessageInvoker _http;
    private readonly LokiServerOptions _options;
    private readonly TimeProvider _time;
    private readonly Uri _url;
    private readonly Version _version;

    /// <exception cref="ComponentException">A certificate cannot be read.</exception>
    public LokiPushClient(LokiServerOptions options, HttpClientOptions http, TimeProvider time)
    {
        _options = options;
        _time = time;
        _url = UserInfo.Without(options.Url);
        _version = HttpClients.VersionOf(http);
        _http = new HttpMessageInvoker(HttpClients.CreateHandler(UserInfo.Into(http, options.Url), time));
    }

    public async ValueTask<PushAnswer> PushAsync(
        IReadOnlyList<ReadOnlyMemory<byte>> body, string tenant, CancellationToken cancel,
        Func<bool>? mayLeave = null)
    {
        if (!LokiRequest.IsTenant(tenant)) return new(PushOutcome.NotSent, 0, default, LokiRequest.NoTenant);
        using var timeout = new CancellationTokenSource(_options.Timeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancel);
        using var content = new PushContent(body, mayLeave);
        using var request = LokiRequest.Create(HttpMethod.Post, _url, _version, tenant, _options.Headers);
        request.Content = content;
        try
        {
            using var response = await _http.SendAsync(request, either.Token);
            var isPlain = response.StatusCode == HttpStatusCode.NoContent;
            var text = isPlain ? "" : await LokiRequest.ReadTextAsync(response, either.Token);
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
            return Failed(content, $"no answer within {_options.Timeout.TotalSeconds} s");
        }
    }

    public void Dispose() => _http.Dispose();

    private static PushAnswer Failed(PushContent content, string detail) => new(
        content.HasBegun ? PushOutcome.Unknown : PushOutcome.NotSent, 0, default,
        LokiRequest.Cut(detail));

    private TimeSpan RetryAfter(HttpResponseMessage response)
    {
        if (response.Headers.RetryAfter is not { } header) return default;
        var wait = header.Delta ?? header.Date - _time.GetUtcNow() ?? default;
        return wait > TimeSpan.Zero ? wait : default;
    }
}
