using Weir.Routing.Language;

namespace Weir.Routing.Components.Http;

/// <summary>How a component speaks to an HTTP server: inlined in its body, or a block of its own.</summary>
public sealed record HttpClientOptions : IValidated
{
    /// <summary>User and password. At most one way to authenticate.</summary>
    [Block("basic_auth")]
    public BasicAuthOptions? BasicAuth { get; init; }

    /// <summary>An <c>Authorization</c> header of any type.</summary>
    [Block("authorization")]
    public AuthorizationOptions? Authorization { get; init; }

    /// <summary>Tokens by OAuth 2.0 client credentials.</summary>
    [Block("oauth2")]
    public OAuth2Options? OAuth2 { get; init; }

    /// <summary>Certificates, and how far the server's is trusted.</summary>
    [Block("tls_config")]
    public TlsOptions? Tls { get; init; }

    /// <summary>Sent as <c>Authorization: Bearer</c>.</summary>
    [Argument("bearer_token")]
    public Secret? BearerToken { get; init; }

    /// <summary>A file with the bearer token, read for each request.</summary>
    [Argument("bearer_token_file")]
    public string BearerTokenFile { get; init; } = "";

    /// <summary>Whether HTTP/2 is offered to TLS servers.</summary>
    [Argument("enable_http2")]
    public bool EnableHttp2 { get; init; } = true;

    /// <summary>Whether redirects that keep the method are followed.</summary>
    [Argument("follow_redirects")]
    public bool FollowRedirects { get; init; } = true;

    /// <summary>Sent with each request to the configured server.</summary>
    [Argument("http_headers")]
    public IReadOnlyDictionary<string, IReadOnlyList<Secret>> HttpHeaders { get; init; } =
        new Dictionary<string, IReadOnlyList<Secret>>();

    /// <summary>The proxy that requests go through.</summary>
    [Inline]
    public ProxyOptions Proxy { get; init; } = new();

    /// <inheritdoc/>
    public void Validate(OptionProblems problems)
    {
        var ways = new List<string>();
        if (Authorization is not null) ways.Add("authorization");
        if (BasicAuth is not null) ways.Add("basic_auth");
        if (BearerToken is { IsEmpty: false }) ways.Add("bearer_token");
        if (BearerTokenFile.Length > 0) ways.Add("bearer_token_file");
        if (OAuth2 is not null) ways.Add("oauth2");
        if (ways.Count > 1)
            problems.AddToBlock($"only one way to authenticate may be given, not {string.Join(" and ", ways)}");
        foreach (var name in HttpHeaders.Keys)
        {
            if (HeaderNames.IsReserved(name))
                problems.Add("http_headers", $"weir sets the header {name} itself", "use the argument made for it");
            else if (!HeaderNames.IsValid(name)) problems.Add("http_headers", $"\"{name}\" is no name of a header");
        }
    }
}
