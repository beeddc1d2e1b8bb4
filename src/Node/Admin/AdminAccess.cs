using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Weir.Node.Admin;

/// <summary>Who may ask the admin listener. Credentials follow a reload; TLS is fixed when the listener
/// starts.</summary>
public sealed class AdminAccess(HttpBlockOptions options)
{
    private volatile HttpBlockOptions _options = options;

    public bool UsesTls => _options.Tls is not null;

    public HttpsConnectionAdapterOptions Tls() => AdminTls.Load(_options.Tls!);

    public void Apply(HttpBlockOptions options) => _options = options;

    /// <summary>Lets a request through, or answers 401.</summary>
    public Task CheckAsync(HttpContext context, RequestDelegate next)
    {
        var auth = _options.Auth;
        if (auth?.Basic is not { } basic || !NeedsPassword(auth.Filter, context.Request.Path) || Knows(basic, context))
            return next(context);
        context.Response.Headers.WWWAuthenticate = "Basic realm=\"weir\"";
        return AdminServer.TextAsync(context, StatusCodes.Status401Unauthorized,
            "unauthorized: this path needs the user name and password of the http block");
    }

    private static bool NeedsPassword(HttpFilterOptions filter, PathString path)
    {
        if (filter.Paths.Count == 0) return true;
        // Routes are found whatever the case of their letters: a prefix must not be got around that way.
        var named = filter.Paths.Any(prefix =>
            path.Value?.StartsWith(prefix, StringComparison.OrdinalIgnoreCase) == true);
        return named == filter.AuthenticateMatchingPaths;
    }

    private static bool Knows(HttpBasicOptions basic, HttpContext context)
    {
        if (!AuthenticationHeaderValue.TryParse(context.Request.Headers.Authorization, out var given)
            || !"Basic".Equals(given.Scheme, StringComparison.OrdinalIgnoreCase) || given.Parameter is null)
            return false;
        var decoded = new byte[given.Parameter.Length];
        if (!Convert.TryFromBase64String(given.Parameter, decoded, out var length)) return false;
        // Hashes are of one length, so the comparison's time tells nothing of the password's.
        var wanted = Encoding.UTF8.GetBytes($"{basic.Username}:{basic.Password.Reveal()}");
        return CryptographicOperations.FixedTimeEquals(
            SHA256.HashData(decoded.AsSpan(0, length)), SHA256.HashData(wanted));
    }
}
