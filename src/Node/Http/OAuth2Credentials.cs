using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Weir.Routing.Components.Http;

namespace Weir.Node.Http;

/// <summary>Tokens of OAuth 2.0's client credentials grant, kept until shortly before they expire.</summary>
internal sealed class OAuth2Credentials : Credentials
{
    /// <summary>A token is fetched anew this long before it expires, so that it does not expire on its way.</summary>
    public static readonly TimeSpan ExpiryMargin = TimeSpan.FromSeconds(10);

    private const int AnswerBytesMax = 1 << 20;

    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(30);

    private readonly SemaphoreSlim _gate = new(1);
    private readonly OAuth2Options _options;
    private readonly TimeProvider _time;
    private readonly SecretFile _secret;
    private readonly HttpClient _http;
    private volatile Token? _token;
    private bool _inForm;

    public OAuth2Credentials(OAuth2Options options, TimeProvider time)
    {
        _options = options;
        _time = time;
        _secret = new SecretFile("client_secret_file", options.ClientSecret, options.ClientSecretFile);
        _http = HttpClients.Create(new HttpClientOptions { Tls = options.Tls, Proxy = options.Proxy }, time);
        _http.MaxResponseContentBufferSize = AnswerBytesMax;
    }

    public override async ValueTask<AuthenticationHeaderValue?> GetAsync(CancellationToken cancel)
    {
        if (_token is { } kept && kept.IsFresh(_time)) return kept.Header;
        await _gate.WaitAsync(cancel);
        try
        {
            if (_token is { } token && token.IsFresh(_time)) return token.Header;
            return (_token = await FetchAsync(cancel)).Header;
        }
        finally
        {
            _gate.Release();
        }
    }

    public override void Refused() => _token = null;

    protected override void Dispose(bool disposing)
    {
        _http.Dispose();
        _gate.Dispose();
        base.Dispose(disposing);
    }

    private async Task<Token> FetchAsync(CancellationToken cancel)
    {
        using var timeout = new CancellationTokenSource(RequestTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancel);
        try
        {
            using var answer = await AskAsync(_inForm, either.Token);
            if (answer.StatusCode is not (HttpStatusCode.Unauthorized or HttpStatusCode.BadRequest) || _inForm)
                return await ReadAsync(answer, either.Token);
            // Some servers know the client's secret in the form only; what works is kept.
            using var second = await AskAsync(inForm: true, either.Token);
            var token = await ReadAsync(second, either.Token);
            _inForm = true;
            return token;
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested && !cancel.IsCancellationRequested)
        {
            throw new CredentialException($"oauth2: no token within {RequestTimeout.TotalSeconds} s");
        }
        catch (HttpRequestException fault) when (fault is not CredentialException)
        {
            throw new CredentialException($"oauth2: {FailureText.Of(fault)}");
        }
    }

    private async Task<HttpResponseMessage> AskAsync(bool inForm, CancellationToken cancel)
    {
        var secret = await _secret.ReadAsync(cancel);
        var form = new Dictionary<string, string>(_options.EndpointParameters)
        {
            ["grant_type"] = "client_credentials",
        };
        if (_options.Scopes.Count > 0) form["scope"] = string.Join(' ', _options.Scopes);
        if (inForm) (form["client_id"], form["client_secret"]) = (_options.ClientId, secret);
        using var request = new HttpRequestMessage(HttpMethod.Post, _options.TokenUrl)
        {
            Content = new FormUrlEncodedContent(form),
        };
        var (user, password) = (WebUtility.UrlEncode(_options.ClientId), WebUtility.UrlEncode(secret));
        if (!inForm) request.Headers.Authorization = Basic(user, password);
        return await _http.SendAsync(request, cancel);
    }

    private async Task<Token> ReadAsync(HttpResponseMessage answer, CancellationToken cancel)
    {
        if (!answer.IsSuccessStatusCode)
            throw new CredentialException($"oauth2: the token server answered {(int)answer.StatusCode}");
        var body = await answer.Content.ReadAsByteArrayAsync(cancel);
        return Parse(body)
            // The text may hold the token: only that it made no sense is told.
            ?? throw new CredentialException("oauth2: the token server sent no JSON object with an access_token");
    }

    private Token? Parse(byte[] body)
    {
        try
        {
            using var json = JsonDocument.Parse(body);
            var fields = json.RootElement;
            if (fields.ValueKind != JsonValueKind.Object
                || !fields.TryGetProperty("access_token", out var text) || text.ValueKind != JsonValueKind.String
                || text.GetString() is not { Length: > 0 } token) return null;
            // Without a lifetime a token is kept until the server refuses it, as Go's client does.
            var seconds = fields.TryGetProperty("expires_in", out var lifetime) ? SecondsOf(lifetime) : 0;
            var expiresAt = seconds > 0
                ? _time.GetUtcNow().AddSeconds(seconds) - ExpiryMargin : DateTimeOffset.MaxValue;
            return new Token(new AuthenticationHeaderValue("Bearer", token), expiresAt);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static double SecondsOf(JsonElement lifetime) => lifetime.ValueKind switch
    {
        JsonValueKind.Number when lifetime.TryGetInt32(out var number) => number,
        JsonValueKind.String when int.TryParse(lifetime.GetString(), out var number) => number,
        _ => 0,
    };

    private sealed record Token(AuthenticationHeaderValue Header, DateTimeOffset ExpiresAt)
    {
        public bool IsFresh(TimeProvider time) => time.GetUtcNow() < ExpiresAt;
    }
}
