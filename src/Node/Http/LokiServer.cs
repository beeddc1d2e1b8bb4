using System.Buffers;
using System.Text;
using Weir.Routing.Components;
using Weir.Routing.Components.Http;
using Weir.Routing.Ports;

namespace Weir.Node.Http;

/// <summary>A path of a Loki server, and what all requests to it have in common.</summary>
internal sealed class LokiServer : IDisposable
{
    /// <summary>Why a request was not sent whose tenant <see cref="IsTenant"/> refuses.</summary>
    public const string NoTenant = "the tenant's id has characters that a header cannot carry";

    private const string TenantHeader = "X-Scope-OrgID";

    private readonly HttpMessageInvoker _http;
    private readonly LokiServerOptions _options;
    private readonly TimeProvider _time;
    private readonly Version _version;

    /// <exception cref="ComponentException">A certificate cannot be read.</exception>
    public LokiServer(LokiServerOptions options, HttpClientOptions http, TimeProvider time)
    {
        _options = options;
        _time = time;
        _version = HttpClients.VersionOf(http);
        _http = new HttpMessageInvoker(HttpClients.CreateHandler(UserInfo.Into(http, options.Url), time));
        Url = UserInfo.Without(options.Url);
    }

    /// <summary>Without credentials.</summary>
    public Uri Url { get; }

    /// <summary>What has happened when <see cref="StartTimeout"/> has come to its end.</summary>
    public string TimedOut => $"no answer within {_options.Timeout.TotalSeconds} s";

    public static bool IsTenant(string tenant) => !tenant.AsSpan().ContainsAnyExceptInRange(' ', '~');

    /// <summary>Begins now; the caller's.</summary>
    public CancellationTokenSource StartTimeout() => new(_options.Timeout, _time);

    /// <param name="url">Of this server.</param>
    public HttpRequestMessage Request(HttpMethod method, Uri url, string tenant)
    {
        var request = new HttpRequestMessage(method, url)
        {
            Version = _version, VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };
        request.Headers.TryAddWithoutValidation("User-Agent", HttpClients.UserAgent);
        if (tenant.Length > 0) request.Headers.TryAddWithoutValidation(TenantHeader, tenant);
        foreach (var (name, value) in _options.Headers)
            if (!request.Headers.NonValidated.Contains(name)) request.Headers.TryAddWithoutValidation(name, value);
        return request;
    }

    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancel) =>
        _http.SendAsync(request, cancel);

    public void Dispose() => _http.Dispose();

    public static string Cut(string detail) =>
        detail.Length <= PushAnswer.DetailMax ? detail : detail[..PushAnswer.DetailMax];

    /// <summary>The answer's beginning. The status is what counts: an answer that breaks off is an answer.</summary>
    public static async Task<string> ReadTextAsync(HttpResponseMessage response, CancellationToken cancel)
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
}
