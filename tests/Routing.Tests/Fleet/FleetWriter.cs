using Weir.Routing.Lanes;
using Weir.Routing.Metrics;
using Weir.Routing.Sharding;
using Weir.Routing.Writers;

namespace Weir.Routing.Tests.Fleet;

/// <summary>A node that owns shards and pushes, over all its lives.</summary>
internal sealed class FleetWriter
{
    private readonly FleetSimulation _fleet;
    private readonly Random _random;
    private readonly EndpointSettings[] _endpoints;
    private SimulatedProcess _process;
    private ShardedWriters? _writers;
    private IReadOnlyList<string> _believed = [];

    public FleetWriter(string id, FleetSimulation fleet, Random random)
    {
        (Id, _fleet, _random) = (id, fleet, random);
        _endpoints = [.. fleet.Endpoints.Select(endpoint => endpoint.Connect(id))];
        _process = new SimulatedProcess(fleet.Schedule);
        Connection = fleet.Broker.Connect(id);
    }

    public string Id { get; }

    public MemoryBrokerClient Connection { get; private set; }

    public bool IsAlive { get; private set; }

    public bool IsStopped { get; private set; }

    public void Start()
    {
        (IsAlive, IsStopped) = (true, false);
        _ = _process.Run(async () =>
        {
            var time = _fleet.Time;
            var events = new RoutingEvents(new RecordingLog(), new MetricRegistry());
            _writers = new ShardedWriters(
                Connection, _fleet.Names, Id, FleetSimulation.Shards, new TenantGates(time), new LanePauses(time),
                events, time, new Random(_random.Next()));
            await _writers.ApplyAsync(FleetSimulation.Id, new DestinationSettings { Endpoints = _endpoints });
            _writers.Assign(_ => _believed);
        });
    }

    /// <summary>What it believes who lives, right or wrong.</summary>
    public void Believe(IReadOnlyList<string> writers) => _ = _process.Run(() =>
    {
        _believed = writers;
        _writers?.Assign(_ => writers);
        return Task.CompletedTask;
    });

    /// <summary>As by <c>kill -9</c>.</summary>
    public void Kill()
    {
        IsAlive = false;
        _process.Kill();
        Connection.Die();
        _writers = null;
        _process = new SimulatedProcess(_fleet.Schedule);
        Connection = _fleet.Broker.Connect(Id);
    }

    /// <summary>As by SIGTERM: hands its shards over, and ends.</summary>
    public async Task DrainAsync()
    {
        IsAlive = false;
        await _process.Run(async () =>
        {
            if (_writers is not null) await _writers.DrainAsync();
        });
        Kill();
    }

    public void Stop()
    {
        IsStopped = true;
        _process.Stop();
    }

    public void Continue()
    {
        IsStopped = false;
        _process.Continue();
    }
}
