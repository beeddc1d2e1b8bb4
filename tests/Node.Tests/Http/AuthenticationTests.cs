using System.Text;
using Microsoft.AspNetCore.Http;
using Weir.Node.Http;
using Weir.Routing.Components.Http;
using Weir.Routing.Language;
using Weir.Routing.Ports;

namespace Weir.Node.Tests.Http;

public sealed class AuthenticationTests : IDisposable
{
    private static readonly IReadOnlyList<ReadOnlyMemory<byte>> Body = ["x"u8.ToArray()];

    private readonly string _directory = Directory.CreateTempSubdirectory("weir-auth-").FullName;

    [Fact]
    public async Task Each_way_to_authenticate_makes_its_header()
    {
        var file = Path.Combine(_directory, "secret");
        await File.WriteAllTextAsync(file, "from-file\n");
        HttpClientOptions[] ways =
        [
            new() { BasicAuth = new() { Username = "me", Password = new("pä:ss") } },
            new() { BasicAuth = new() { Username = "me", PasswordFile = file } },
            new() { BearerToken = new("token") },
            new() { BearerTokenFile = file },
            new() { Authorization = new() { Credentials = new("token") } },
            new() { Authorization = new() { Type = "Token", CredentialsFile = file } },
        ];
        await using var server = await LoopbackServer.StartAsync();

        foreach (var way in ways)
        {
            using var client = LokiPushClientTests.Client(server.Url, way);
            await client.PushAsync(Body, "", default);
        }

        Assert.Equal(
            [
                "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes("me:pä:ss")),
                "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes("me:from-file")),
                "Bearer token", "Bearer from-file", "Bearer token", "Token from-file",
            ],
            server.Seen.Select(seen => seen.Headers.Authorization.ToString()));
    }

    [Fact]
    public async Task A_file_that_changed_is_read_again_and_one_that_is_gone_sends_nothing()
    {
        var file = Path.Combine(_directory, "token");
        await using var server = await LoopbackServer.StartAsync();
        using var client = LokiPushClientTests.Client(server.Url, new() { BearerTokenFile = file });

        var missing = await client.PushAsync(Body, "", default);
        await File.WriteAllTextAsync(file, "one");
        await client.PushAsync(Body, "", default);
        await File.WriteAllTextAsync(file, "two");
        await client.PushAsync(Body, "", default);

        Assert.Equal(PushOutcome.NotSent, missing.Outcome);
        Assert.Contains("bearer_token_file", missing.Detail);
        Assert.Equal(["Bearer one", "Bearer two"], server.Seen.Select(seen => seen.Headers.Authorization.ToString()));
    }

    [Fact]
    public async Task An_OAuth2_token_is_fetched_once_and_again_before_it_expires()
    {
        var tokens = 0;
        await using var issuer = await LoopbackServer.StartAsync(context => WriteTokenAsync(context, ++tokens, 3600));
        await using var server = await LoopbackServer.StartAsync();
        var time = new LokiPushClientTests.FixedTime(new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        using var client = LokiPushClientTests.Client(server.Url, OAuth2(issuer), time: time);

        await client.PushAsync(Body, "", default);
        await client.PushAsync(Body, "", default);
        time.Now += TimeSpan.FromSeconds(3591);
        await client.PushAsync(Body, "", default);

        Assert.Equal(
            ["Bearer token-1", "Bearer token-1", "Bearer token-2"],
            server.Seen.Select(seen => seen.Headers.Authorization.ToString()));
        var asked = issuer.Seen.First();
        Assert.Equal(
            "audience=logs&grant_type=client_credentials&scope=a+b", Encoding.UTF8.GetString(asked.Body));
        Assert.Equal("Basic " + Convert.ToBase64String("id:se%26cret"u8), asked.Headers.Authorization);
    }

    [Fact]
    public async Task A_token_server_that_wants_the_secret_in_the_form_gets_it_there()
    {
        await using var issuer = await LoopbackServer.StartAsync(context =>
        {
            context.Response.StatusCode = 401;
            return context.Request.Headers.Authorization.Count > 0
                ? Task.CompletedTask : WriteTokenAsync(context, 1, 3600);
        });
        await using var server = await LoopbackServer.StartAsync();
        using var client = LokiPushClientTests.Client(server.Url, OAuth2(issuer));

        var answer = await client.PushAsync(Body, "", default);

        Assert.Equal(204, answer.Status);
        Assert.EndsWith("&client_id=id&client_secret=se%26cret", Encoding.UTF8.GetString(issuer.Seen.Last().Body));
    }

    [Fact]
    public async Task A_refused_token_is_fetched_anew_for_the_next_push()
    {
        var tokens = 0;
        await using var issuer = await LoopbackServer.StartAsync(context => WriteTokenAsync(context, ++tokens, 0));
        await using var server = await LoopbackServer.StartAsync(context =>
        {
            context.Response.StatusCode = context.Request.Headers.Authorization == "Bearer token-1" ? 401 : 204;
            return Task.CompletedTask;
        });
        using var client = LokiPushClientTests.Client(server.Url, OAuth2(issuer));

        var (first, second) = (await client.PushAsync(Body, "", default), await client.PushAsync(Body, "", default));

        Assert.Equal((401, 204), (first.Status, second.Status));
    }

    [Theory]
    [InlineData(500, "{\"access_token\":\"hunter2\"}")]
    [InlineData(200, "{\"access_token\":7,\"x\":\"hunter2\"}")]
    [InlineData(200, "hunter2")]
    public async Task A_failing_token_server_sends_nothing_and_shows_no_secret(int status, string text)
    {
        await using var issuer = await LoopbackServer.StartAsync(async context =>
        {
            context.Response.StatusCode = status;
            await context.Response.WriteAsync(text);
        });
        await using var server = await LoopbackServer.StartAsync();
        using var client = LokiPushClientTests.Client(server.Url, OAuth2(issuer));

        var answer = await client.PushAsync(Body, "", default);

        Assert.Equal(PushOutcome.NotSent, answer.Outcome);
        Assert.StartsWith("oauth2: the token server", answer.Detail);
        Assert.DoesNotContain("hunter2", answer.Detail);
        Assert.Empty(server.Seen);
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private static HttpClientOptions OAuth2(LoopbackServer issuer) => new()
    {
        OAuth2 = new()
        {
            ClientId = "id", ClientSecret = new Secret("se&cret"), TokenUrl = issuer.Url.ToString(),
            Scopes = ["a", "b"],
            EndpointParameters = new Dictionary<string, string> { ["audience"] = "logs" },
        },
    };

    private static Task WriteTokenAsync(HttpContext context, int number, int seconds)
    {
        context.Response.StatusCode = 200;
        return context.Response.WriteAsync($$"""{"access_token":"token-{{number}}","expires_in":{{seconds}}}""");
    }
}
