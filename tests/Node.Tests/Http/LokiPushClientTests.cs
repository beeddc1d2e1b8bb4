using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Http;
using Weir.Node.Http;
using Weir.Routing.Components.Http;
using Weir.Routing.Language;
using Weir.Routing.Ports;

namespace Weir.Node.Tests.Http;

public sealed class LokiPushClientTests
{
    private static readonly IReadOnlyList<ReadOnlyMemory<byte>> Body =
        ["ab"u8.ToArray(), new byte[300_000], "c"u8.ToArray()];

    [Fact]
    public async Task A_push_carries_the_pieces_in_order_and_the_headers_that_Loki_expects()
    {
        await using var server = await LoopbackServer.StartAsync();
        var headers = new Dictionary<string, string> { ["X-Team"] = "ops", ["X-Scope-OrgID"] = "other" };
        using var client = Client(server.Url, new(), headers);

        var answer = await client.PushAsync(Body, "team-a", default);

        Assert.Equal(new PushAnswer(PushOutcome.Answered, 204, default, ""), answer);
        var seen = Assert.Single(server.Seen);
        Assert.Equal(("POST", "/loki/api/v1/push", "HTTP/1.1"), (seen.Method, seen.Path, seen.Protocol));
        Assert.Equal(Body.SelectMany(piece => piece.ToArray()), seen.Body);
        Assert.Equal("application/x-protobuf", seen.Headers.ContentType);
        Assert.Equal(300_003, seen.Headers.ContentLength);
        Assert.Equal("team-a", seen.Headers["X-Scope-OrgID"]);
        Assert.Equal("ops", seen.Headers["X-Team"]);
        Assert.StartsWith("weir/", seen.Headers.UserAgent);
        Assert.Equal(0, seen.Headers.Authorization.Count);
    }

    [Theory]
    [InlineData(429, "7", 7)]
    [InlineData(503, "Sat, 21 Nov 2026 04:00:30 GMT", 30)]
    [InlineData(429, "Sat, 21 Nov 2026 03:00:00 GMT", 0)]
    [InlineData(429, "soon", 0)]
    public async Task Retry_After_is_read_as_seconds_or_a_date(int status, string value, int seconds)
    {
        await using var server = await LoopbackServer.StartAsync(async context =>
        {
            context.Response.StatusCode = status;
            context.Response.Headers.RetryAfter = value;
            await context.Response.WriteAsync("rate limit exceeded");
        });
        using var client = Client(server.Url, new(), time: new FixedTime(new(2026, 11, 21, 4, 0, 0, TimeSpan.Zero)));

        var answer = await client.PushAsync(Body, "", default);

        Assert.Equal(
            new PushAnswer(PushOutcome.Answered, status, TimeSpan.FromSeconds(seconds), "rate limit exceeded"), answer);
    }

    [Fact]
    public async Task A_body_that_may_not_leave_any_more_is_not_sent()
    {
        await using var server = await LoopbackServer.StartAsync();
        using var client = Client(server.Url);
        var isAllowed = false;

        var refused = await client.PushAsync(Body, "a", default, () => isAllowed);
        isAllowed = true;
        var allowed = await client.PushAsync(Body, "b", default, () => isAllowed);

        Assert.Equal((PushOutcome.NotSent, 0), (refused.Outcome, refused.Status));
        Assert.Contains("may push no more", refused.Detail, StringComparison.Ordinal);
        Assert.Equal(PushOutcome.Answered, allowed.Outcome);
        Assert.Equal("b", Assert.Single(server.Seen).Headers["X-Scope-OrgID"]);
    }

    [Fact]
    public async Task A_long_answer_is_cut()
    {
        await using var server = await LoopbackServer.StartAsync(async context =>
        {
            context.Response.StatusCode = 400;
            await context.Response.WriteAsync(new string('x', 100_000));
        });
        using var client = Client(server.Url);

        var answer = await client.PushAsync(Body, "", default);

        Assert.Equal((400, new string('x', PushAnswer.DetailMax)), (answer.Status, answer.Detail));
    }

    [Fact]
    public async Task A_refused_connection_and_an_unknown_host_sent_nothing()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        var port = ((IPEndPoint)probe.LocalEndpoint).Port;
        probe.Stop();
        using var refused = Client(new Uri($"http://user:hunter2@127.0.0.1:{port}/push"));
        using var unknown = Client(new Uri("http://nowhere.invalid/push"));

        var (first, second) = (await refused.PushAsync(Body, "", default), await unknown.PushAsync(Body, "", default));

