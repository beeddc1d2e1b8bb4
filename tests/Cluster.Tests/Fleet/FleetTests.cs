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
    public async Task A_broker_that_is_killed_loses_no_line()
    {
        const int LinesPerFile = 20_000;
        var brokers = IsLong ? 3 : 1;
        await using var fleet = await FleetFixture.StartAsync(endpoints: 1, brokers);
        var (sink, census) = fleet.Endpoints[0];
        var agent = fleet.StartAgent(Hosts[0], Tenants);
        fleet.StartWriter("w0");
        fleet.WriteLogs(Hosts[0], Tenants, LinesPerFile);
        await sink.WaitAsync(() => census.Lines > 0, Patience, () => "a first line");

        var more = Task.Run(() => fleet.WriteLogs(Hosts[0], Tenants, LinesPerFile, from: LinesPerFile));
        await fleet.Brokers[0].KillAsync();
        await more;
        if (brokers == 1) // several go on without one
        {
            await agent.SaidAsync("the connection ended");
            await fleet.Brokers[0].ReturnAsync();
        }

        await fleet.DeliveredAsync(2L * LinesPerFile * Tenants.Length, Patience);

        output.WriteLine($"{census.Again} lines came again");
        Assert.Equal(0, census.Early);
    }

    [Fact]
    public async Task Lines_of_three_agents_reach_two_endpoints_over_two_writers_in_order()
    {
        const int Ahead = 1000;
        var linesPerFile = IsLong ? 333_334 : 16_667;
        var lines = (long)linesPerFile * Hosts.Length * Tenants.Length;
        await using var fleet = await FleetFixture.StartAsync(endpoints: 2);
        var ids = FleetFixture.IdsOfOneShard(Hosts.Length, Tenants[0]);

        // What agents hand over before there are writers waits in one queue: some pushes will be of several hosts.
        foreach (var host in Hosts) fleet.WriteLogs(host, Tenants, Ahead);
        var agents = Hosts.Select((host, i) => fleet.StartAgent(host, Tenants, ids[i])).ToArray();
        foreach (var agent in agents) await FleetFixture.ForwardedAsync(agent, Ahead * Tenants.Length, Patience);
        var started = TimeProvider.System.GetTimestamp();
        fleet.StartWriter("w0");
        fleet.StartWriter("w1");
        foreach (var host in Hosts) fleet.WriteLogs(host, Tenants, linesPerFile - Ahead, from: Ahead);
        await fleet.DeliveredAsync(lines, Patience);
        var took = TimeProvider.System.GetElapsedTime(started);

        output.WriteLine($"{lines} lines to each of two endpoints in {took.TotalSeconds:0.0} s");
        foreach (var (_, census) in fleet.Endpoints)
        {
            output.WriteLine($"bodies: {census.Bodies}");
            Assert.Equal((lines, 0, 0), (census.Lines, census.Again, census.Early));
            Assert.True(census.Bodies.OfSeveralHosts > 0, $"no body of several hosts among {census.Bodies.All}");
        }

        output.WriteLine($"broker: {fleet.Brokers[0].ProcessorTime.TotalSeconds:0.00} CPU seconds");
        foreach (var process in fleet.Processes)
        {
            output.WriteLine($"process {process.Id}: {process.ProcessorTime.TotalSeconds:0.00} CPU seconds, "
                + $"{process.PeakResidentBytes() >> 20} MiB at the most");
            Assert.Equal(0, await process.StopAsync());
        }
    }
}
