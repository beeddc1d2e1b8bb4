using System.Net.Http.Headers;
using System.Text;
using Weir.Routing.Components.Http;

namespace Weir.Node.Http;

/// <summary>What goes into the <c>Authorization</c> header.</summary>
internal abstract class Credentials : IDisposable
{
    /// <returns>Null for none.</returns>
    /// <exception cref="HttpRequestException">They could not be had.</exception>
    public abstract ValueTask<AuthenticationHeaderValue?> GetAsync(CancellationToken cancel);

    /// <summary>The server answered 401: what was kept is worth nothing any more.</summary>
    public virtual void Refused()
    {
    }

    /// <summary>The one way that the options name; null for none.</summary>
    public static Credentials? From(HttpClientOptions options, TimeProvider time)
    {
        if (options.BasicAuth is { } basic) return new BasicCredentials(basic);
        if (options.OAuth2 is { } oauth2) return new OAuth2Credentials(oauth2, time);
        if (options.Authorization is { } any)
            return new SchemeCredentials(any.Type, new("credentials_file", any.Credentials, any.CredentialsFile));
        if (options.BearerToken is { IsEmpty: false } || options.BearerTokenFile.Length > 0)
        {
            var token = new SecretFile("bearer_token_file", options.BearerToken, options.BearerTokenFile);
            return new SchemeCredentials("Bearer", token);
        }

        return null;
    }

    public static AuthenticationHeaderValue Basic(string user, string password) =>
        new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}")));

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
    }
}

internal sealed class BasicCredentials(BasicAuthOptions options) : Credentials
{
    private readonly SecretFile _password = new("password_file", options.Password, options.PasswordFile);

    public override async ValueTask<AuthenticationHeaderValue?> GetAsync(CancellationToken cancel) =>
        Basic(options.Username, await _password.ReadAsync(cancel));
}

internal sealed class SchemeCredentials(string scheme, SecretFile secret) : Credentials
{
    public override async ValueTask<AuthenticationHeaderValue?> GetAsync(CancellationToken cancel) =>
        new(scheme, await secret.ReadAsync(cancel));
}
