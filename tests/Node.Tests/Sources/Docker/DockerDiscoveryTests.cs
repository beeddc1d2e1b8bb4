using Weir.Node.Sources.Docker;
using Weir.Routing.Components;
using Weir.Support;

namespace Weir.Node.Tests.Sources.Docker;

public sealed class DockerDiscoveryTests
{
    [Fact]
    public async Task A_container_that_starts_is_a_target_at_once()
    {
        await using var run = await Run.StartAsync(_ => { });
        await run.Engine.ListenedAsync();

        run.Engine.Put("web");
        await run.Engine.EventAsync("start", "web");

        await run.TargetsAsync("web");
    }

    [Fact]
    public async Task A_container_that_is_created_is_a_target_before_it_starts()
    {
        await using var run = await Run.StartAsync(_ => { });
        await run.Engine.ListenedAsync();

        run.Engine.Put("web", state: "created");
        await run.Engine.EventAsync("create", "web");

        await run.TargetsAsync("web");
    }

    [Fact]
    public async Task Containers_that_run_and_those_that_have_stopped_are_targets_at_the_start()
    {
        await using var run = await Run.StartAsync(engine =>
        {
            engine.Put("runs");
            engine.Put("stopped", state: "exited");
        });

        await run.TargetsAsync("runs", "stopped");
    }

    [Fact]
    public async Task A_network_that_is_connected_refreshes_its_container()
    {
        await using var run = await Run.StartAsync(engine => engine.Put("web"));
        await run.TargetsAsync("web");
        await run.Engine.ListenedAsync();

        var address = run.Engine.Put("web")["NetworkSettings"]!["Networks"]!["bridge"]!;
        address["IPAddress"] = "172.17.0.9";
        await run.Engine.EventAsync("connect", "web", type: "network");

        await run.Host.ExportedAsync<DockerDiscoveryExports>("the new address", exports =>
            exports.Targets.Any(target => target["__address__"] == "172.17.0.9:80"));
    }

    [Fact]
    public async Task Targets_are_kept_and_the_health_says_why_while_the_engine_fails()
    {
        await using var run = await Run.StartAsync(engine => engine.Put("web"));
        await run.TargetsAsync("web");
        await run.Engine.ListenedAsync();

        run.Engine.FailWith = 500;
        await run.Engine.EventAsync("start", "web");
        var health = await run.Host.ReportedAsync(HealthState.Unhealthy, "scripted failure");

        Assert.Contains("the last 1 are kept", health);
        await run.TargetsAsync("web");
    }

    [Fact]
    public async Task What_happened_while_the_event_stream_was_broken_is_seen_when_it_opens_again()
    {
        await using var run = await Run.StartAsync(engine => engine.Put("one"));
        await run.TargetsAsync("one");
        await run.Engine.ListenedAsync();

        run.Engine.Put("two");
        await run.Engine.BreakEventsAsync();

        await run.TargetsAsync("one", "two");
    }

    [Fact]
    public async Task Filters_reach_the_engine_and_are_kept_for_single_containers()
    {
        var options = new DockerDiscoveryOptions
        {
            Filters = [new DockerFilter { Name = "label", Values = ["a=b"] }],
        };
        await using var run = await Run.StartAsync(engine => engine.Put("web"), options);
        await run.TargetsAsync("web");
        await run.Engine.ListenedAsync();

        await run.Engine.EventAsync("start", "web");

        await run.Engine.RequestedAsync("""{"id":["web"],"label":["a=b"]}""");
        Assert.Contains("""/containers/json?all=1&filters={"label":["a=b"]}""", run.Engine.Requests);
    }

    [Fact]
    public async Task Other_arguments_take_effect_while_it_runs()
    {
        await using var run = await Run.StartAsync(engine => engine.Put("web"));
        await run.TargetsAsync("web");

        await run.ApplyAsync(new DockerDiscoveryOptions { Port = 9100 });

        await run.Host.ExportedAsync<DockerDiscoveryExports>("the other port", exports =>
            exports.Targets.Any(target => target["__address__"] == "172.17.0.2:9100"));
    }

    private sealed class Run(FakeEngine engine, RecordingHost host, DockerDiscovery discovery) : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private Task _running = Task.CompletedTask;

        public FakeEngine Engine => engine;

        public RecordingHost Host => host;

        public static async Task<Run> StartAsync(Action<FakeEngine> arrange, DockerDiscoveryOptions? options = null)
        {
            var engine = await FakeEngine.StartAsync();
            arrange(engine);
            var host = new RecordingHost("discovery.docker.test");
            var discovery = new DockerDiscovery(host, given => DockerEngine.Connect(given.Host, given.Http, host.Time));
            var run = new Run(engine, host, discovery);
            await run.ApplyAsync(options ?? new DockerDiscoveryOptions());
            run._running = discovery.RunAsync(run._stop.Token);
            return run;
        }

        public ValueTask ApplyAsync(DockerDiscoveryOptions options) =>
            discovery.ApplyAsync((object)(options with { Host = engine.Host }), default);

        public Task TargetsAsync(params string[] ids) =>
            host.ExportedAsync<DockerDiscoveryExports>("targets " + string.Join(", ", ids), exports =>
                exports.Targets.Select(target => target["__meta_docker_container_id"]).SequenceEqual(ids));

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await discovery.DisposeAsync();
            await engine.DisposeAsync();
            _stop.Dispose();
        }
    }
}
