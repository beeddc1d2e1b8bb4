using System.Globalization;
using System.Text;
using Weir.Protocol.Batches;
using Weir.Routing.Lanes;
using Weir.Routing.Metrics;
using Weir.Routing.Sharding;

namespace Weir.Routing.Tests.Fleet;

/// <summary>A node that reads a file of so many lines, over all its lives.</summary>
internal sealed class FleetAgent
{
    private readonly FleetSimulation _fleet;
    private readonly Random _random;
    private readonly LabelSets _labels = new();
    private readonly SourceKey _source;
    private SimulatedProcess _process;

    public FleetAgent(string id, FleetSimulation fleet, int lines, Random random)
    {
        (Id, Lines, _fleet, _random) = (id, lines, fleet, random);
        _source = new SourceKey("loki.source.file.all", id);
        _process = new SimulatedProcess(fleet.Schedule);
        Connection = fleet.Broker.Connect(id);
        Spool.Time = fleet.Time;
        if (random.Next(4) == 0) Spool.BytesMax = 4000;
        Spool.Committing = async _ =>
        {
            if (_random.Next(2) == 0) await Task.Delay(TimeSpan.FromMilliseconds(_random.Next(30)), fleet.Time);
            if (!fleet.IsCalm && _random.Next(40) == 0) throw new IOException("simulated");
        };
    }

    public string Id { get; }

    public int Lines { get; }

    public MemorySpool Spool { get; } = new();

    public MemoryBrokerClient Connection { get; private set; }

    /// <summary>Everything read, and handed to the broker.</summary>
    public bool IsDone => Spool.Fragments.Count == 0
        && Spool.PositionsAtOpen.Any(position => position.Offset == Lines);

    public void Start() => _ = _process.Run(LiveAsync);

    /// <summary>As by <c>kill -9</c> and a restart.</summary>
    public void Restart()
    {
        _process.Kill();
        Connection.Die();
        _process = new SimulatedProcess(_fleet.Schedule);
        Connection = _fleet.Broker.Connect(Id);
        Start();
    }

    public void Stop() => _process.Stop();

    public void Continue() => _process.Continue();

    private async Task LiveAsync()
    {
        var events = new RoutingEvents(new RecordingLog(), new MetricRegistry());
        var delivery = new Delivery(
            Spool, _labels, events, _fleet.Time, new Random(_random.Next()),
            new ClusterRoute(Connection, _fleet.Names, Id, FleetSimulation.Shards));
        await delivery.StartAsync(default);
        await delivery.ApplyAsync(FleetSimulation.Id, new DestinationSettings { CapacityBytes = 20_000 });
        using var inlet = delivery.ReceiverOf(FleetSimulation.Id).Open();
        var next = (int)((await delivery.Positions.ResumeAsync(_source, default))?.Offset ?? 0);
        while (next < Lines)
        {
            var end = Math.Min(next + 1 + _random.Next(8), Lines);
            var batch = new LogBatch(64, 4);
            for (var line = next; line < end; line++) Add(batch, line);
            batch.Checkpoint = delivery.Positions.Begin(new SourcePosition(_source, end, ""));
            await inlet.SendAsync(batch, default);
            next = end;
            if (_random.Next(2) == 0)
                await Task.Delay(TimeSpan.FromMilliseconds(_random.Next(4000)), _fleet.Time);
        }
    }

    private void Add(LogBatch batch, int line)
    {
        var tenant = FleetSimulation.TenantOf(line);
        var labels = new List<Label> { new("agent", Id) };
        if (tenant.Length > 0) labels.Add(new("__tenant_id__", tenant));
        var text = string.Create(CultureInfo.InvariantCulture, $"{Id}:{line}:{new string('x', line % 30)}");
        batch.Add(
            1_700_000_000_000_000_000 + line, _labels.Of([.. labels]), Encoding.UTF8.GetBytes(text), line);
    }
}
