using Weir.Routing.Language;

namespace Weir.Routing.Components.Http;

/// <summary>Block <c>basic_auth</c>.</summary>
public sealed record BasicAuthOptions : IValidated
{
    [Argument("username")]
    public string Username { get; init; } = "";

    [Argument("password")]
    public Secret? Password { get; init; }

    /// <summary>A file with the password, read for each request.</summary>
    [Argument("password_file")]
    public string PasswordFile { get; init; } = "";

    /// <inheritdoc/>
    public void Validate(OptionProblems problems)
    {
        if (Password is { IsEmpty: false } && PasswordFile.Length > 0)
            problems.Add("password_file", "password and password_file exclude each other");
    }
}

/// <summary>Block <c>authorization</c>.</summary>
public sealed record AuthorizationOptions : IValidated
{
    /// <summary>The scheme, before the credentials.</summary>
    [Argument("type")]
    public string Type { get; init; } = "Bearer";

    [Argument("credentials")]
    public Secret? Credentials { get; init; }

    /// <summary>A file with the credentials, read for each request.</summary>
    [Argument("credentials_file")]
    public string CredentialsFile { get; init; } = "";

    /// <inheritdoc/>
    public void Validate(OptionProblems problems)
    {
        if (Credentials is { IsEmpty: false } && CredentialsFile.Length > 0)
            problems.Add("credentials_file", "credentials and credentials_file exclude each other");
        if (Type.Equals("basic", StringComparison.OrdinalIgnoreCase))
            problems.Add("type", "\"Basic\" is not written here", "use a basic_auth block");
    }
}

/// <summary>Block <c>oauth2</c>: tokens by the client credentials grant.</summary>
public sealed record OAuth2Options : IValidated
{
    [Argument("client_id")]
    public string ClientId { get; init; } = "";

    [Argument("client_secret")]
    public Secret? ClientSecret { get; init; }

    /// <summary>A file with the secret, read for each token.</summary>
    [Argument("client_secret_file")]
    public string ClientSecretFile { get; init; } = "";

    /// <summary>Where tokens are asked for.</summary>
    [Argument("token_url")]
    public string TokenUrl { get; init; } = "";

    [Argument("scopes")]
    public IReadOnlyList<string> Scopes { get; init; } = [];

    /// <summary>Sent along when a token is asked for.</summary>
    [Argument("endpoint_params")]
    public IReadOnlyDictionary<string, string> EndpointParameters { get; init; } = new Dictionary<string, string>();

    /// <summary>The proxy to the token's server.</summary>
    [Inline]
    public ProxyOptions Proxy { get; init; } = new();

    /// <summary>TLS to the token's server.</summary>
    [Block("tls_config")]
    public TlsOptions? Tls { get; init; }

    /// <inheritdoc/>
    public void Validate(OptionProblems problems)
    {
        if (ClientId.Length == 0) problems.Add("client_id", "it must not be empty");
        if (ClientSecret is null or { IsEmpty: true } && ClientSecretFile.Length == 0)
            problems.Add("client_secret", "client_secret or client_secret_file must be given");
        if (ClientSecret is { IsEmpty: false } && ClientSecretFile.Length > 0)
            problems.Add("client_secret_file", "client_secret and client_secret_file exclude each other");
        if (!Uri.TryCreate(TokenUrl, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https"))
            problems.Add("token_url", "it must be an http:// or https:// address");
    }
}
