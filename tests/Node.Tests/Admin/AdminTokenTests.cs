using System.Net;
using System.Net.Http.Headers;
using Weir.Node.Admin;
using Weir.Routing.Language;
using Weir.Support;

namespace Weir.Node.Tests.Admin;

public sealed class AdminTokenTests : IDisposable
{
    private const string Token = "0123456789abcdef-token";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("weir-token-");
    private readonly ManualTime _time = new();

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("Bearer 0123456789abcdef-token", HttpStatusCode.OK)]
    [InlineData("bearer 0123456789abcdef-token", HttpStatusCode.OK)]
    [InlineData("Bearer 0123456789abcdef-toke", HttpStatusCode.Unauthorized)]
    [InlineData("Bearer 0123456789abcdef-token2", HttpStatusCode.Unauthorized)]
    [InlineData("Basic 0123456789abcdef-token", HttpStatusCode.Unauthorized)]
    [InlineData("Bearer", HttpStatusCode.Unauthorized)]
    [InlineData("Bearer ", HttpStatusCode.Unauthorized)]
    public async Task A_token_must_be_right(string header, HttpStatusCode expected)
    {
        await using var rig = await StartAsync(AdminToken.Read(null, Token), isPublic: true);
        rig.Client.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", header);

        var (status, text) = await rig.GetAsync("/api/v1/components");

        Assert.Equal(expected, status);
        Assert.DoesNotContain(Token, text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, true, "/api/v1/components", HttpStatusCode.Unauthorized)]
    [InlineData(null, true, "/metrics", HttpStatusCode.Unauthorized)]
    [InlineData(null, true, "/-/reload", HttpStatusCode.Unauthorized)]
    [InlineData(null, true, "/-/ready", HttpStatusCode.OK)]
    [InlineData(null, true, "/-/healthy", HttpStatusCode.OK)]
    [InlineData(null, true, "/-/ready/../reload", HttpStatusCode.Unauthorized)]
    [InlineData(null, false, "/api/v1/components", HttpStatusCode.OK)]
    [InlineData(Token, true, "/api/v1/components", HttpStatusCode.Unauthorized)]
    [InlineData(Token, false, "/api/v1/components", HttpStatusCode.Unauthorized)]
    [InlineData(Token, false, "/-/ready", HttpStatusCode.OK)]
    public async Task Without_the_token_a_public_address_answers_probes_alone(
        string? token, bool isPublic, string path, HttpStatusCode expected)
    {
        await using var rig = await StartAsync(AdminToken.Read(null, token), isPublic);

        var (status, _) = await rig.GetAsync(path);

        Assert.Equal(expected, status);
    }

    [Fact]
    public async Task A_refusal_says_what_to_send_and_what_to_set()
    {
        await using var set = await StartAsync(AdminToken.Read(null, Token), isPublic: true);
        await using var shut = await StartAsync(AdminToken.Read(null, ""), isPublic: true);

        using var answer = await set.Client.GetAsync("/api/v1/components");
        var (_, text) = await shut.GetAsync("/api/v1/components");

        Assert.Equal("Bearer realm=\"weir\"", answer.Headers.WwwAuthenticate.ToString());
        Assert.Contains("--server.http.token-file", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_token_counts_beside_the_password_of_the_http_block_and_its_filter_decides()
    {
        var access = new AdminAccess(
            new HttpBlockOptions
            {
                Auth = new HttpAuthOptions
                {
                    Basic = new HttpBasicOptions { Username = "a", Password = new Secret("b") },
                    Filter = new HttpFilterOptions { Paths = ["/metrics"], AuthenticateMatchingPaths = false },
                },
            },
            AdminToken.Read(null, Token), isPublic: true, _time);
        await using var rig = await AdminRig.StartAsync(access, Parts());

        var open = await rig.GetAsync("/metrics");
        var closed = await rig.GetAsync("/api/v1/components");
        rig.Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token);
        var let = await rig.GetAsync("/api/v1/components");

        Assert.Equal(
            (HttpStatusCode.OK, HttpStatusCode.Unauthorized, HttpStatusCode.OK),
            (open.Status, closed.Status, let.Status));
    }

    [Fact]
    public async Task A_token_file_is_read_again_and_a_bad_one_leaves_the_former_token()
    {
        var file = Path.Combine(_folder.FullName, "token");
        File.WriteAllText(file, $"{Token}\n");
        var access = new AdminAccess(new HttpBlockOptions(), AdminToken.Read(file, null), isPublic: true, _time);
        await using var rig = await AdminRig.StartAsync(access, Parts());
        rig.Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token);

        File.WriteAllText(file, "short");
        Assert.False(access.TryReload(out var refused));
        var former = await rig.GetAsync("/metrics");
        File.WriteAllText(file, "another-token-of-this-node");
        Assert.True(access.TryReload(out _));
        var changed = await rig.GetAsync("/metrics");

        Assert.Contains("at least 16 characters", refused, StringComparison.Ordinal);
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.Unauthorized), (former.Status, changed.Status));
    }

    [Theory]
    [InlineData("short")]
    [InlineData("a token that has spaces in it")]
    [InlineData("ümlaut-is-no-ascii-letter")]
    public void A_token_that_is_weak_or_no_word_is_refused_at_the_start(string token)
    {
        var refusal = Assert.Throws<IOException>(() => AdminToken.Read(null, token));

        Assert.StartsWith("WEIR_TOKEN: ", refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(token, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Guessing_is_slowed_down_and_holds_up_nobody_who_has_the_token()
    {
        await using var rig = await StartAsync(AdminToken.Read(null, Token), isPublic: true);
        var guesses = new List<HttpStatusCode>();

        for (var i = 0; i < 60; i++) guesses.Add((await rig.GetAsync("/metrics")).Status);
        rig.Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token);
        var known = await rig.GetAsync("/metrics");

        Assert.Equal(50, guesses.Count(status => status == HttpStatusCode.Unauthorized));
        Assert.Equal(10, guesses.Count(status => status == HttpStatusCode.TooManyRequests));
        Assert.Equal(HttpStatusCode.OK, known.Status);
    }

    [Fact]
    public async Task The_api_answers_a_burst_and_then_so_many_a_second()
    {
        await using var rig = await StartAsync(AdminToken.None(), isPublic: false);
        var statuses = new List<HttpStatusCode>();

        for (var i = 0; i < 201; i++) statuses.Add((await rig.GetAsync("/api/v1/components")).Status);
        _time.Advance(TimeSpan.FromSeconds(1));
        var later = await rig.GetAsync("/api/v1/components");

        Assert.Equal(HttpStatusCode.TooManyRequests, statuses[^1]);
        Assert.Equal(200, statuses.Count(status => status == HttpStatusCode.OK));
        Assert.Equal(HttpStatusCode.OK, later.Status);
    }

    [Fact]
    public async Task A_body_that_is_too_large_for_the_api_is_refused()
    {
        await using var rig = await AdminRig.StartAsync(
            new AdminAccess(new HttpBlockOptions(), AdminToken.None(), isPublic: false, _time), new ReadsBody());

        using var answer = await rig.Client.PostAsync(
            "/api/v1/body", new ByteArrayContent(new byte[(1 << 20) + 1]));

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
    }

    private Task<AdminRig> StartAsync(AdminToken token, bool isPublic) => AdminRig.StartAsync(
        new AdminAccess(new HttpBlockOptions(), token, isPublic, _time), Parts());

    private static IAdminRoutes[] Parts() =>
    [
        new HealthRoutes(() => true, () => [], _ => Task.FromResult<IReadOnlyList<string>>([])),
        new ComponentRoutes(() => []),
        new MetricsRoutes(new Weir.Routing.Metrics.MetricRegistry()),
    ];

    private sealed class ReadsBody : IAdminRoutes
    {
        public void Map(Microsoft.AspNetCore.Routing.IEndpointRouteBuilder routes) =>
            Microsoft.AspNetCore.Builder.EndpointRouteBuilderExtensions.MapPost(routes, "/api/v1/body",
                context => context.Request.Body.CopyToAsync(Stream.Null));
    }
}
