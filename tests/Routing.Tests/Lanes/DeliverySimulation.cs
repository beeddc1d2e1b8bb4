using System.Globalization;
using System.Text;
using Weir.Protocol.Batches;
using Weir.Routing.Components;
using Weir.Routing.Lanes;
using Weir.Routing.Metrics;
using Weir.Routing.Ports;

namespace Weir.Routing.Tests.Lanes;

/// <summary>One seed's life of a node: sources, spool and two endpoints, with faults of all kinds, until all is
/// delivered.</summary>
internal sealed class DeliverySimulation
{
    private const string Id = "loki.write.default";
    private const int LivesMax = 12;

    private static readonly TimeSpan LongestLife = TimeSpan.FromHours(12);

    private readonly int _seed;
    private readonly Random _random;
    private readonly MemorySpool _spool = new();
    private readonly LabelSets _labels = new();
    private readonly int _sources;
    private readonly int _lines;
    private readonly bool _tenants;
    private readonly bool _faults;
    private readonly SimulatedEndpoint[] _endpoints;
    private DateTimeOffset _now = new(2024, 1, 2, 3, 4, 5, TimeSpan.Zero);

    public DeliverySimulation(int seed, bool faults, bool answers = false)
    {
        _seed = seed;
        _faults = faults;
        _random = new Random(seed);
        _sources = 1 + _random.Next(4);
        _lines = 1 + _random.Next(400);
        _tenants = _random.Next(2) == 0;
        _endpoints = [new("a", _random.Next(), faults, answers), new("b", _random.Next(), faults, answers)];
        if (faults && _random.Next(3) == 0) _spool.BytesMax = 20_000;
    }

    public int Crashes { get; private set; }

    public IReadOnlyList<SimulatedEndpoint> Endpoints => _endpoints;

    /// <summary>All lines, a list for each stream in the order they were written.</summary>
    public IEnumerable<(int Source, int Line)> Written =>
        from source in Enumerable.Range(0, _sources) from line in Enumerable.Range(0, _lines) select (source, line);

    public static bool IsPoisoned(int line) => line % 97 == 13;

    public static string TextOf(int source, int line) => $"{source}:{line}:{new string('x', line % 50)}";

    public IReadOnlyList<StoredDeadLetter> DeadLetters => _spool.DeadLetters;

    /// <summary>What the spool took, over all lives.</summary>
    public IReadOnlyList<StoredFragment> Journal => _spool.Journal;

    public int FragmentsLeft => _spool.Fragments.Count;

    public void Run()
    {
        for (var life = 1; ; life++)
        {
            var isLast = !_faults || life == LivesMax;
            var longest = isLast || _random.Next(3) == 0
                ? LongestLife : TimeSpan.FromMilliseconds(_random.Next(1, 30_000));
            var time = new ManualTime(_now);
            _spool.Time = time;
            if (new Schedule(_random.Next()).Run(time, longest, () => LiveAsync(time, isLast))) return;
            if (isLast) throw new InvalidOperationException($"not delivered within {LongestLife}; seed {_seed}");
            Crashes++;
            foreach (var endpoint in _endpoints) endpoint.Crashed();
            _now = time.GetUtcNow() + TimeSpan.FromSeconds(1);
        }
    }

    private async Task LiveAsync(ManualTime time, bool isCalm)
    {
        PrepareSpool(time, isCalm);
        var events = new RoutingEvents(new RecordingLog(), new MetricRegistry());
        var delivery = new Delivery(_spool, _labels, events, time, new Random(_random.Next()));
        await delivery.StartAsync(default);
        await delivery.ApplyAsync(Id, SettingsOf(time, isCalm));
        var sources = Enumerable.Range(0, _sources)
            .Select(source => ReadAsync(source, delivery, time, new Random(_random.Next()))).ToArray();
        foreach (var source in sources) await source;
        // What a source has read is durable some moments later; the endpoints have it when nothing is owed.
        for (var source = 0; source < _sources; source++)
        {
            while (delivery.Positions.Find(KeyOf(source))?.Offset != _lines)
                await Task.Delay(TimeSpan.FromMilliseconds(100), time);
        }

        while (delivery.Lanes.Any(lane => lane.BacklogFragments > 0))
            await Task.Delay(TimeSpan.FromSeconds(1), time);
        await delivery.DisposeAsync();
    }

    private void PrepareSpool(ManualTime time, bool isCalm)
    {
        var random = new Random(_random.Next());
        _spool.Committing = async _ =>
        {
            await Task.Delay(TimeSpan.FromMilliseconds(random.Next(20)), time);
            if (!isCalm && _faults && random.Next(20) == 0) throw new IOException("simulated");
        };
        _spool.Committed = async () => await Task.Delay(TimeSpan.FromMilliseconds(random.Next(5)), time);
    }

    private DestinationSettings SettingsOf(ManualTime time, bool isCalm) => new()
    {
        Endpoints = [.. _endpoints.Select(endpoint => endpoint.Settings(time, isCalm))],
        CapacityBytes = 20_000,
        Partitions = 1,
    };

    /// <summary>As a file source does: from the committed position on, in batches, to the end of the file.</summary>
    private async Task ReadAsync(int source, Delivery delivery, ManualTime time, Random random)
    {
        using var inlet = new FanOut(() => [delivery.ReceiverOf(Id)]);
        var next = (int)((await delivery.Positions.ResumeAsync(KeyOf(source), default))?.Offset ?? 0);
        while (next < _lines)
        {
            var end = Math.Min(next + 1 + random.Next(20), _lines);
            var batch = new LogBatch(64, 4);
            for (var line = next; line < end; line++) Add(batch, source, line);
            batch.Checkpoint = delivery.Positions.Begin(new SourcePosition(KeyOf(source), end, ""));
            await inlet.SendAsync(batch, default);
            next = end;
            if (random.Next(3) == 0) await Task.Delay(TimeSpan.FromMilliseconds(random.Next(2000)), time);
        }
    }

    private void Add(LogBatch batch, int source, int line)
    {
        var labels = new List<Label>
        {
            new("source", source.ToString(CultureInfo.InvariantCulture)),
            new("parity", (line % 2).ToString(CultureInfo.InvariantCulture)),
        };
        if (_tenants && line % 3 > 0) labels.Add(new("__tenant_id__", $"tenant{line % 3}"));
        batch.Add(
            1_700_000_000_000_000_000 + line, _labels.Of([.. labels]), Encoding.UTF8.GetBytes(TextOf(source, line)),
                line);
    }

    private static SourceKey KeyOf(int source) =>
        new("loki.source.file.all", source.ToString(CultureInfo.InvariantCulture));
}
