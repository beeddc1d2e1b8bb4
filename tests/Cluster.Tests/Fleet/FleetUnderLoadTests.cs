using System.Diagnostics;
using Weir.Cluster.Tests.Support;
using Xunit.Abstractions;

namespace Weir.Cluster.Tests.Fleet;

/// <summary>Several real nodes over a real broker while lines keep coming: a tenant that may not go on, nodes that are
/// restarted.</summary>
public sealed class FleetUnderLoadTests(FleetUnderLoad fleet, ITestOutputHelper output) : IClassFixture<FleetUnderLoad>
{
    // Some full fragments, beside those that each second seals.
    private const int Burst = 30_000;

    private static readonly bool IsLong = Environment.GetEnvironmentVariable("WEIR_LONG") == "1";
    private static readonly TimeSpan ThrottledFor = TimeSpan.FromSeconds(IsLong ? 300 : 8);
    private static readonly TimeSpan LagMax = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    [Fact]
    public async Task A_tenant_that_is_throttled_for_long_holds_up_no_other()
    {
        var (sink, census, load) = (fleet.Sink, fleet.Census, fleet.Load);
        var throttled = FleetUnderLoad.Tenants[0];
        var parkedBefore = await ParkedAsync();
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
        foreach (var tenant in FleetUnderLoad.Tenants[1..])
        {
            await sink.WaitAsync(() => census.LinesOf(tenant) >= LinesOf(tenant), Patience, () =>
                $"{LinesOf(tenant) - census.LinesOf(tenant)} of {LinesOf(tenant)} lines of {tenant};\n{fleet.Logs}");
        }

        Assert.InRange(census.LinesOf(throttled), 0, LinesOf(throttled) - Burst);
        var others = lags.Without(throttled);
        foreach (var (file, lag) in others) output.WriteLine($"{file}: {lag}");
        if (IsLong) Assert.All(others.Values, lag => Assert.InRange(lag.Worst, TimeSpan.Zero, LagMax));

        var parked = await ParkedAsync() - parkedBefore;
        Assert.True(parked > 0, "the throttled tenant's lines were never in anybody's way");
        sink.MoodOf = null;
        await fleet.DeliveredAsync();

        output.WriteLine($"{throttled}: {parked} fragments parked");
        Assert.Equal((0, 0), (census.Again, census.Early));
    }

    [Fact]
    public async Task A_rolling_restart_of_all_nodes_loses_and_doubles_nothing()
    {
        var seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        string[] names = [.. fleet.Nodes.Keys];
        random.Shuffle(names);

        foreach (var name in names)
        {
            var began = Stopwatch.GetTimestamp();
            Assert.Equal(0, await fleet.Nodes[name].StopAsync()); // within 30 s, or it fails
            output.WriteLine($"{name} drained in {Stopwatch.GetElapsedTime(began).TotalSeconds:0.00} s");
            fleet.Start(name);
            await fleet.Nodes[name].AddressAsync();
            await Task.Delay(random.Next(200, 1500));
        }

        await fleet.DeliveredAsync();

        Assert.Equal((0, 0), (fleet.Census.Again, fleet.Census.Early));
    }

    private async Task<double> ParkedAsync() =>
        await fleet.Nodes["w0"].MetricAsync("weir_shard_parked_fragments_total")
        + await fleet.Nodes["w1"].MetricAsync("weir_shard_parked_fragments_total");
}
