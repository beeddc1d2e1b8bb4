using System.Diagnostics;
using Weir.Cluster.Tests.Support;
using Xunit.Abstractions;

namespace Weir.Cluster.Tests.Fleet;

/// <summary>Several real nodes over a real broker while lines keep coming: a tenant that may not go on, nodes that are
/// restarted.</summary>
public sealed class FleetUnderLoadTests(ITestOutputHelper output)
{
    private static readonly string[] Tenants = ["t0", "t1", "t2"];
    private static readonly bool IsLong = Environment.GetEnvironmentVariable("WEIR_LONG") == "1";
    private static readonly TimeSpan ThrottledFor = TimeSpan.FromSeconds(IsLong ? 300 : 10);
    private static readonly TimeSpan LagMax = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    [Fact]
    public async Task A_tenant_that_is_throttled_for_long_holds_up_no_other()
    {
        // Compressed, more than a shard has in hand.
        const int Burst = 30_000;
        var throttled = Tenants[0];
        await using var fleet = await FleetFixture.StartAsync(endpoints: 1);
        var (sink, census) = fleet.Endpoints[0];
        await using var load = new FleetLoad(fleet, ["h0", "h1"], Tenants, new Random(1));
        load.Start();
        fleet.StartAgent("h0", Tenants, FleetFixture.IdOfOneShard(Tenants));
        fleet.StartAgent("h1", Tenants);
        WeirProcess[] writers = [fleet.StartWriter("w0"), fleet.StartWriter("w1")];
        await fleet.DeliveredAsync(load.Lines, Patience);
        await fleet.DeliveredAsync(load.Lines, Patience); // and what came while queues were made

        var lags = new LagCensus(load);
        sink.Received = (tenant, request) =>
        {
            census.Add(tenant, request);
            lags.Add(tenant, request);
        };
        sink.MoodOf = tenant => tenant == throttled ? SinkMood.Throttle : SinkMood.Accept;
        load.Write("h0", throttled, Burst, new Random(2));
        await Task.Delay(ThrottledFor);
        var written = load.Written();
        int LinesOf(string tenant) => written.Where(file => file.Key.Tenant == tenant).Sum(file => file.Value);
        foreach (var tenant in Tenants[1..])
        {
            await sink.WaitAsync(() => census.LinesOf(tenant) >= LinesOf(tenant), Patience, () =>
                $"{LinesOf(tenant) - census.LinesOf(tenant)} of {LinesOf(tenant)} lines of {tenant};\n{fleet.Logs}");
        }

        foreach (var (file, lines, worst) in lags.Without(throttled))
        {
            output.WriteLine($"{file}: {lines} lines, worst lag {worst}");
            if (IsLong) Assert.InRange(worst, TimeSpan.Zero, LagMax);
        }

        Assert.InRange(census.LinesOf(throttled), 0, LinesOf(throttled) - Burst);
        var parked = 0.0;
        foreach (var writer in writers) parked += await writer.MetricAsync("weir_shard_parked_fragments_total");
        Assert.True(parked > 0, "the throttled tenant's lines were never in anybody's way");
        sink.MoodOf = null;
        await load.StopAsync();
        await fleet.DeliveredAsync(load.Lines, Patience);

        output.WriteLine($"{throttled}: {parked} fragments parked");
        Assert.Equal((0, 0), (census.Again, census.Early));
    }

    [Fact]
    public async Task A_rolling_restart_of_all_nodes_loses_and_doubles_nothing()
    {
        var seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        await using var fleet = await FleetFixture.StartAsync(endpoints: 1);
        var (sink, census) = fleet.Endpoints[0];
        sink.AnswersAfter = () => TimeSpan.FromMilliseconds(Random.Shared.Next(150));
        await using var load = new FleetLoad(fleet, ["h0", "h1"], Tenants, new Random(seed + 1));
        load.Start();
        var nodes = new Dictionary<string, WeirProcess>();
        string[] names = ["w0", "w1", "h0", "h1"];
        foreach (var name in names) nodes[name] = Start(fleet, name);
        await fleet.DeliveredAsync(load.Lines, Patience);

        random.Shuffle(names);
        foreach (var name in names)
        {
            var began = Stopwatch.GetTimestamp();
            Assert.Equal(0, await nodes[name].StopAsync()); // or it fails: 30 s
            output.WriteLine($"{name} drained in {Stopwatch.GetElapsedTime(began).TotalSeconds:0.00} s");
            nodes[name] = Start(fleet, name);
            await nodes[name].AddressAsync();
            await Task.Delay(random.Next(500, 2500));
        }

        await load.StopAsync();
        await fleet.DeliveredAsync(load.Lines, Patience);
        foreach (var node in nodes.Values) Assert.Equal(0, await node.StopAsync());

        Assert.Equal((load.Lines, 0, 0), (census.Lines, census.Again, census.Early));
    }

    private static WeirProcess Start(FleetFixture fleet, string name) =>
        name[0] == 'w' ? fleet.StartWriter(name) : fleet.StartAgent(name, Tenants);
}
