using System.Globalization;
using System.Text;
using Weir.Protocol.Batches;
using Weir.Routing;
using Weir.Routing.Components;
using Weir.Routing.Lanes;
using Weir.Routing.Metrics;
using Weir.Routing.Ports;

namespace Weir.Support;

/// <summary>A delivery path over a spool in memory and a clock that stands still, for a test to drive.</summary>
public sealed class DeliveryFixture
{
    public const string Id = "loki.write.default";

    private readonly Random _random;
    private readonly int _seed;

    public DeliveryFixture(int seed = 1)
    {
        _seed = seed;
        _random = new Random(seed);
        Spool.Time = Time;
        Events = new RoutingEvents(Log, Metrics);
        Delivery = new Delivery(Spool, Labels, Events, Time, new Random(seed));
    }

    public ManualTime Time { get; } = new();

    public MemorySpool Spool { get; } = new();

    public LabelSets Labels { get; } = new();

    public MetricRegistry Metrics { get; } = new();

    public RecordingLog Log { get; } = new();

    public RoutingEvents Events { get; }

    public Delivery Delivery { get; }

    /// <summary>Runs the body in virtual time, with the delivery path started and, after it, stopped.</summary>
    public void Run(DestinationSettings settings, Func<Task> body)
    {
        var ended = new Schedule(_seed).Run(Time, TimeSpan.FromDays(2), async () =>
        {
            await Delivery.StartAsync(default);
            await Delivery.ApplyAsync(Id, settings);
            await body();
            await Delivery.DisposeAsync();
        });
        if (!ended) throw new InvalidOperationException("not done within two days of virtual time");
    }

    public static DestinationSettings Settings(params EndpointSettings[] endpoints) => new() { Endpoints = endpoints };

    public static EndpointSettings Endpoint(IPushClient client, string name = "a") =>
        new() { Name = name, Host = name, Client = client };

    /// <summary>A batch with a line for each text, one nanosecond apart, in the stream <c>{job="test"}</c>.</summary>
    public LogBatch Batch(IEnumerable<string> lines, params Label[] labels)
    {
        var batch = new LogBatch(256, 4);
        var set = labels.Length > 0 ? Labels.Of(labels) : Labels.Of([new Label("job", "test")]);
        var timestamp = 1_700_000_000_000_000_000L;
        foreach (var line in lines) batch.Add(timestamp++, set, Encoding.UTF8.GetBytes(line), 0);
        return batch;
    }

    /// <summary>Sends the lines as one batch through an inlet of its own.</summary>
    public async Task SendAsync(params string[] lines)
    {
        using var inlet = Delivery.ReceiverOf(Id).Open();
        await inlet.SendAsync(Batch(lines), default);
    }

    /// <summary>Waits, in virtual time, until every lane is empty.</summary>
    public async Task DeliveredAsync()
    {
        do await Task.Delay(TimeSpan.FromSeconds(5), Time); // sealed and committed before
        while (Delivery.Lanes.Any(lane => lane.BacklogFragments > 0));
    }

    public double Metric(string name, params string[] labelValues) => Metrics.Counter(name, "", "any")
        .Series.Where(series => labelValues.All(series.LabelValues.Contains)).Sum(series => series.Value);

    public static string Lines(IReadOnlyList<ReceivedPush> pushes) =>
        string.Join(' ', pushes.Select(push => string.Join(',', push.Entries.Select(entry => entry.Line))));

    /// <summary>Lines <c>0</c>, <c>1</c>, … of as many bytes.</summary>
    public static string[] Numbered(int count, int bytes = 1) =>
        [.. Enumerable.Range(0, count).Select(i => i.ToString(CultureInfo.InvariantCulture).PadLeft(bytes, '0'))];
}
