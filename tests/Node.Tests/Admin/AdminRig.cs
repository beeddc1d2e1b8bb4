using System.Net;
using Weir.Node.Admin;

namespace Weir.Node.Tests.Admin;

/// <summary>An admin listener on a port of its own.</summary>
internal sealed class AdminRig : IAsyncDisposable
{
    private readonly AdminServer _server;

    private AdminRig(AdminAccess access) => _server = new AdminServer(new IPEndPoint(IPAddress.Loopback, 0), access);

    public Uri Address => _server.Address;

    public HttpClient Client { get; private set; } = null!;

    public static Task<AdminRig> StartAsync(params IAdminRoutes[] parts) =>
        StartAsync(new AdminAccess(new HttpBlockOptions()), parts);

    public static async Task<AdminRig> StartAsync(AdminAccess access, params IAdminRoutes[] parts)
    {
        var rig = new AdminRig(access);
        await rig._server.StartAsync(parts, default);
        rig.Client = new HttpClient { BaseAddress = rig.Address };
        return rig;
    }

    public async Task<(HttpStatusCode Status, string Text)> GetAsync(string path)
    {
        using var answer = await Client.GetAsync(path);
        return (answer.StatusCode, (await answer.Content.ReadAsStringAsync()).TrimEnd());
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _server.DisposeAsync();
    }
}
