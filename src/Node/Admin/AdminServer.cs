using System.Net;
using System.Text;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Weir.Node.Admin;

/// <summary>A part of the node that answers requests on the admin listener.</summary>
public interface IAdminRoutes
{
    void Map(IEndpointRouteBuilder routes);
}

/// <summary>The node's HTTP listener: health, metrics, the API and, where it is on, the embedded store.</summary>
/// <remarks>Binds to loopback unless told otherwise. TLS and basic authentication follow the <c>http</c>
/// block.</remarks>
public sealed class AdminServer : IAsyncDisposable
{
    /// <summary>Largest request body: what Loki takes in one push.</summary>
    private const long BodyMax = 100L * 1024 * 1024;

    private const int ConnectionsMax = 1024;

    private readonly WebApplication _application;

    public AdminServer(IPEndPoint address, AdminAccess access)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = BodyMax;
            kestrel.Limits.MaxConcurrentConnections = ConnectionsMax;
            kestrel.Listen(address, listen =>
            {
                listen.Protocols = HttpProtocols.Http1;
                if (access.UsesTls) listen.UseHttps(access.Tls());
            });
        });
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.Services.AddRoutingCore();
        _application = builder.Build();
        _application.UseWebSockets();
        _application.Use(access.CheckAsync);
        _application.Use(RefuseMalformedAsync);
    }

    /// <summary>Where it listens, with the port that the system chose when 0 was asked for.</summary>
    public Uri Address => new(_application.Urls.First());

    /// <exception cref="IOException">The address is taken or not of this host.</exception>
    public Task StartAsync(IEnumerable<IAdminRoutes> parts, CancellationToken cancel)
    {
        foreach (var part in parts) part.Map(_application);
        return _application.StartAsync(cancel);
    }

    public async ValueTask DisposeAsync()
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(2));
        await _application.StopAsync(deadline.Token);
        await _application.DisposeAsync();
    }

    /// <summary>A body that is no form, or no JSON as announced, is the client's mistake.</summary>
    private static async Task RefuseMalformedAsync(HttpContext context, RequestDelegate next)
    {
        try
        {
            await next(context);
        }
        catch (InvalidDataException malformed)
        {
            await TextAsync(context, StatusCodes.Status400BadRequest, malformed.Message);
        }
    }

    /// <summary>Answers a line of text.</summary>
    public static Task TextAsync(HttpContext context, int status, string text)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(text + "\n")).AsTask();
    }
}
