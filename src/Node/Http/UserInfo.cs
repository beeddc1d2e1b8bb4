using System.Net;
using Weir.Routing.Components.Http;

namespace Weir.Node.Http;

/// <summary>The user and password that a URL holds.</summary>
internal static class UserInfo
{
    public static NetworkCredential? Of(Uri url)
    {
        if (url.UserInfo.Length == 0) return null;
        var parts = url.UserInfo.Split(':', 2);
        return new NetworkCredential(
            Uri.UnescapeDataString(parts[0]), parts.Length > 1 ? Uri.UnescapeDataString(parts[1]) : "");
    }

    /// <summary>The options with what the URL holds as basic authentication, unless they authenticate
    /// themselves.</summary>
    public static HttpClientOptions Into(HttpClientOptions http, Uri url)
    {
        var hasOwn = http.BasicAuth is not null || http.Authorization is not null || http.OAuth2 is not null
            || http.BearerToken is { IsEmpty: false } || http.BearerTokenFile.Length > 0;
        if (hasOwn || Of(url) is not { } user) return http;
        return http with
        {
            BasicAuth = new BasicAuthOptions { Username = user.UserName, Password = new(user.Password) },
        };
    }

    /// <summary>The URL as it may be shown.</summary>
    public static Uri Without(Uri url) =>
        url.UserInfo.Length == 0 ? url : new UriBuilder(url) { UserName = "", Password = "" }.Uri;
}
