using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Weir.Node.Admin;

/// <summary>Who may ask the admin listener, and how much. Credentials follow a reload; TLS is fixed when the listener
/// starts.</summary>
/// <remarks>
/// The <c>http</c> block's user name and password decide where they are configured; the token counts there too. Without
/// them everything but the probes needs the token, as soon as there is one or the address is not loopback.
/// </remarks>
/// <param name="isPublic">The address is not loopback.</param>
public sealed class AdminAccess(HttpBlockOptions options, AdminToken token, bool isPublic, TimeProvider time)
{
    /// <summary>Said where <see cref="IsShut"/>.</summary>
    public const string ShutText = "this node listens on a public address and has no token, so it answers probes only: "
        + $"start it with --server.http.token-file or {AdminToken.Variable}, or let it listen on 127.0.0.1";

    /// <summary>Bytes of a request's body to the API; the store's push takes more.</summary>
    private const long ApiBodyMax = 1 << 20;

    private const string ApiPrefix = "/api/";

    private readonly RequestRate _api = new(perSecond: 50, burst: 200, time);
    private readonly RequestRate _refusals = new(perSecond: 5, burst: 50, time);
    private volatile HttpBlockOptions _options = options;

    /// <summary>Who listens on loopback, and has no token.</summary>
    public AdminAccess(HttpBlockOptions options)
        : this(options, AdminToken.None(), isPublic: false, TimeProvider.System)
    {
    }

    public bool UsesTls => _options.Tls is not null;

    public bool NeedsToken => isPublic || token.IsSet;

    /// <summary>What the node's own requests to itself carry; null where they need nothing.</summary>
    public string? OwnToken => NeedsToken ? token.Own : null;

    /// <summary>Nobody can ask anything but the probes: an operator has to set a token.</summary>
    public bool IsShut => isPublic && !token.IsSet && _options.Auth?.Basic is null;

    public HttpsConnectionAdapterOptions Tls() => AdminTls.Load(_options.Tls!);

    public void Apply(HttpBlockOptions options) => _options = options;

    /// <summary>Reads the token's file again.</summary>
    /// <param name="refused">Why it cannot be taken: the former one stays.</param>
    public bool TryReload(out string refused)
    {
        refused = "";
        try
        {
            token.Reload();
            return true;
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            refused = unreadable.Message;
            return false;
        }
    }

    /// <summary>Lets a request through, or answers 401 or 429.</summary>
    public Task CheckAsync(HttpContext context, RequestDelegate next)
    {
        if (Challenge(context) is { } challenge) return RefuseAsync(context, challenge);
        if (!context.Request.Path.StartsWithSegments(ApiPrefix.TrimEnd('/'), StringComparison.OrdinalIgnoreCase))
            return next(context);
        if (!_api.TryTake()) return TooManyAsync(context);
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } body)
            body.MaxRequestBodySize = ApiBodyMax;
        return next(context);
    }

    /// <returns>Null: the request may pass.</returns>
    private string? Challenge(HttpContext context)
    {
        var auth = _options.Auth;
        if (auth?.Basic is { } basic)
        {
            return !NeedsPassword(auth.Filter, context.Request.Path) || Knows(basic, context)
                || token.IsCarriedBy(context.Request) ? null : "Basic realm=\"weir\"";
        }

        return !NeedsToken || IsProbe(context.Request.Path) || token.IsCarriedBy(context.Request)
            ? null : "Bearer realm=\"weir\"";
    }

    private Task RefuseAsync(HttpContext context, string challenge)
    {
        if (!_refusals.TryTake()) return TooManyAsync(context);
        context.Response.Headers.WWWAuthenticate = challenge;
        return AdminServer.TextAsync(context, StatusCodes.Status401Unauthorized,
            IsShut ? $"unauthorized: {ShutText}"
            : challenge.StartsWith("Basic", StringComparison.Ordinal)
                ? "unauthorized: this path needs the user name and password of the http block, or the token"
            : "unauthorized: send the node's token, Authorization: Bearer …");
    }

    private static Task TooManyAsync(HttpContext context)
    {
        context.Response.Headers.RetryAfter = "1";
        return AdminServer.TextAsync(context, StatusCodes.Status429TooManyRequests,
            "too many requests: wait a second");
    }

    private static bool IsProbe(PathString path) =>
        path.Equals("/-/ready", StringComparison.OrdinalIgnoreCase)
        || path.Equals("/-/healthy", StringComparison.OrdinalIgnoreCase);

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
