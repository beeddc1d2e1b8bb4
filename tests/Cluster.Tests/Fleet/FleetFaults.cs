using Weir.Cluster.Tests.Support;
using Xunit.Abstractions;

namespace Weir.Cluster.Tests.Fleet;

internal enum FleetFault
{
    KillWriter,
    KillAgent,
    KillBroker,

    /// <summary>SIGSTOP, until the broker has given the writer's session up; other faults go on meanwhile.</summary>
    FreezeWriter,
    BrokerAway,
    EndpointAway,
}

/// <summary>Does to a fleet what happens to fleets, and puts it right again.</summary>
internal sealed class FleetFaults(
    FleetFixture fleet, Dictionary<string, WeirProcess> writers, Dictionary<string, WeirProcess> agents,
    string[] tenants, Random random, ITestOutputHelper output)
{
    private const string ShardsLost = "weir_shard_lost_total";

    /// <summary>The broker gives up a connection that is silent for 18 s.</summary>
    private static readonly TimeSpan Frozen = TimeSpan.FromSeconds(20);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly bool IsLong = Environment.GetEnvironmentVariable("WEIR_LONG") == "1";
    private static readonly TimeSpan BrokerAway = TimeSpan.FromSeconds(IsLong ? 60 : 4); // and as long to start
    private static readonly TimeSpan EndpointAway = TimeSpan.FromSeconds(IsLong ? 20 : 4);

    private readonly HashSet<string> _frozen = [];
    private readonly List<Task> _thaws = [];

    /// <summary>Returns when all is back, save a writer that stands still.</summary>
    public async Task StrikeAsync(FleetFault fault)
    {
        await (fault switch
        {
            FleetFault.KillWriter => KillWriterAsync(),
            FleetFault.KillAgent => KillAgentAsync(),
            FleetFault.KillBroker => KillBrokerAsync(),
            FleetFault.FreezeWriter => FreezeWriterAsync(),
            FleetFault.BrokerAway => LoseBrokersAsync(),
            _ => LoseEndpointAsync(),
        });
    }

    /// <summary>Waits until no writer stands still.</summary>
    public Task ThawedAsync() => Task.WhenAll(_thaws);

    private async Task KillWriterAsync()
    {
        var name = AnyAwake();
        Say($"kill {name}");
        await writers[name].KillAsync();
        await Task.Delay(random.Next(2000));
        writers[name] = fleet.StartWriter(name);
    }

    private async Task KillAgentAsync()
    {
        var name = Any([.. agents.Keys]);
        Say($"kill {name}");
        await agents[name].KillAsync();
        await Task.Delay(random.Next(2000));
        agents[name] = fleet.StartAgent(name, tenants);
    }

    private async Task KillBrokerAsync()
    {
        await ThawedAsync(); // a broker that ends frees what a node that stands still holds
        var number = random.Next(fleet.Brokers.Count);
        Say($"kill broker {number}");
        await fleet.Brokers[number].KillAsync();
        await fleet.Brokers[number].ReturnAsync();
    }

    private async Task LoseBrokersAsync()
    {
        await ThawedAsync();
        Say($"no broker for {BrokerAway.TotalSeconds} s");
        await Task.WhenAll(fleet.Brokers.Select(broker => broker.KillAsync()));
        await Task.Delay(BrokerAway);
        await Task.WhenAll(fleet.Brokers.Select(broker => broker.ReturnAsync()));
    }

    private async Task LoseEndpointAsync()
    {
        var number = random.Next(fleet.Endpoints.Count);
        Say($"no endpoint e{number} for {EndpointAway.TotalSeconds} s");
        await fleet.Endpoints[number].Sink.LeaveAsync();
        await Task.Delay(EndpointAway);
        await fleet.Endpoints[number].Sink.ReturnAsync();
    }

    private async Task FreezeWriterAsync()
    {
        await ThawedAsync(); // one at a time: somebody has to go on
        var name = AnyAwake();
        Say($"freeze {name}");
        var writer = writers[name];
        await UntilAsync(writer, "weir_shards_owned", above: 0); // else there would be nothing to give up
        var lost = await writer.MetricAsync(ShardsLost);
        await writer.FreezeAsync();
        _frozen.Add(name);
        _thaws.Add(ThawLaterAsync());
        async Task ThawLaterAsync()
        {
            await Task.Delay(Frozen);
            Say($"thaw {name}");
            await writer.ThawAsync();
            await UntilAsync(writer, ShardsLost, above: lost);
            Say($"{name} has noticed");
            _frozen.Remove(name);
        }
    }

    private static async Task UntilAsync(WeirProcess writer, string metric, double above)
    {
        using var late = new CancellationTokenSource(Patience);
        while (await writer.MetricAsync(metric) <= above)
        {
            Assert.False(late.IsCancellationRequested, $"{metric} is not above {above}:\n{writer.Log}");
            await Task.Delay(100, CancellationToken.None);
        }
    }

    private string AnyAwake() => Any([.. writers.Keys.Except(_frozen)]);

    private string Any(string[] names) => names[random.Next(names.Length)];

    private void Say(string what) => output.WriteLine($"{TimeProvider.System.GetUtcNow():HH:mm:ss.f} {what}");
}
