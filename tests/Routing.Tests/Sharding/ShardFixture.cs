using Weir.Protocol.Fragments;
using Weir.Routing.Lanes;
using Weir.Routing.Metrics;
using Weir.Routing.Ports;
using Weir.Routing.Sharding;
using Weir.Routing.Writers;

namespace Weir.Routing.Tests.Sharding;

/// <summary>Writer nodes over a broker in memory, in virtual time: agents publish, endpoints remember.</summary>
internal sealed class ShardFixture
{
    public const string Id = "loki.write.default";

    private readonly Schedule _schedule;
    private readonly Random _random;
    private readonly Dictionary<(string Node, string Tenant), long> _sequences = [];
    private readonly List<WriterNode> _nodes = [];
    private readonly MemoryBrokerClient _agents;

    public ShardFixture(int seed = 1, int shards = 4)
    {
        _random = new Random(seed);
        _schedule = new Schedule(_random.Next());
        Shards = shards;
        Broker = new MemoryBroker(Time, new Random(_random.Next())) { LatencyMax = TimeSpan.FromMilliseconds(5) };
        _agents = Broker.Connect("agents");
    }

    public ManualTime Time { get; } = new();

    public MemoryBroker Broker { get; }

    public ShardNames Names { get; } = new("weir");

    public int Shards { get; }

    public Schedule Schedule => _schedule;

    /// <summary>What agents have published, in order.</summary>
    public List<SentFragment> Sent { get; } = [];

    public IReadOnlyList<WriterNode> Nodes => _nodes;

    /// <summary>Runs the body in virtual time, and ends the nodes after it.</summary>
    public void Run(Func<Task> body)
    {
        var isDone = _schedule.Run(Time, TimeSpan.FromDays(1), async () =>
        {
            for (var shard = 0; shard < Shards; shard++)
                await _agents.DeclareAsync(Names.Shard(Id, shard), QueueUse.Shard, default);
            await body();
            foreach (var node in _nodes.Where(node => node.IsAlive)) await node.Run(() => node.Writers.DrainAsync());
        });
        if (!isDone) throw new InvalidOperationException("not done within a day of virtual time");
    }

    /// <summary>A node that delivers to these endpoints; it owns nothing until <see cref="Assign"/>.</summary>
    public async Task<WriterNode> StartAsync(string id, params ShardEndpoint[] endpoints)
    {
        var node = new WriterNode(id, this, new Random(_random.Next()));
        _nodes.Add(node);
        await node.ApplyAsync(endpoints);
        return node;
    }

    /// <summary>Tells all nodes which of them live.</summary>
    public void Assign(params WriterNode[] live)
    {
        string[] ids = [.. live.Select(node => node.Id)];
        foreach (var node in _nodes.Where(node => node.IsAlive)) _ = node.Run(() =>
        {
            node.Writers.Assign(_ => ids);
            return Task.CompletedTask;
        });
    }

    public int ShardOf(string node, string tenant) => ShardHash.ShardOf(node, tenant, 0, Shards);

    /// <summary>Publishes fragments of one line each, as an agent does: one after the other.</summary>
    public async Task SendAsync(string node, string tenant, int count, int lineBytes = 20)
    {
        for (var i = 0; i < count; i++)
        {
            var sequence = _sequences[(node, tenant)] = _sequences.GetValueOrDefault((node, tenant)) + 1;
            var sent = new SentFragment(node, tenant, sequence, lineBytes);
            Sent.Add(sent);
            await PublishAsync(sent.Message());
        }
    }

    public async Task PublishAsync(byte[] message)
    {
        var fields = FragmentMessage.TryRead(message, out var read, out _) ? read.Fields : null;
        var shard = fields is null ? 0 : ShardOf(fields.Node, fields.Tenant);
        while (await _agents.PublishAsync(Names.Shard(Id, shard), message, default) != PublishOutcome.Confirmed)
            await Task.Delay(TimeSpan.FromMilliseconds(100), Time);
    }

    /// <summary>Waits until the shards' and the parked queues are empty.</summary>
    public async Task DeliveredAsync()
    {
        var began = Time.GetUtcNow();
        while (Broker.Queues.Any(queue => !queue.EndsWith("deadletters", StringComparison.Ordinal)
            && Broker.Messages(queue).Count > 0))
        {
            if (Time.GetUtcNow() - began > TimeSpan.FromHours(3))
                throw new InvalidOperationException("not delivered within three hours");
            await Task.Delay(TimeSpan.FromMilliseconds(200), Time);
        }
    }

    public Task WaitAsync(double seconds) => Task.Delay(TimeSpan.FromSeconds(seconds), Time);

    /// <summary>All of it came, and first copies of each stream in order.</summary>
    public void AssertDelivered(ShardEndpoint endpoint, bool once = true)
    {
        var wanted = Sent.Select(sent => sent.Line).ToList();
        var lines = endpoint.Stored.Select(one => one.Line).ToList();
        Assert.Equal(wanted.Order(), lines.Distinct().Order());
        if (once) Assert.Equal(lines.Distinct().Count(), lines.Count);
        foreach (var stream in endpoint.Stored.GroupBy(one => one.Stream))
        {
            var first = stream.Select(one => one.Timestamp).Distinct().ToList();
            Assert.Equal(first.Order(), first);
        }
    }
}

/// <summary>A process with the writer role.</summary>
internal sealed class WriterNode
{
    private readonly SimulatedProcess _process;

    public WriterNode(string id, ShardFixture fixture, Random random)
    {
        Id = id;
        Connection = fixture.Broker.Connect(id);
        _process = new SimulatedProcess(fixture.Schedule);
        Gates = new TenantGates(fixture.Time);
        Pauses = new LanePauses(fixture.Time);
        var events = new RoutingEvents(Log, Metrics);
        Writers = new ShardedWriters(
            Connection, fixture.Names, id, fixture.Shards, Gates, Pauses, events, fixture.Time, random);
    }

    public string Id { get; }

    public MemoryBrokerClient Connection { get; }

    public MetricRegistry Metrics { get; } = new();

    public RecordingLog Log { get; } = new();

    public TenantGates Gates { get; }

    public LanePauses Pauses { get; }

    public ShardedWriters Writers { get; }

    public bool IsAlive { get; private set; } = true;

    public Task Run(Func<Task> body) => _process.Run(body);

    public Task ApplyAsync(params ShardEndpoint[] endpoints) => Run(() => Writers.ApplyAsync(
        ShardFixture.Id, new DestinationSettings { Endpoints = [.. endpoints.Select(one => one.Settings)] }).AsTask());

    /// <summary>As by <c>kill -9</c>.</summary>
    public void Kill()
    {
        IsAlive = false;
        _process.Kill();
        Connection.Die();
    }

    /// <summary>As by SIGSTOP.</summary>
    public void Stop() => _process.Stop();

    public void Continue() => _process.Continue();

    public async Task DrainAsync()
    {
        await Run(() => Writers.DrainAsync());
        IsAlive = false;
    }
}
