using System.Globalization;
using System.Text;
using Weir.Protocol.Batches;
using Weir.Protocol.Fragments;
using Weir.Routing.Lanes;
using Weir.Routing.Metrics;
using Weir.Routing.Sharding;

namespace Weir.Routing.Tests.Sharding;

/// <summary>An agent's way from the spool to a broker in memory, in virtual time.</summary>
public sealed class LaneForwarderTests
{
    private const string Id = "loki.write.default";
    private const int Shards = 4;

    private readonly ManualTime _time = new();
    private readonly MemorySpool _spool = new();
    private readonly LabelSets _labels = new();
    private readonly MetricRegistry _metrics = new();
    private readonly MemoryBroker _broker;
    private MemoryBrokerClient _connection;
    private readonly ShardNames _names = new("weir");
    private readonly List<string> _sent = [];

    public LaneForwarderTests()
    {
        _broker = new MemoryBroker(_time, new Random(1)) { LatencyMax = TimeSpan.FromMilliseconds(20) };
        _connection = _broker.Connect("a");
        _spool.Time = _time;
    }

    [Fact]
    public void Fragments_go_to_the_shard_of_their_tenant_and_say_whose_they_are()
    {
        Live(async delivery =>
        {
            await SendAsync(delivery, 30, "acme");
            await SendAsync(delivery, 30, "");
            await EmptyAsync();
        });

        foreach (var tenant in new[] { "acme", "" })
        {
            var shard = ShardHash.ShardOf("a", tenant, 0, Shards);
            var messages = Messages().Where(message => message.Fields.Tenant == tenant).ToList();
            Assert.All(messages, message =>
            {
                var fields = message.Fields;
                Assert.Equal(("a", Id, false), (fields.Node, fields.Destination, fields.IsResent));
                Assert.Contains(message.Fields.Sequence, Sequences(shard));
            });
        }

        Assert.Equal(_sent, LinesOf(Messages()));
    }

    [Fact]
    public void A_full_queue_fills_the_spool_and_everything_goes_in_order_when_there_is_room()
    {
        Live(async delivery =>
        {
            _broker.QueueBytesMax = 300;
            await SendAsync(delivery, 30, "");
            await Task.Delay(TimeSpan.FromMinutes(1), _time);
            Assert.NotEmpty(_spool.Fragments);
            var lane = Assert.Single(delivery.Lanes);
            Assert.Equal(LaneState.Retrying, lane.State);
            Assert.Contains("full", lane.LastError, StringComparison.Ordinal);
            _broker.QueueBytesMax = long.MaxValue;
            await EmptyAsync();
        });

        Assert.Equal(_sent, LinesOf(Messages()));
    }

    [Fact]
    public void An_alarm_and_a_broker_that_is_away_are_shown_on_the_lane()
    {
        var errors = new List<string>();
        _connection.Cut(); // before anything is declared
        Live(async delivery =>
        {
            await SendAsync(delivery, 3, "");
            await Task.Delay(TimeSpan.FromSeconds(10), _time);
            errors.Add(delivery.Lanes[0].LastError);
            _broker.IsBlocked = true;
            _connection.Mend();
            await Task.Delay(TimeSpan.FromSeconds(10), _time);
            errors.Add(delivery.Lanes[0].LastError);
            Assert.Empty(Messages());
            _broker.IsBlocked = false;
            await EmptyAsync();
        });

        Assert.Equal(["no connection to the broker: cut", "the broker takes nothing: memory"], errors);
        Assert.Equal(_sent, LinesOf(Messages()));
    }

    [Fact]
    public void A_paused_lane_sends_nothing_until_it_is_resumed()
    {
        var lane = LanePauses.IdOf(Id, ClusterRoute.Endpoint, "");
        Live(async delivery =>
        {
            delivery.Pauses.TrySet(lane, true);
            await SendAsync(delivery, 3, "");
            await Task.Delay(TimeSpan.FromMinutes(1), _time);
            Assert.Equal(LaneState.Paused, delivery.Lanes[0].State);
            Assert.Empty(Messages());
            delivery.Pauses.TrySet(lane, false);
            await EmptyAsync();
        });

        Assert.Equal(_sent, LinesOf(Messages()));
    }

    [Fact]
    public void Over_broken_connections_order_holds_and_only_what_was_in_doubt_is_there_twice()
    {
        Live(async delivery =>
        {
            for (var i = 0; i < 8; i++)
            {
                await SendAsync(delivery, 20, "");
                await Task.Delay(TimeSpan.FromMilliseconds(1010 + 13 * i), _time);
                _connection.Cut();
                await Task.Delay(TimeSpan.FromMilliseconds(200), _time);
                _connection.Mend();
            }

            await EmptyAsync();
        });

        AssertInOrder();
    }

