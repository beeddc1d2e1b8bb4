using Microsoft.AspNetCore.Http;
using Weir.Node.Discovery;
using Weir.Node.Tests.Http;
using Weir.Routing.Components;
using Weir.Routing.Components.Http;
using Weir.Support;

namespace Weir.Node.Tests.Discovery;

public sealed class HttpTargetsTests
{
    private static async Task<RecordingHost> DiscoverAsync(
        Func<HttpContext, Task> answer, Func<RecordingHost, LoopbackServer, Task> until)
    {
        await using var server = await LoopbackServer.StartAsync(context =>
        {
            context.Response.StatusCode = 200;
            return answer(context);
        });
        var host = new RecordingHost("discovery.http.d");
        await using var component = new HttpTargets(host);
        using var stop = new CancellationTokenSource();
        await ((IComponent)component).ApplyAsync(
            new HttpTargetsOptions
            {
                Url = $"http://me:pw@127.0.0.1:{server.Port}/sd?x=1",
                RefreshInterval = TimeSpan.FromSeconds(20),
                Http = new HttpClientOptions(),
            },
            default);
        var running = component.RunAsync(stop.Token);
        await until(host, server);
        await stop.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return host;
    }

    private static Task Json(HttpContext context, string text, string type = "application/json; charset=utf-8")
    {
        context.Response.ContentType = type;
        return context.Response.WriteAsync(text);
    }

    [Fact]
    public async Task Targets_of_an_answer_are_exported_and_the_server_is_asked_as_Prometheus_asks()
    {
        DiscoveredTargets? exported = null;
        SeenRequest? seen = null;

        await DiscoverAsync(
            context => Json(context, """[{"targets": ["a:1"], "labels": {"job": "x"}}]"""),
            async (host, server) =>
            {
                exported = await host.ExportedAsync<DiscoveredTargets>("a target", found => found.Targets.Count == 1);
                server.Seen.TryPeek(out seen);
            });

        var target = Assert.Single(exported!.Targets);
        Assert.Equal(("a:1", "x"), (target["__address__"], target["job"]));
        Assert.EndsWith("/sd?x=1", target["__meta_url"], StringComparison.Ordinal);
        Assert.DoesNotContain("pw", target["__meta_url"], StringComparison.Ordinal);
        Assert.Equal("Basic bWU6cHc=", seen!.Headers.Authorization);
        Assert.Equal("20", seen.Headers["X-Prometheus-Refresh-Interval-Seconds"]);
        Assert.Equal("application/json", seen.Headers.Accept);
    }

    [Theory]
    [InlineData(500, "application/json", "[]", "answered 500")]
    [InlineData(200, "text/html", "[]", "answered with text/html, not with application/json")]
    [InlineData(200, "application/json", "[{", "the answer cannot be used: the text is no valid JSON")]
    public async Task Another_answer_is_a_failure_that_is_counted_and_told(
        int status, string type, string text, string problem)
    {
        var host = await DiscoverAsync(
            context =>
            {
                context.Response.StatusCode = status;
                return Json(context, text, type);
            },
            (host, _) => host.ReportedAsync(HealthState.Unhealthy, problem));

        Assert.Equal(1, host.Metrics.Sum("prometheus_sd_http_failures_total"));
    }
}
