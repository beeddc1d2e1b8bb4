using System.Net;
using Weir.Routing.Components.Http;

namespace Weir.Node.Http;

/// <summary>The proxy of a client, if its server is to be reached through one.</summary>
internal sealed class ConfiguredProxy : IWebProxy
{
    private readonly Uri? _forHttp;
    private readonly Uri? _forHttps;
    private readonly NoProxyList _without;
    private readonly bool _spareLoopback;

    private ConfiguredProxy(string forHttp, string forHttps, string without, bool spareLoopback)
    {
        _forHttp = AddressOf(forHttp, out var httpUser);
        _forHttps = AddressOf(forHttps, out var httpsUser);
        _without = new NoProxyList(without);
        _spareLoopback = spareLoopback;
        Credentials = new UrlCredentials((_forHttp, httpUser), (_forHttps, httpsUser));
    }

    public ICredentials? Credentials { get; set; }

    /// <summary>The user and password for a proxy; null for none.</summary>
    public NetworkCredential? UserOf(Uri proxy) => Credentials?.GetCredential(proxy, "Basic");

    /// <returns>Null when the options name none.</returns>
    public static ConfiguredProxy? From(ProxyOptions options)
    {
        // As Go: a list of exceptions, and the environment, spare this machine too.
        if (options.Url.Length > 0)
            return new ConfiguredProxy(options.Url, options.Url, options.NoProxy, options.NoProxy.Length > 0);
        if (!options.FromEnvironment) return null;
        return new ConfiguredProxy(Read("HTTP_PROXY"), Read("HTTPS_PROXY"), Read("NO_PROXY"), spareLoopback: true);
    }

    public Uri? GetProxy(Uri destination) => destination.Scheme == Uri.UriSchemeHttps ? _forHttps : _forHttp;

    public bool IsBypassed(Uri host) =>
        GetProxy(host) is null || (_spareLoopback && host.IsLoopback) || _without.Contains(host);

    private static string Read(string name) =>
        Environment.GetEnvironmentVariable(name)
        ?? Environment.GetEnvironmentVariable(name.ToLowerInvariant()) ?? "";

    /// <returns>Without its user: the runtime's error messages show it.</returns>
    private static Uri? AddressOf(string text, out NetworkCredential? user)
    {
        user = null;
        if (text.Length == 0) return null;
        if (!text.Contains("://", StringComparison.Ordinal)) text = "http://" + text;
        if (!Uri.TryCreate(text, UriKind.Absolute, out var address)) return null;
        user = UserInfo.Of(address);
        return UserInfo.Without(address);
    }

    /// <summary>The users and passwords in the proxies' own URLs.</summary>
    private sealed class UrlCredentials(params (Uri? Proxy, NetworkCredential? User)[] known) : ICredentials
    {
        public NetworkCredential? GetCredential(Uri uri, string authType)
        {
            foreach (var (proxy, user) in known)
                if (proxy is not null && proxy.IdnHost == uri.IdnHost && proxy.Port == uri.Port) return user;
            return null;
        }
    }
}