    [Fact]
    public void A_node_that_is_killed_at_any_moment_leaves_no_gap() => Fuzz.Run(200, random =>
    {
        var forwarder = new LaneForwarderTests();
        for (var life = 0; life < 4; life++)
        {
            forwarder.Live(delivery => forwarder.SendAsync(delivery, random.Next(1, 30), ""),
                TimeSpan.FromMilliseconds(random.Next(1, 3000)), random.Next());
        }

        forwarder.Live(_ => forwarder.EmptyAsync(), seed: random.Next());

        forwarder.AssertInOrder();
    });

    [Fact]
    public void A_tenant_that_no_message_holds_becomes_a_dead_letter()
    {
        Live(async delivery =>
        {
            await SendAsync(delivery, 3, new string('x', 3000));
            await EmptyAsync();
        });

        Assert.Equal(DropReason.TenantTooLong, Assert.Single(_spool.DeadLetters).Letter.Reason);
        Assert.Empty(Messages());
    }

    /// <summary>One life of the node; at its longest it just stops, as when it is killed.</summary>
    private void Live(Func<Delivery, Task> body, TimeSpan? longest = null, int seed = 1)
    {
        var isCut = !_connection.IsConnected;
        _connection.Die();
        _connection = _broker.Connect("a");
        if (isCut) _connection.Cut();
        new Schedule(seed).Run(_time, longest ?? TimeSpan.FromHours(1), async () =>
        {
            var events = new RoutingEvents(new RecordingLog(), _metrics);
            await using var delivery = new Delivery(
                _spool, _labels, events, _time, new Random(1), new ClusterRoute(_connection, _names, "a", Shards));
            await delivery.StartAsync(default);
            await delivery.ApplyAsync(Id, new DestinationSettings());
            await body(delivery);
            if (longest is not null) await Task.Delay(TimeSpan.FromHours(2), _time);
        });
    }

    /// <summary>Lines with the node's next numbers; those the spool took are sure to arrive.</summary>
    private async Task SendAsync(Delivery delivery, int count, string tenant)
    {
        using var inlet = delivery.ReceiverOf(Id).Open();
        for (var i = 0; i < count; i++)
        {
            var line = _sent.Count.ToString(CultureInfo.InvariantCulture);
            var batch = new LogBatch(64, 4);
            var labels = tenant.Length > 0
                ? _labels.Of([new Label("job", "test"), new Label("__tenant_id__", tenant)])
                : _labels.Of([new Label("job", "test")]);
            batch.Add(1_700_000_000_000_000_000 + _sent.Count, labels, Encoding.UTF8.GetBytes(line), 0);
            _sent.Add(line);
            await inlet.SendAsync(batch, default);
            if (i % 7 == 3) await Task.Delay(TimeSpan.FromMilliseconds(300), _time);
        }
    }

    private async Task EmptyAsync()
    {
        do await Task.Delay(TimeSpan.FromSeconds(2), _time);
        while (_spool.Fragments.Count > 0);
    }

    private void AssertInOrder()
    {
        var seen = new List<string>();
        foreach (var message in Messages())
        {
            var lines = LinesOf([message]);
            if (seen.Contains(lines[0])) Assert.True(message.Fields.IsResent, $"{lines[0]} came twice without a word");
            else seen.AddRange(lines);
        }

        var durable = _spool.Journal.SelectMany(fragment => ScriptedPushClient.Decode(fragment.Body.Span, ""));
        Assert.Equal(durable.Select(entry => entry.Line), seen);
    }

    private IEnumerable<long> Sequences(int shard) => _broker.Messages(_names.Shard(Id, shard))
        .Select(message => FragmentMessage.TryRead(message, out var read, out _) ? read.Fields.Sequence : -1);

    private List<FragmentMessage> Messages()
    {
        var messages = new List<FragmentMessage>();
        for (var shard = 0; shard < Shards; shard++)
        {
            foreach (var message in _broker.Messages(_names.Shard(Id, shard)))
            {
                Assert.True(FragmentMessage.TryRead(message, out var read, out var fault), fault.ToString());
                messages.Add(read);
            }
        }

        return messages;
    }

    private static List<string> LinesOf(IEnumerable<FragmentMessage> messages) =>
        [.. messages.SelectMany(message => ScriptedPushClient.Decode(message.Payload.Span, ""))
            .Select(entry => entry.Line)
            .OrderBy(line => int.Parse(line, CultureInfo.InvariantCulture))];
}
