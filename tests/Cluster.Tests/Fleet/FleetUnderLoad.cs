using Weir.Cluster.Tests.Support;

namespace Weir.Cluster.Tests.Fleet;

/// <summary>Two agents and two writers that deliver to one endpoint what goes on being logged; the endpoint lets nobody
/// read.</summary>
public sealed class FleetUnderLoad : IAsyncLifetime
{
    /// <summary>Of the first agent, all go through one shard.</summary>
    internal static readonly string[] Tenants = ["t0", "t1", "t2"];

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private FleetFixture _fleet = null!;

    internal LokiSink Sink => _fleet.Endpoints[0].Sink;

    internal FleetCensus Census => _fleet.Endpoints[0].Census;

    internal FleetLoad Load { get; private set; } = null!;

    internal Dictionary<string, WeirProcess> Nodes { get; } = [];

    internal string Logs => _fleet.Logs;

    public async Task InitializeAsync()
    {
        _fleet = await FleetFixture.StartAsync(endpoints: 1);
        Sink.AnswersAfter = () => TimeSpan.FromMilliseconds(Random.Shared.Next(150));
        Load = new FleetLoad(_fleet, ["h0", "h1"], Tenants, new Random(1));
        Load.Start();
        Nodes["h0"] = _fleet.StartAgent("h0", Tenants, FleetFixture.IdOfOneShard(Tenants));
        foreach (var name in (string[])["h1", "w0", "w1"]) Start(name);
        await DeliveredAsync();
        await DeliveredAsync(); // and what came while queues were made
    }

    /// <summary>A node, with the storage of the one before.</summary>
    internal void Start(string name) =>
        Nodes[name] = name[0] == 'w' ? _fleet.StartWriter(name) : _fleet.StartAgent(name, Tenants);

    /// <summary>Waits until the endpoint has all lines that are written by now.</summary>
    internal Task DeliveredAsync() => _fleet.DeliveredAsync(Load.Lines, Patience);

    public async Task DisposeAsync()
    {
        await Load.DisposeAsync();
        await _fleet.DisposeAsync();
    }
}
