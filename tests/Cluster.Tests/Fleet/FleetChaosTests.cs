using System.Diagnostics;
using Weir.Cluster.Tests.Support;
using Xunit.Abstractions;

namespace Weir.Cluster.Tests.Fleet;

/// <summary>Several real nodes over a real broker, of which any may be killed, stand still or be away.</summary>
public sealed class FleetChaosTests(ITestOutputHelper output)
{
    private static readonly string[] Tenants = ["t0", "t1"];
    private static readonly string[] Hosts = ["h0", "h1"];
    private static readonly bool IsLong = Environment.GetEnvironmentVariable("WEIR_LONG") == "1";

    /// <summary>For the next push; what a fleet holds back comes as fast as machine and endpoint let it.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan DrainMax = TimeSpan.FromMinutes(6);

    [Fact]
    public async Task Faults_at_random_moments_lose_nothing_and_double_nothing_where_the_endpoint_can_be_asked()
    {
        var seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        await using var fleet = await FleetFixture.StartAsync(endpoints: 2, brokers: IsLong ? 3 : 1);
        var isDone = false;
        try
        {
            await TryAsync(fleet, seed);
            isDone = true;
        }
        finally
        {
            if (!isDone) output.WriteLine($"traces are in {await fleet.KeepTracesAsync()}");
        }
    }

    private async Task TryAsync(FleetFixture fleet, int seed)
    {
        var random = new Random(seed);
        foreach (var (sink, _) in fleet.Endpoints)
        {
            sink.Received = null; // all is kept, and can be asked for
            sink.AnswersAfter = () => TimeSpan.FromMilliseconds(Random.Shared.Next(400)); // so that faults meet pushes
        }

        var (asked, silent) = (fleet.Endpoints[0].Sink, fleet.Endpoints[1].Sink);
        silent.AnswersQueries = false;
        await using var load = new FleetLoad(fleet, Hosts, Tenants, new Random(seed + 1));
        load.Start();
        var agents = Hosts.ToDictionary(host => host, host => fleet.StartAgent(host, Tenants));
        var writers = new[] { "w0", "w1" }.ToDictionary(name => name, fleet.StartWriter);
        await ArrivedAsync(fleet, lines: Hosts.Length * Tenants.Length);

        var faults = new FleetFaults(fleet, writers, agents, Tenants, random, output);
        foreach (var fault in FaultsInRandomOrder(random))
        {
            await Task.Delay(random.Next(200, 1500));
            await faults.StrikeAsync(fault);
        }

        await faults.ThawedAsync();
        await load.StopAsync();
        var ended = Stopwatch.GetTimestamp();
        await ArrivedAsync(fleet, load.Lines);
        output.WriteLine($"all came {Stopwatch.GetElapsedTime(ended).TotalSeconds:0.0} s after the last was written");
        var stopping = Stopwatch.GetTimestamp();
        var exits = await Task.WhenAll(writers.Values.Concat(agents.Values).Select(process => process.StopAsync()));
        Assert.All(exits, code => Assert.Equal(0, code));
        output.WriteLine($"all stopped within {Stopwatch.GetElapsedTime(stopping).TotalSeconds:0.0} s");

        Assert.Equal(0, Audit("asked", asked, load, seed).Replays);
        Audit("silent", silent, load, seed);
        if (IsLong) Assert.True(asked.Queries > 0, "nothing was looked up");
    }

    /// <summary>A writer stands still while other things than the broker go wrong.</summary>
    private static List<FleetFault> FaultsInRandomOrder(Random random)
    {
        FleetFault[] ofBroker = [FleetFault.KillBroker, FleetFault.BrokerAway];
        FleetFault[] ofOthers = [FleetFault.KillWriter, FleetFault.KillAgent, FleetFault.EndpointAway];
        var faults = new List<FleetFault>();
        for (var round = 0; round < (IsLong ? 5 : 1); round++)
        {
            random.Shuffle(ofBroker);
            random.Shuffle(ofOthers);
            faults.InsertRange(random.Next(2) * faults.Count, ofBroker);
            faults.InsertRange(random.Next(2) * faults.Count, [FleetFault.FreezeWriter, .. ofOthers]);
        }

        return faults;
    }

    /// <summary>Waits until each endpoint has got as many different lines, as long as something comes.</summary>
    private static async Task ArrivedAsync(FleetFixture fleet, int lines)
    {
        var began = Stopwatch.GetTimestamp();
        foreach (var (sink, _) in fleet.Endpoints)
        {
            var (came, cameAt) = (0, Stopwatch.GetTimestamp());
            while (sink.Count < lines || new FleetAudit(sink.Arrivals).Lines < lines)
            {
                if (sink.Count > came) (came, cameAt) = (sink.Count, Stopwatch.GetTimestamp());
                if (Stopwatch.GetElapsedTime(cameAt) > Patience || Stopwatch.GetElapsedTime(began) > DrainMax)
                {
                    var audit = new FleetAudit(sink.Arrivals);
                    Assert.Fail($"{lines - audit.Lines} of {lines} lines; {came} came, the last "
                        + $"{Stopwatch.GetElapsedTime(cameAt).TotalSeconds:0} s ago; {audit.Faults}\n{fleet.Logs}");
                }

                await Task.Delay(100);
            }
        }
    }

    private FleetAudit Audit(string name, LokiSink sink, FleetLoad load, int seed)
    {
        var audit = new FleetAudit(sink.Arrivals);
        output.WriteLine($"{name}: {audit.Lines} lines, {audit.Replays} replayed "
            + $"({100.0 * audit.Replays / audit.Lines:0.00} %), {sink.Queries} queries");
        Assert.True(audit.Faults.Length == 0, $"{name}, seed {seed}: {audit.Faults}");
        Assert.True(audit.Missing(load.Written()).Length == 0, $"{name}, seed {seed}: {audit.Missing(load.Written())}");
        return audit;
    }
}
