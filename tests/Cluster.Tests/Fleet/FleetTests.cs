using Xunit.Abstractions;

namespace Weir.Cluster.Tests.Fleet;

/// <summary>Several real nodes over a real broker, undisturbed.</summary>
public sealed class FleetTests(ITestOutputHelper output)
{
    private static readonly string[] Tenants = ["t0", "t1", "t2"];
    private static readonly string[] Hosts = ["h0", "h1", "h2"];
    private static readonly bool IsLong = Environment.GetEnvironmentVariable("WEIR_LONG") == "1";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(IsLong ? 900 : 180);

    [Fact]
    public async Task Lines_of_three_agents_reach_two_endpoints_over_two_writers_in_order()
    {
        var linesPerFile = IsLong ? 333_334 : 16_667;
        var lines = (long)linesPerFile * Hosts.Length * Tenants.Length;
        await using var fleet = await FleetFixture.StartAsync(endpoints: 2);
        foreach (var host in Hosts) fleet.WriteLogs(host, Tenants, linesPerFile);
        var ids = FleetFixture.IdsOfOneShard(Hosts.Length, Tenants[0]);

        var started = TimeProvider.System.GetTimestamp();
        for (var i = 0; i < Hosts.Length; i++) fleet.StartAgent(Hosts[i], Tenants, ids[i]);
        fleet.StartWriter("w0");
        fleet.StartWriter("w1");
        await fleet.DeliveredAsync(lines, Patience);
        var took = TimeProvider.System.GetElapsedTime(started);

        output.WriteLine($"{lines} lines to each of two endpoints in {took.TotalSeconds:0.0} s");
        foreach (var (_, census) in fleet.Endpoints)
        {
            output.WriteLine($"bodies: {census.Bodies}");
            Assert.Equal((lines, 0, 0), (census.Lines, census.Again, census.Early));
            Assert.True(census.Bodies.OfSeveralHosts > 0, $"no body of several hosts among {census.Bodies.All}");
        }

        foreach (var process in fleet.Processes)
        {
            output.WriteLine($"peak of resident memory: {process.PeakResidentBytes() >> 20} MiB");
            Assert.Equal(0, await process.StopAsync());
        }
    }
}
