using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging;

namespace Weir.Node.Tests.Http;

/// <summary>What a server was asked, its body read whole.</summary>
internal sealed record SeenRequest(string Method, string Path, string Protocol, IHeaderDictionary Headers, byte[] Body);

/// <summary>A real Kestrel on an ephemeral port of loopback.</summary>
internal sealed class LoopbackServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private LoopbackServer(WebApplication app, string scheme)
    {
        _app = app;
        Scheme = scheme;
    }

    public string Scheme { get; }

    public ConcurrentQueue<SeenRequest> Seen { get; } = new();

    public int Port => new Uri(_app.Urls.First()).Port;

    public Uri Url => new($"{Scheme}://localhost:{Port}/loki/api/v1/push");

    /// <param name="answer">Null answers 204.</param>
    /// <param name="https">Null for plain HTTP.</param>
    public static async Task<LoopbackServer> StartAsync(
        Func<HttpContext, Task>? answer = null, Action<HttpsConnectionAdapterOptions>? https = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            listen.Protocols = https is null ? HttpProtocols.Http1 : HttpProtocols.Http1AndHttp2;
            if (https is not null) listen.UseHttps(https);
        }));
        var server = new LoopbackServer(builder.Build(), https is null ? "http" : "https");
        server._app.Run(async context =>
        {
            var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            var request = context.Request;
            var headers = new HeaderDictionary();
            foreach (var (name, values) in request.Headers) headers[name] = values;
            server.Seen.Enqueue(new(request.Method, request.Path, request.Protocol, headers, body.ToArray()));
            context.Response.StatusCode = 204;
            if (answer is not null) await answer(context);
        });
        await server._app.StartAsync();
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        using var atOnce = new CancellationTokenSource();
        await atOnce.CancelAsync();
        await _app.StopAsync(atOnce.Token);
        await _app.DisposeAsync();
    }
}
