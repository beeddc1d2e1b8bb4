using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Weir.Node.Admin;
using Weir.Routing.Components;
using Weir.Routing.Language;

namespace Weir.Node.Tests.Admin;

public sealed class AdminAccessTests
{
    private static readonly HttpBasicOptions Basic = new() { Username = "grafana", Password = new Secret("s3cret:ü") };

    [Theory]
    [InlineData("Basic", "grafana:s3cret:ü", true)]
    [InlineData("basic", "grafana:s3cret:ü", true)]
    [InlineData("Basic", "grafana:s3cret", false)]
    [InlineData("Basic", "Grafana:s3cret:ü", false)]
    [InlineData("Basic", "grafana", false)]
    [InlineData("Basic", "", false)]
    [InlineData("Bearer", "grafana:s3cret:ü", false)]
    public async Task The_user_name_and_password_must_be_right(string scheme, string credentials, bool passes)
    {
        await using var rig = await StartAsync(new HttpFilterOptions());
        rig.Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(
            scheme, Convert.ToBase64String(Encoding.UTF8.GetBytes(credentials)));

        var (status, text) = await rig.GetAsync("/-/ready");

        Assert.Equal(passes ? HttpStatusCode.OK : HttpStatusCode.Unauthorized, status);
        Assert.DoesNotContain("s3cret", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Basic")]
    [InlineData("Basic ")]
    [InlineData("Basic not-base64!")]
    [InlineData("Basic Z3JhZmFuYQ")]
    [InlineData("Basic Z3JhZmFuYQ==, Basic Z3JhZmFuYQ==")]
    [InlineData("\"")]
    [InlineData(",,,")]
    public async Task A_malformed_header_is_as_none(string header)
    {
        await using var rig = await StartAsync(new HttpFilterOptions());
        rig.Client.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", header);

        using var answer = await rig.Client.GetAsync("/-/ready");

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Equal("Basic realm=\"weir\"", answer.Headers.WwwAuthenticate.ToString());
    }

    [Theory]
    [InlineData(true, "/api/v1/components", HttpStatusCode.Unauthorized)]
    [InlineData(true, "/API/v1/Components", HttpStatusCode.Unauthorized)]
    [InlineData(true, "/%61pi/v1/components", HttpStatusCode.Unauthorized)]
    [InlineData(true, "/-/ready", HttpStatusCode.OK)]
    [InlineData(false, "/api/v1/components", HttpStatusCode.OK)]
    [InlineData(false, "/-/ready", HttpStatusCode.Unauthorized)]
    public async Task A_filter_names_the_paths_that_need_the_password_or_those_that_do_not(
        bool authenticates, string path, HttpStatusCode expected)
    {
        await using var rig = await StartAsync(
            new HttpFilterOptions { Paths = ["/api/"], AuthenticateMatchingPaths = authenticates });

        var (status, _) = await rig.GetAsync(path);

        Assert.Equal(expected, status);
    }

    [Theory]
    [InlineData("//api/v1/components")]
    [InlineData("/x/../api/v1/components")]
    [InlineData("/api%2Fv1/components")]
    [InlineData("/./api/v1/components")]
    public async Task No_other_spelling_of_a_path_gets_around_the_password(string path)
    {
        await using var rig = await StartAsync(new HttpFilterOptions { Paths = ["/api/"] });
        using var socket = new System.Net.Sockets.TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, rig.Address.Port);
        await using var stream = socket.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
        using var reader = new StreamReader(stream);

        var answer = await reader.ReadToEndAsync();

        Assert.DoesNotContain("200 OK", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task New_credentials_count_from_the_reload_on()
    {
        var access = new AdminAccess(new HttpBlockOptions());
        await using var rig = await AdminRig.StartAsync(access, Parts());

        var open = await rig.GetAsync("/-/ready");
        access.Apply(new HttpBlockOptions { Auth = new HttpAuthOptions { Basic = Basic } });
        var closed = await rig.GetAsync("/-/ready");

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.Unauthorized), (open.Status, closed.Status));
    }

    private static Task<AdminRig> StartAsync(HttpFilterOptions filter) => AdminRig.StartAsync(
        new AdminAccess(new HttpBlockOptions { Auth = new HttpAuthOptions { Basic = Basic, Filter = filter } }),
        Parts());

    private static IAdminRoutes[] Parts() =>
    [
        new HealthRoutes(() => true, () => [], _ => Task.FromResult<IReadOnlyList<string>>([])),
        new ComponentRoutes(() => []),
    ];
}
