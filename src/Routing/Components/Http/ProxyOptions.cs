using Weir.Routing.Language;

namespace Weir.Routing.Components.Http;

/// <summary>Which proxy requests go through.</summary>
public sealed record ProxyOptions : IValidated
{
    /// <summary>May hold a user and a password; "" for none.</summary>
    [Argument("proxy_url")]
    public string Url { get; init; } = "";

    /// <summary>Hosts, domains, addresses and CIDR ranges reached without it, separated by commas.</summary>
    [Argument("no_proxy")]
    public string NoProxy { get; init; } = "";

    /// <summary>Takes <c>HTTP_PROXY</c>, <c>HTTPS_PROXY</c> and <c>NO_PROXY</c> instead.</summary>
    [Argument("proxy_from_environment")]
    public bool FromEnvironment { get; init; }

    /// <summary>Sent to the proxy when a tunnel is asked for.</summary>
    [Argument("proxy_connect_header")]
    public IReadOnlyDictionary<string, IReadOnlyList<Secret>> ConnectHeaders { get; init; } =
        new Dictionary<string, IReadOnlyList<Secret>>();

    /// <inheritdoc/>
    public void Validate(OptionProblems problems)
    {
        var isProxy = Uri.TryCreate(Url, UriKind.Absolute, out var url)
            && url.Scheme is ("http" or "https" or "socks5");
        if (Url.Length > 0 && !isProxy)
            problems.Add("proxy_url", "it must be an http://, https:// or socks5:// address");
        if (FromEnvironment && Url.Length > 0)
            problems.Add("proxy_from_environment", "proxy_from_environment and proxy_url exclude each other");
        if (FromEnvironment && NoProxy.Length > 0)
            problems.Add("no_proxy", "proxy_from_environment and no_proxy exclude each other", "set NO_PROXY instead");
        if (NoProxy.Length > 0 && Url.Length == 0) problems.Add("no_proxy", "no_proxy needs a proxy_url");
        if (ConnectHeaders.Count > 0 && Url.Length == 0 && !FromEnvironment)
            problems.Add("proxy_connect_header", "proxy_connect_header needs a proxy_url or proxy_from_environment");
    }
}
