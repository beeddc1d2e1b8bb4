using Weir.Node.Sources.Docker;
using Weir.Protocol.Batches;
using Weir.Routing.Components.Http;
using Weir.Support;

namespace Weir.Node.Tests.Sources.Docker;

public sealed class PositionKeeperTests
{
    private static readonly DateTimeOffset Start = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000);

    [Fact]
    public async Task Positions_of_containers_long_gone_are_forgotten_and_no_others()
    {
        await using var engine = await FakeEngine.StartAsync();
        engine.Put("exists", state: "exited");
        var time = new ManualTime(Start);
        var host = new RecordingHost("loki.source.docker.t", time);
        var positions = new MemoryPositions();
        using var api = DockerEngine.Connect(engine.Host, new HttpClientOptions(), time);
        foreach (var id in new[] { "exists", "gone", "tailed", DockerSource.WatchedSinceKey })
            positions.Put(Position(host.Id, id, Start - TimeSpan.FromDays(2)));
        positions.Put(Position(host.Id, "gone lately", Start - TimeSpan.FromHours(20)));
        var keeper = new PositionKeeper(new TailContext(
            host, api, positions, new DockerMetrics(host.Metrics, host.Id), () => [], Start, ""));

        await keeper.KeepAsync(["tailed"], default);
        var atFirst = positions.List(host.Id).Count;
        time.Advance(TimeSpan.FromHours(1));
        await keeper.KeepAsync(["tailed"], default);

        Assert.Equal(5, atFirst);
        Assert.Equal(
            ["exists", "gone lately", "tailed", DockerSource.WatchedSinceKey],
            positions.List(host.Id).Select(position => position.Source.Key).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Nothing_is_forgotten_while_the_engine_does_not_answer()
    {
        await using var engine = await FakeEngine.StartAsync();
        engine.FailWith = 500;
        var time = new ManualTime(Start);
        var host = new RecordingHost("loki.source.docker.t", time);
        var positions = new MemoryPositions();
        using var api = DockerEngine.Connect(engine.Host, new HttpClientOptions(), time);
        positions.Put(Position(host.Id, "perhaps", Start - TimeSpan.FromDays(2)));
        var keeper = new PositionKeeper(new TailContext(
            host, api, positions, new DockerMetrics(host.Metrics, host.Id), () => [], Start, ""));

        for (var hour = 0; hour < 3; hour++)
        {
            await keeper.KeepAsync([], default);
            time.Advance(TimeSpan.FromHours(1));
        }

        Assert.Single(positions.List(host.Id));
    }

    private static SourcePosition Position(string component, string id, DateTimeOffset lastLine) =>
        new(new SourceKey(component, id), (lastLine - DateTimeOffset.UnixEpoch).Ticks * 100, "");
}
