using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Http;
using Weir.Node.Http;
using Weir.Routing.Components.Http;
using Weir.Routing.Language;
using Weir.Routing.Ports;

namespace Weir.Node.Tests.Http;

public sealed class LokiQueryClientTests
{
    private static readonly LogQuery Query = new("{job=\"a b\"}", 17, 42, 100, 1000);

    [Fact]
    public async Task A_query_says_what_it_wants_and_who_asks_and_its_answer_comes_as_it_is()
    {
        var asked = "";
        await using var server = await LoopbackServer.StartAsync(async context =>
        {
            asked = context.Request.QueryString.Value;
            context.Response.StatusCode = 200;
            await context.Response.WriteAsync("{\"status\":\"success\"}");
        });
        using var client = Client(UrlOf(server) + "?org=1", new() { BearerToken = new Secret("s3cret") });

        var answer = await client.QueryAsync(Query, "team-a", default);

        Assert.Equal((QueryOutcome.Answered, 200), (answer.Outcome, answer.Status));
        Assert.Equal("{\"status\":\"success\"}", Encoding.UTF8.GetString(answer.Body.Span));
        Assert.Equal("?org=1&query=%7Bjob%3D%22a%20b%22%7D&start=17&end=42&limit=100&direction=forward", asked);
        var seen = Assert.Single(server.Seen);
        Assert.Equal(("GET", "/loki/api/v1/query_range"), (seen.Method, seen.Path));
        Assert.Equal("team-a", seen.Headers["X-Scope-OrgID"]);
        Assert.Equal("categorize-labels", seen.Headers["X-Loki-Response-Encoding-Flags"]);
        Assert.Equal("Bearer s3cret", seen.Headers.Authorization);
        Assert.Equal("ops", seen.Headers["X-Team"]);
    }

    [Fact]
    public async Task Whatever_the_server_says_is_an_answer()
    {
        await using var server = await LoopbackServer.StartAsync(async context =>
        {
            context.Response.StatusCode = 403;
            await context.Response.WriteAsync("not for you");
        });
        using var client = Client(UrlOf(server));

        var answer = await client.QueryAsync(Query, "", default);

        Assert.Equal(new QueryAnswer(QueryOutcome.Answered, 403, "not for you", default), answer);
    }

    [Fact]
    public async Task An_answer_above_the_bound_is_not_read_to_its_end()
    {
        await using var server = await LoopbackServer.StartAsync(async context =>
        {
            context.Response.StatusCode = 200;
            await context.Response.WriteAsync(new string('x', 1001));
        });
        using var client = Client(UrlOf(server));

        var answer = await client.QueryAsync(Query, "", default);

        Assert.Equal((QueryOutcome.TooLarge, 0), (answer.Outcome, answer.Body.Length));
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_told_from_one_that_breaks_off()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        var port = ((IPEndPoint)probe.LocalEndpoint).Port;
        probe.Stop();
        await using var server = await LoopbackServer.StartAsync(async context =>
        {
            context.Response.StatusCode = 200;
            context.Response.ContentLength = 500;
            await context.Response.WriteAsync("{");
            await context.Response.Body.FlushAsync();
            context.Abort();
        });
        using var gone = Client($"http://user:hunter2@127.0.0.1:{port}/q");
        using var broken = Client(UrlOf(server));

        var (first, second) = (await gone.QueryAsync(Query, "", default), await broken.QueryAsync(Query, "", default));

        Assert.Equal((QueryOutcome.Unreachable, 0), (first.Outcome, first.Status));
        Assert.Contains("refused", first.Detail);
        Assert.DoesNotContain("hunter2", first.Detail);
        Assert.Equal(QueryOutcome.Failed, second.Outcome);
    }

    [Fact]
    public async Task A_server_that_does_not_answer_in_time_has_failed()
    {
        await using var server = await LoopbackServer.StartAsync(context =>
            Task.Delay(Timeout.Infinite, context.RequestAborted));
        using var client = new LokiQueryClient(
            new() { Url = new(UrlOf(server)), Timeout = TimeSpan.FromSeconds(1) }, new(), TimeProvider.System);

        var answer = await client.QueryAsync(Query, "", default);

        Assert.Equal(new QueryAnswer(QueryOutcome.Failed, 0, "no answer within 1 s", default), answer);
    }

    private static string UrlOf(LoopbackServer server) => $"http://localhost:{server.Port}/loki/api/v1/query_range";

    private static LokiQueryClient Client(string url, HttpClientOptions? http = null) => new(
        new LokiServerOptions { Url = new(url), Headers = new Dictionary<string, string> { ["X-Team"] = "ops" } },
        http ?? new(), TimeProvider.System);
}
