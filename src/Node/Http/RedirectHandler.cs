using System.Net;

namespace Weir.Node.Http;

/// <summary>
/// Follows redirects that keep the method. A POST answered 301, 302 or 303 would become a GET of some login page,
/// whose 200
/// would look like an acknowledgement: such an answer is returned as it is.
/// </summary>
internal sealed class RedirectHandler(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    private const int RedirectsMax = 10;

    private static readonly HttpRequestOptionsKey<bool> LeftOriginKey = new("weir.left_origin");

    /// <summary>Whether a redirect led away from the configured server: it must not see credentials.</summary>
    public static bool LeftOrigin(HttpRequestMessage request) =>
        request.Options.TryGetValue(LeftOriginKey, out var left) && left;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancel)
    {
        var origin = request.RequestUri!;
        for (var followed = 0; ; followed++)
        {
            var response = await base.SendAsync(request, cancel);
            if (followed == RedirectsMax || Target(request, response) is not { } target) return response;
            response.Dispose();
            if (!SameOrigin(origin, target))
            {
                request.Options.Set(LeftOriginKey, true);
                request.Headers.Authorization = null;
            }

            request.RequestUri = target;
        }
    }

    private static Uri? Target(HttpRequestMessage request, HttpResponseMessage response)
    {
        var keepsMethod = response.StatusCode is HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect;
        var turnsToGet = response.StatusCode
            is HttpStatusCode.MovedPermanently or HttpStatusCode.Found or HttpStatusCode.SeeOther;
        var isRead = request.Method == HttpMethod.Get || request.Method == HttpMethod.Head;
        if (!keepsMethod && !(turnsToGet && isRead)) return null;
        if (response.Headers.Location is not { } location) return null;
        var target = location.IsAbsoluteUri ? location : new Uri(request.RequestUri!, location);
        var downgrade = request.RequestUri!.Scheme == Uri.UriSchemeHttps && target.Scheme != Uri.UriSchemeHttps;
        return downgrade || target.Scheme is not ("http" or "https") ? null : target;
    }

    private static bool SameOrigin(Uri left, Uri right) =>
        left.Scheme == right.Scheme && left.Port == right.Port
        && left.IdnHost.Equals(right.IdnHost, StringComparison.OrdinalIgnoreCase);
}
