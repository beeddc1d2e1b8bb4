using System.Text;
using Weir.Protocol.Batches;
using Weir.Routing.Lanes;
using Weir.Routing.Metrics;
using Weir.Routing.Ports;

namespace Weir.Routing.Tests.Lanes;

/// <summary>Which fragments are in doubt, when a process or a writer ends in the midst of a push.</summary>
public sealed class InDoubtTests
{
    private const string Id = DeliveryFixture.Id;

    private static readonly TimeSpan UntilTheEnd = TimeSpan.FromDays(1);

    private readonly MemorySpool _spool = new();
    private readonly LabelSets _labels = new();
    private readonly List<ReceivedEntry> _held = [];
    private readonly ScriptedLogQuery _query;
    private DateTimeOffset _now = new(2024, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private long _timestamp = 1_700_000_000_000_000_000;

    public InDoubtTests() => _query = new ScriptedLogQuery(() => _held);

    [Fact]
    public void A_start_asks_for_what_the_killed_node_was_sending_and_not_for_its_backlog()
    {
        var hanging = new ScriptedPushClient(StoreAndHangAsync);
        var last = new ScriptedPushClient(StoreAsync);
        var hasEnded = Live(TimeSpan.FromMinutes(2), [Endpoint("a", hanging)], async (delivery, time) =>
        {
            for (var i = 0; i < 20; i++)
            {
                await SendAsync(delivery, $"{i}");
                await Task.Delay(TimeSpan.FromSeconds(3), time);
            }

            await Task.Delay(UntilTheEnd, time);
        });
        Assert.False(hasEnded);

        Live(UntilTheEnd, [Endpoint("a", last)], DrainAsync);

        Assert.Equal("0", DeliveryFixture.Lines(hanging.Pushes));
        Assert.Equal(Enumerable.Range(0, 20).Select(i => $"{i}"), _held.Select(entry => entry.Line));
        var asked = Assert.Single(_query.Asked);
        Assert.Equal((_held[0].Timestamp, _held[0].Timestamp + 1), (asked.From, asked.To));
    }

    [Fact]
    public void A_start_after_an_orderly_stop_asks_for_nothing()
    {
        var last = new ScriptedPushClient(StoreAsync);
        Live(UntilTheEnd, [Endpoint("a", last)], async (delivery, time) =>
        {
            await SendAsync(delivery, "one");
            await DrainAsync(delivery, time);
        });

        Live(UntilTheEnd, [Endpoint("a", last)], async (delivery, time) =>
        {
            await SendAsync(delivery, "two");
            await DrainAsync(delivery, time);
        });

        Assert.Empty(_query.Asked);
        Assert.Equal(["one", "two"], _held.Select(entry => entry.Line));
    }

    [Fact]
    public void A_writer_that_is_replaced_in_the_midst_of_a_push_leaves_it_in_doubt()
    {
        var hanging = new ScriptedPushClient(StoreAndHangAsync);
        var last = new ScriptedPushClient(StoreAsync);
        Live(UntilTheEnd, [Endpoint("a", hanging)], async (delivery, time) =>
        {
            await SendAsync(delivery, "one");
            await Task.Delay(TimeSpan.FromSeconds(5), time);
            await delivery.ApplyAsync(Id, DeliveryFixture.Settings(Endpoint("a", last)));
            await SendAsync(delivery, "two");
            await DrainAsync(delivery, time);
        });

        Assert.Single(_query.Asked);
        Assert.Equal(["one", "two"], _held.Select(entry => entry.Line));
    }

    [Fact]
    public void An_endpoint_that_was_away_gets_its_own_and_the_others_nothing_again()
    {
        var away = new ScriptedPushClient((_, _) =>
            ValueTask.FromResult(new PushAnswer(PushOutcome.NotSent, 0, TimeSpan.Zero, "connection refused")));
        var (fast, back) = (new ScriptedPushClient(), new ScriptedPushClient());
        var hasEnded = Live(TimeSpan.FromMinutes(2), [Endpoint("fast", fast), Endpoint("slow", away)],
            async (delivery, time) =>
            {
                for (var i = 0; i < 10; i++)
                {
                    await SendAsync(delivery, $"{i}");
                    await Task.Delay(TimeSpan.FromSeconds(3), time);
                }

                await Task.Delay(UntilTheEnd, time);
            });
        Assert.False(hasEnded);

        Live(UntilTheEnd, [Endpoint("fast", fast), Endpoint("slow", back)], DrainAsync);

        var lines = Enumerable.Range(0, 10).Select(i => $"{i}").ToList();
        Assert.Equal(lines, fast.Pushes.SelectMany(push => push.Entries).Select(entry => entry.Line));
        Assert.Equal(lines, back.Pushes.SelectMany(push => push.Entries).Select(entry => entry.Line));
    }

    private static async Task DrainAsync(Delivery delivery, ManualTime time)
    {
        do await Task.Delay(TimeSpan.FromSeconds(5), time);
        while (delivery.Lanes.Any(lane => lane.BacklogFragments > 0));
    }

    private EndpointSettings Endpoint(string name, IPushClient client) => DeliveryFixture.Endpoint(client, name) with
    {
        Lookup = new EndpointLookup(_query, sharesServer: true, isInsisted: false),
    };

    private async ValueTask<PushAnswer> StoreAndHangAsync(ReceivedPush push, CancellationToken cancel)
    {
        _held.AddRange(push.Entries);
        await Task.Delay(Timeout.Infinite, cancel);
        return default;
    }

    private ValueTask<PushAnswer> StoreAsync(ReceivedPush push, CancellationToken cancel)
    {
        _held.AddRange(push.Entries);
        return ValueTask.FromResult(ScriptedPushClient.Accepted);
    }

    private async Task SendAsync(Delivery delivery, string line)
    {
        using var inlet = delivery.ReceiverOf(Id).Open();
        var batch = new LogBatch(256, 4);
        batch.Add(_timestamp++, _labels.Of([new Label("job", "test")]), Encoding.UTF8.GetBytes(line), 0);
        await inlet.SendAsync(batch, default);
    }

    /// <summary>One life of a node over the spool.</summary>
    /// <returns>False when it was cut short, as by a kill.</returns>
    private bool Live(TimeSpan longest, EndpointSettings[] endpoints, Func<Delivery, ManualTime, Task> body)
    {
        var time = new ManualTime(_now);
        _spool.Time = time;
        var ended = new Schedule(1).Run(time, longest, async () =>
        {
            var events = new RoutingEvents(new RecordingLog(), new MetricRegistry());
            var delivery = new Delivery(_spool, _labels, events, time, new Random(1));
            await delivery.StartAsync(default);
            await delivery.ApplyAsync(Id, DeliveryFixture.Settings(endpoints));
            await body(delivery, time);
            await delivery.DisposeAsync();
        });
        _now = time.GetUtcNow() + TimeSpan.FromSeconds(1);
        return ended;
    }
}
