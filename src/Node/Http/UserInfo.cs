using System.Net;

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

    /// <summary>The URL as it may be shown.</summary>
    public static Uri Without(Uri url) =>
        url.UserInfo.Length == 0 ? url : new UriBuilder(url) { UserName = "", Password = "" }.Uri;
}
