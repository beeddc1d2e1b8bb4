using Weir.Cluster.Tests.Support;
using Xunit.Abstractions;

namespace Weir.Cluster.Tests.Docker;

/// <summary>A node that is killed again and again while containers of a real engine come, write and go.</summary>
[Collection(EngineCollection.Name)]
public sealed class KilledNodeTests(EngineFixture engine, ITestOutputHelper output) : SinkTrial
{
    private const int Kills = 20;
    private const int ShortLines = 300;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Twenty_kills_in_midstream_neither_lose_nor_double_a_line_of_a_container()
    {
        var seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var configuration = WriteConfiguration();
        var expected = new Dictionary<string, IReadOnlyList<string>>();
        var writers = new List<string>();
        await using (var first = Start(configuration))
        {
            await first.AddressAsync();
            for (var i = 0; i < 3; i++) writers.Add(await engine.StartAsync(Endless));
            await Sink.WaitAsync(arrivals => arrivals.Any(), Patience, "the first line");
        }

        for (var kill = 1; kill < Kills; kill++) await LiveAsync(configuration, random, expected);
        foreach (var id in writers)
        {
            await engine.StopAsync(id);
            expected[id] = await engine.LogAsync(id);
        }

        await using var last = Start(configuration);
        await last.AddressAsync();
        var total = expected.Values.Sum(lines => lines.Count);
        await Sink.WaitAsync(
            arrivals => arrivals.Distinct().Count() >= total, Patience, $"{total} lines (seed {seed})");
        Assert.Equal(0, await last.StopAsync());

        output.WriteLine($"{total} lines, {Sink.Count - total} of them sent again, byte for byte the same");
        // Loki keeps one of two entries that are equal in stream, timestamp and line.
        var arrived = Sink.Arrivals.Distinct().ToLookup(IdOf, arrival => arrival.Line);
        foreach (var (id, lines) in expected) Assert.Equal(lines.Order(), arrived[id].Order());
        foreach (var id in expected.Keys) await engine.RemoveAsync(id);
    }

    private const string Endless =
        "trap 'exit 0' TERM; i=0; while :; do i=$((i+1)); echo line $i; [ $((i % 50)) = 0 ] && usleep 20000; done";

    /// <summary>One life of the node: started, and killed at some moment; a container lives shortly in its time or just
    /// after it.</summary>
    private async Task LiveAsync(
        string configuration, Random random, Dictionary<string, IReadOnlyList<string>> expected)
    {
        await using var weir = Start(configuration);
        // Half of the kills hit the start itself, the other half a node at work.
        if (random.Next(2) == 0) await weir.AddressAsync();
        var id = await engine.CreateAsync($"for i in $(seq 1 {ShortLines}); do echo line $i; done");
        var killsFirst = random.Next(2) == 0;
        if (!killsFirst) await engine.StartAgainAsync(id);
        await Task.Delay(random.Next(400));
        await weir.KillAsync();
        if (killsFirst) await engine.StartAgainAsync(id);
        expected[id] = [.. Enumerable.Range(1, ShortLines).Select(i => $"line {i}")];
    }

    private static string IdOf(Arrival arrival) => arrival.Stream.Split('"')[1];

    private string WriteConfiguration() => Configure(
        $$"""
        discovery.docker "containers" {
        	host = "{{engine.Host}}"
        }

        discovery.relabel "containers" {
        	targets = discovery.docker.containers.targets

        	rule {
        		source_labels = ["__meta_docker_container_id"]
        		target_label  = "container"
        	}
        }

        loki.source.docker "containers" {
        	host       = "{{engine.Host}}"
        	targets    = discovery.relabel.containers.output
        	forward_to = [loki.write.sink.receiver]
        }

        loki.write "sink" {
        	endpoint {
        		url            = "{{Sink.PushUrl}}"
        		batch_wait     = "100ms"
        		remote_timeout = "2s"
        	}
        }

        """);
}
