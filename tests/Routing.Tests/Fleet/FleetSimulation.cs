using System.Globalization;
using Weir.Protocol.Fragments;
using Weir.Routing.Sharding;

namespace Weir.Routing.Tests.Fleet;

/// <summary>One seed's life of a cluster of twenty nodes: crashes, partitions, nodes that stand still and believe wrong
/// things, slow disks, lost confirms, redeliveries, endpoints with moods; then calm, until all is delivered.</summary>
internal sealed partial class FleetSimulation
{
    public const string Id = "loki.write.default";
    public const int Shards = 4;

    private const int AgentCount = 16;
    private const int WriterCount = 4;
    private const int EventsMax = 24;

    private static readonly TimeSpan Longest = TimeSpan.FromHours(2);

    private readonly Random _random;
    private readonly bool _faults;
    private readonly FleetAgent[] _agents;
    private readonly FleetWriter[] _writers;

    public FleetSimulation(int seed, bool faults)
    {
        _random = new Random(seed);
        _faults = faults;
        Schedule = new Schedule(_random.Next());
        Broker = new MemoryBroker(Time, new Random(_random.Next()))
        {
            LatencyMax = TimeSpan.FromMilliseconds(_random.Next(30)),
            InHandMax = faults ? 1 + (int)((uint)seed % 20) : int.MaxValue,
        };
        IsCalm = !faults;
        HasPoison = faults && _random.Next(4) == 0;
        Endpoints =
        [
            new("a", this, canRead: true, new Random(_random.Next())),
            new("b", this, canRead: false, new Random(_random.Next())),
        ];
        _agents = [.. Enumerable.Range(0, AgentCount).Select(i => new FleetAgent(
            $"agent{i}", this, 1 + _random.Next(40), new Random(_random.Next())))];
        _writers = [.. Enumerable.Range(0, WriterCount).Select(i => new FleetWriter(
            $"writer{i}", this, new Random(_random.Next())))];
    }

    public ManualTime Time { get; } = new();

    public Schedule Schedule { get; }

    public MemoryBroker Broker { get; }

    public ShardNames Names { get; } = new("weir");

    public IReadOnlyList<FleetEndpoint> Endpoints { get; }

    /// <summary>Whether some lines are refused for good: the search for them sends their neighbours again.</summary>
    public bool HasPoison { get; }

    /// <summary>No faults from here on.</summary>
    public bool IsCalm { get; private set; }

    public IReadOnlyList<FleetAgent> Agents => _agents;

    /// <summary>What happened, for a seed that fails.</summary>
    public List<string> Story { get; } = [];

    public IEnumerable<FragmentMessage> DeadLetters => Broker.Messages(Names.DeadLetters(Id))
        .Select(message => FragmentMessage.TryRead(message, out var read, out _) ? read : null)
        .OfType<FragmentMessage>();

    public static string TenantOf(int line) => line % 3 == 0 ? "" : "acme";

    /// <summary>No endpoint takes it.</summary>
    public bool IsPoisoned(ReceivedEntry entry) => HasPoison && LineOf(entry) % 37 == 13;

    public static string AgentOf(ReceivedEntry entry) => entry.Line.Split(':')[0];

    public static int LineOf(ReceivedEntry entry) =>
        int.Parse(entry.Line.Split(':')[1], CultureInfo.InvariantCulture);

    public void Run()
    {
        if (!Schedule.Run(Time, Longest, LiveAsync))
            throw new InvalidOperationException($"not delivered within {Longest} of virtual time; {Where()}");
    }

    private async Task LiveAsync()
    {
        foreach (var agent in _agents) agent.Start();
        foreach (var writer in _writers) writer.Start();
        Believe();
        for (var i = _faults ? _random.Next(EventsMax) : 0; i > 0; i--)
        {
            await WaitAsync(0, 3000);
            _ = HappenAsync();
        }

        if (_faults) await WaitAsync(30_000, 60_000); // every fault has ended
        IsCalm = true;
        foreach (var writer in _writers)
            if (!writer.IsAlive) writer.Start();
        Believe();
        while (!_agents.All(agent => agent.IsDone) || Broker.Queues.Any(queue => Owed(queue) > 0))
            await Task.Delay(TimeSpan.FromMilliseconds(500), Time);
        foreach (var writer in _writers) await writer.DrainAsync();
    }

    /// <summary>Messages that somebody still has to do something about. What a former owner parked too late, not
    /// knowing that it had lost the shard, is nobody's: its parking has no note, and its shard had it
    /// again.</summary>
    private int Owed(string queue)
    {
        if (queue == Names.DeadLetters(Id)) return 0;
        var noted = Enumerable.Range(0, Shards)
            .SelectMany(shard => Broker.Messages(Names.ParkedIndex(Id, shard))).Select(ParkingOf).ToHashSet();
        return Broker.Messages(queue).Select(ParkingOf)
            .Count(parking => parking.Length == 0 || noted.Contains(parking));
    }

    private static string ParkingOf(byte[] message) =>
        FragmentMessage.TryRead(message, out var read, out _) ? read.Fields.Parking : "";

    /// <summary>All learn who lives, some moments apart.</summary>
    private void Believe(FleetWriter? except = null)
    {
        string[] alive = [.. _writers.Where(one => one.IsAlive && one != except).Select(one => one.Id)];
        foreach (var writer in _writers)
            if (writer.IsAlive) writer.Believe(alive);
    }

    private Task WaitAsync(int min, int max) =>
        Task.Delay(TimeSpan.FromMilliseconds(_random.Next(min, max)), Time);

    private string Where() => string.Join("; ",
        [
            .. _agents.Where(agent => !agent.IsDone)
                .Select(agent => $"{agent.Id} owes {agent.Spool.Fragments.Count} fragments"),
            .. Broker.Queues.Where(queue => Owed(queue) > 0).Select(queue => $"{queue} holds {Owed(queue)}"),
        ]);
}