        Assert.Equal((PushOutcome.NotSent, 0), (first.Outcome, first.Status));
        Assert.Contains("refused", first.Detail);
        Assert.DoesNotContain("hunter2", first.Detail);
        Assert.Equal(PushOutcome.NotSent, second.Outcome);
    }

    [Fact]
    public async Task A_tenant_that_no_header_can_carry_sends_nothing()
    {
        await using var server = await LoopbackServer.StartAsync();
        using var client = Client(server.Url);

        var answer = await client.PushAsync(Body, "a\r\nX-Evil: 1", default);

        Assert.Equal(PushOutcome.NotSent, answer.Outcome);
        Assert.Empty(server.Seen);
    }

    [Fact]
    public async Task A_connection_that_breaks_within_the_body_leaves_the_outcome_unknown()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var server = Task.Run(async () =>
        {
            using var socket = await listener.AcceptSocketAsync();
            var buffer = new byte[4096];
            for (var read = 0; read < 20_000;) read += await socket.ReceiveAsync(buffer);
            socket.LingerState = new LingerOption(true, 0); // closing now resets the connection
        });
        using var client = Client(new Uri($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/push"));

        var answer = await client.PushAsync([new byte[8 << 20]], "", default);

        await server;
        Assert.Equal((PushOutcome.Unknown, 0), (answer.Outcome, answer.Status));
        Assert.NotEmpty(answer.Detail);
    }

    [Fact]
    public async Task A_server_that_does_not_answer_in_time_leaves_the_outcome_unknown()
    {
        await using var server = await LoopbackServer.StartAsync(context =>
            Task.Delay(Timeout.Infinite, context.RequestAborted));
        using var client = new LokiPushClient(
            new() { Url = server.Url, Timeout = TimeSpan.FromSeconds(3) }, new(), TimeProvider.System);

        var answer = await client.PushAsync(Body, "", default);

        Assert.Equal(new PushAnswer(PushOutcome.Unknown, 0, default, "no answer within 3 s"), answer);
    }

    [Fact]
    public async Task Only_the_caller_s_cancellation_is_an_exception()
    {
        using var cancel = new CancellationTokenSource();
        await using var server = await LoopbackServer.StartAsync(async context =>
        {
            await cancel.CancelAsync();
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        });
        using var client = Client(server.Url);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
            await client.PushAsync(Body, "", cancel.Token));
    }

    [Fact]
    public async Task Redirects_that_keep_the_method_are_followed_without_credentials_for_others()
    {
        await using var other = await LoopbackServer.StartAsync();
        await using var server = await LoopbackServer.StartAsync(context =>
        {
            context.Response.StatusCode = 307;
            context.Response.Headers.Location = context.Request.Path == "/here"
                ? $"http://127.0.0.1:{other.Port}/there" : "/here";
            return Task.CompletedTask;
        });
        var http = new HttpClientOptions
        {
            BearerToken = new Secret("s3cret"),
            HttpHeaders = new Dictionary<string, IReadOnlyList<Secret>> { ["X-Key"] = [new("k3y")] },
        };
        using var client = Client(server.Url, http);
        using var strict = Client(server.Url, http with { FollowRedirects = false });

        var answer = await client.PushAsync(Body, "", default);
        var asIs = await strict.PushAsync(Body, "", default);

        Assert.Equal((204, 307), (answer.Status, asIs.Status));
        Assert.Equal(3, server.Seen.Count);
        Assert.All(server.Seen, seen => Assert.Equal(("Bearer s3cret", "k3y"),
            (seen.Headers.Authorization.ToString(), seen.Headers["X-Key"].ToString())));
        var foreign = Assert.Single(other.Seen);
        Assert.Equal(("POST", "/there", 300_003), (foreign.Method, foreign.Path, foreign.Body.Length));
        Assert.Equal(0, foreign.Headers.Authorization.Count);
        Assert.Equal(0, foreign.Headers["X-Key"].Count);
    }

    [Theory]
    [InlineData(301)]
    [InlineData(302)]
    [InlineData(303)]
    public async Task A_redirect_that_would_turn_the_push_into_a_read_is_an_answer(int status)
    {
        await using var server = await LoopbackServer.StartAsync(context =>
        {
            context.Response.StatusCode = context.Request.Path == "/login" ? 200 : status;
            context.Response.Headers.Location = "/login";
            return Task.CompletedTask;
        });
        using var client = Client(server.Url);

        var answer = await client.PushAsync(Body, "", default);

        Assert.Equal((PushOutcome.Answered, status), (answer.Outcome, answer.Status));
        Assert.Single(server.Seen);
    }

    [Fact]
    public async Task A_user_in_the_url_becomes_basic_authentication()
    {
        await using var server = await LoopbackServer.StartAsync();
        using var client = Client(new Uri(server.Url.ToString().Replace("://", "://me:p%40ss@")));

        await client.PushAsync(Body, "", default);

        Assert.Equal(
            "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes("me:p@ss")),
            Assert.Single(server.Seen).Headers.Authorization);
    }

    internal static LokiPushClient Client(
        Uri url, HttpClientOptions? http = null, Dictionary<string, string>? headers = null,
        TimeProvider? time = null) =>
        new(new() { Url = url, Headers = headers ?? [] }, http ?? new(), time ?? TimeProvider.System);

    /// <summary>A clock that stands; its timers never fire.</summary>
    internal sealed class FixedTime(DateTimeOffset now) : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = now;

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
