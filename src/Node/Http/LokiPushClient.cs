using System.Net;
using Weir.Routing.Components;
using Weir.Routing.Components.Http;
using Weir.Routing.Ports;

namespace Weir.Node.Http;

/// <summary>Where pushes go.</summary>
public sealed record LokiPushOptions
{
    /// <summary>The push URL, used as it is; a user and password in it become basic authentication.</summary>
    public required Uri Url { get; init; }

    /// <summary>From the first byte sent to the last byte of the answer, connecting included. Default 10 s.</summary>
    public TimeSpan RemoteTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Sent with each push, unless Weir sets the header itself.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();
}

/// <summary>Pushes to a Loki endpoint over HTTP.</summary>
public sealed class LokiPushClient : IPushClient
{
    private readonly HttpMessageInvoker _http;
    private readonly LokiPushOptions _options;
    private readonly TimeProvider _time;
    private readonly Uri _url;
    private readonly Version _version;

    /// <exception cref="ComponentException">A certificate cannot be read.</exception>
    public LokiPushClient(LokiPushOptions options, HttpClientOptions http, TimeProvider time)
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
        using var timeout = new CancellationTokenSource(_options.RemoteTimeout, _time);
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
            return Failed(content, $"no answer within {_options.RemoteTimeout.TotalSeconds} s");
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
