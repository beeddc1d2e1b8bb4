using Weir.Routing.Components.Http;
using Weir.Routing.Language;

namespace Weir.Routing.Destinations;

/// <summary>Where and how an endpoint is asked what it has stored.</summary>
/// <param name="Url">Of <c>query_range</c>; may hold a user and password.</param>
/// <param name="SharesServer">It is the server that takes the pushes, spoken to in the same way.</param>
public sealed record LookupAddress(
    Uri Url, HttpClientOptions Http, IReadOnlyDictionary<string, string> Headers, bool SharesServer)
{
    /// <summary>How the path of a push ends.</summary>
    public const string PushPath = "/loki/api/v1/push";

    private const string QueryPath = "/loki/api/v1/query_range";

    /// <param name="endpoint">With a URL that is one.</param>
    /// <returns>Null when it is not to be asked, or nothing says where.</returns>
    public static LookupAddress? Of(EndpointOptions endpoint)
    {
        var options = endpoint.Reconcile;
        var push = new Uri(endpoint.Url);
        if (options.Enabled == ReconcileMode.Never || UrlOf(options, push) is not { } url) return null;
        var hasOwn = !OptionEquality.AreEqual(options.Http, new HttpClientOptions());
        // Credentials are for the server that they were given for.
        var isSame = url.Scheme == push.Scheme && url.Authority == push.Authority;
        var http = isSame && !hasOwn ? endpoint.Http : options.Http;
        return new LookupAddress(
            isSame && !hasOwn ? WithUserOf(push, url) : url,
            http,
            isSame && options.Headers.Count == 0 ? endpoint.Headers : options.Headers,
            isSame && OptionEquality.AreEqual(http.Proxy, endpoint.Http.Proxy)
                && OptionEquality.AreEqual(http.Tls, endpoint.Http.Tls));
    }

    private static Uri WithUserOf(Uri push, Uri url)
    {
        if (url.UserInfo.Length > 0 || push.UserInfo.Length == 0) return url;
        var user = push.UserInfo.Split(':', 2);
        return new UriBuilder(url) { UserName = user[0], Password = user.Length > 1 ? user[1] : "" }.Uri;
    }

    private static Uri? UrlOf(ReconcileOptions options, Uri push)
    {
        if (options.Url.Length > 0) return new Uri(options.Url);
        if (!push.AbsolutePath.EndsWith(PushPath, StringComparison.Ordinal)) return null;
        return new UriBuilder(push) { Path = push.AbsolutePath[..^PushPath.Length] + QueryPath }.Uri;
    }
}
