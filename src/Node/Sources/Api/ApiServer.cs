using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Weir.Node.Admin;

namespace Weir.Node.Sources.Api;

/// <summary>The HTTP listener of a <c>loki.source.api</c>.</summary>
internal sealed class ApiServer : IAsyncDisposable
{
    /// <summary>Connections at once, unless <c>conn_limit</c> says otherwise.</summary>
    public const int ConnectionsMax = 1024;

    /// <summary>Requests have no longer than this to end, whatever <c>graceful_shutdown_timeout</c> says: the process
    /// is ending, and what is not answered is pushed again.</summary>
    private static readonly TimeSpan StopTimeoutMax = TimeSpan.FromSeconds(5);

    private readonly WebApplication _application;
    private readonly TimeSpan _stopTimeout;

    /// <exception cref="IOException">Certificate or key cannot be used.</exception>
    public ApiServer(IPEndPoint address, ApiSourceOptions options, PushRoutes routes)
    {
        var http = options.Http;
        _stopTimeout = options.GracefulShutdownTimeout < StopTimeoutMax
            ? options.GracefulShutdownTimeout : StopTimeoutMax;
        var tls = http.Tls is null ? null : AdminTls.Load(http.Tls);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = options.MessageSizeMax.Bytes;
            kestrel.Limits.MaxConcurrentConnections = http.ConnectionsMax > 0 ? http.ConnectionsMax : ConnectionsMax;
            kestrel.Limits.RequestHeadersTimeout = http.ReadTimeout;
            kestrel.Limits.KeepAliveTimeout = http.IdleTimeout;
            kestrel.Listen(address, listen =>
            {
                listen.Protocols = HttpProtocols.Http1;
                if (tls is not null) listen.UseHttps(tls);
            });
        });
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.Services.AddRoutingCore();
        _application = builder.Build();
        routes.Map(_application);
    }

    /// <summary>Where it listens, with the port that the system chose when 0 was asked for.</summary>
    public Uri Address => new(_application.Urls.First());

    /// <exception cref="IOException">The address is taken or not of this host.</exception>
    public Task StartAsync(CancellationToken cancel) => _application.StartAsync(cancel);

    public async ValueTask DisposeAsync()
    {
        using var deadline = new CancellationTokenSource(_stopTimeout);
        await _application.StopAsync(deadline.Token);
        await _application.DisposeAsync();
    }
}
