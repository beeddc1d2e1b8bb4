using System.Net;
using System.Reflection;
using Weir.Routing.Components;
using Weir.Routing.Components.Http;

namespace Weir.Node.Http;

/// <summary>Makes HTTP clients from a configuration's options.</summary>
public static class HttpClients
{
    /// <summary>How long a connection serves before a new one asks DNS again.</summary>
    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(15);

    /// <summary>What Weir calls itself: <c>weir/0.1.0</c>.</summary>
    public static string UserAgent { get; } =
        "weir/" + typeof(HttpClients).Assembly.GetName().Version!.ToString(3);

    /// <summary>Makes a client without a timeout: each caller states its own.</summary>
    /// <exception cref="ComponentException">A certificate cannot be read.</exception>
    public static HttpClient Create(HttpClientOptions options, TimeProvider time) => new(CreateHandler(options, time))
    {
        Timeout = Timeout.InfiniteTimeSpan,
        DefaultRequestVersion = VersionOf(options),
        DefaultVersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        DefaultRequestHeaders = { { "User-Agent", UserAgent } },
    };

    internal static Version VersionOf(HttpClientOptions options) =>
        options.EnableHttp2 ? HttpVersion.Version20 : HttpVersion.Version11;

    internal static HttpMessageHandler CreateHandler(HttpClientOptions options, TimeProvider time)
    {
        var tls = new TlsMaterial(options.Tls ?? new TlsOptions()).ToClientOptions();
        var proxy = ConfiguredProxy.From(options.Proxy);
        var sockets = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            ActivityHeadersPropagator = null,
            PooledConnectionLifetime = ConnectionLifetime,
            SslOptions = tls,
        };
        var dialsItself = options.Proxy.ConnectHeaders.Count > 0 || !string.IsNullOrEmpty(tls.TargetHost);
        if (dialsItself) sockets.ConnectCallback = new Dialer(proxy, options, tls).ConnectAsync;
        sockets.UseProxy = proxy is not null && !dialsItself;
        if (sockets.UseProxy) sockets.Proxy = proxy;
        HttpMessageHandler handler = new CredentialsHandler(Credentials.From(options, time), options, sockets);
        return options.FollowRedirects ? new RedirectHandler(handler) : handler;
    }
}
