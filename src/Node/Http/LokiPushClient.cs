using System.Buffers;
using System.Net;
using System.Text;
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
    private const string TenantHeader = "X-Scope-OrgID";

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
        _http = new HttpMessageInvoker(HttpClients.CreateHandler(WithUserOf(options.Url, http), time));
    }

    public async ValueTask<PushAnswer> PushAsync(
        IReadOnlyList<ReadOnlyMemory<byte>> body, string tenant, CancellationToken cancel)
    {
        if (tenant.AsSpan().ContainsAnyExceptInRange(' ', '~'))
            return new(PushOutcome.NotSent, 0, default, "the tenant's id has characters that a header cannot carry");
        using var timeout = new CancellationTokenSource(_options.RemoteTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancel);
        using var content = new PushContent(body);
        using var request = Request(content, tenant);
        try
        {
            using var response = await _http.SendAsync(request, either.Token);
            var isPlain = response.StatusCode == HttpStatusCode.NoContent;
            var text = isPlain ? "" : await ReadTextAsync(response, either.Token);
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

    private HttpRequestMessage Request(PushContent content, string tenant)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, _url)
        {
            Content = content, Version = _version, VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };
        request.Headers.TryAddWithoutValidation("User-Agent", HttpClients.UserAgent);
        if (tenant.Length > 0) request.Headers.TryAddWithoutValidation(TenantHeader, tenant);
        foreach (var (name, value) in _options.Headers)
            if (!request.Headers.NonValidated.Contains(name)) request.Headers.TryAddWithoutValidation(name, value);
        return request;
    }

    private static PushAnswer Failed(PushContent content, string detail) => new(
        content.HasBegun ? PushOutcome.Unknown : PushOutcome.NotSent, 0, default,
        detail.Length <= PushAnswer.DetailMax ? detail : detail[..PushAnswer.DetailMax]);

    /// <summary>The answer's beginning. The status is what counts: an answer that breaks off is an answer.</summary>
    private static async Task<string> ReadTextAsync(HttpResponseMessage response, CancellationToken cancel)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(PushAnswer.DetailMax);
        var length = 0;
        try
        {
            await using var stream = await response.Content.ReadAsStreamAsync(cancel);
            while (length < PushAnswer.DetailMax)
            {
                var read = await stream.ReadAsync(buffer.AsMemory(length, PushAnswer.DetailMax - length), cancel);
                if (read == 0) break;
                length += read;
            }
        }
        catch (IOException)
        {
            // What came so far is kept.
        }
        catch (OperationCanceledException)
        {
            // Likewise.
        }

        var text = Encoding.UTF8.GetString(buffer, 0, length);
        ArrayPool<byte>.Shared.Return(buffer);
        return text;
    }

    private TimeSpan RetryAfter(HttpResponseMessage response)
    {
        if (response.Headers.RetryAfter is not { } header) return default;
        var wait = header.Delta ?? header.Date - _time.GetUtcNow() ?? default;
        return wait > TimeSpan.Zero ? wait : default;
    }

    private static HttpClientOptions WithUserOf(Uri url, HttpClientOptions http)
    {
        var hasOwn = http.BasicAuth is not null || http.Authorization is not null || http.OAuth2 is not null
            || http.BearerToken is { IsEmpty: false } || http.BearerTokenFile.Length > 0;
        if (hasOwn || UserInfo.Of(url) is not { } user) return http;
        return http with
        {
            BasicAuth = new BasicAuthOptions { Username = user.UserName, Password = new(user.Password) },
        };
    }
}
