using Weir.Routing.Lanes;
using Weir.Routing.Ports;
using Weir.Routing.Sharding;
using Weir.Routing.Writers;

namespace Weir.Routing.Tests.Sharding;

public sealed class ParkingTests
{
    private const int LineBytes = 20_000;

    private readonly ShardFixture _fixture = new(shards: 1);
    private bool _isThrottled = true;

    [Theory]
    [InlineData(int.MaxValue)]
    [InlineData(12)]
    public void A_throttled_tenant_holds_up_nobody_and_gets_everything_in_order_later(int inHandMax)
    {
        _fixture.Broker.InHandMax = inHandMax;
        var isThrottled = true;
        var endpoint = new ShardEndpoint(_fixture.Time)
        {
            Instead = push => isThrottled && push.Tenant == "bad"
                ? ScriptedPushClient.Status(429) with { RetryAfter = TimeSpan.FromSeconds(5) } : null,
        };
        var lag = TimeSpan.Zero;

        _fixture.Run(async () =>
        {
            var node = await _fixture.StartAsync("w1", endpoint);
            _fixture.Assign(node);
            for (var second = 0; second < 60; second++)
            {
                await _fixture.SendAsync("host", "bad", 20, LineBytes);
                var sent = _fixture.Time.GetUtcNow();
                await _fixture.SendAsync("host", "good", 1);
                await _fixture.WaitAsync(1.9);
                var arrival = endpoint.Arrivals.Last(one => one.Entry.Tenant == "good");
                lag = arrival.At - sent > lag ? arrival.At - sent : lag;
                Assert.Equal(second + 1, endpoint.Stored.Count(one => one.Tenant == "good"));
            }

            Assert.Equal(1, node.Writers.Owned.Single().ParkedLanes);
            isThrottled = false;
            await _fixture.DeliveredAsync();
            Assert.Equal(0, node.Writers.Owned.Single().ParkedLanes);
        });

        Assert.InRange(lag, TimeSpan.Zero, TimeSpan.FromSeconds(1.9));
        _fixture.AssertDelivered(endpoint);
    }

    [Fact]
    public void An_endpoint_that_is_down_holds_up_no_other_and_nothing_is_sent_to_that_again()
    {
        var isDown = true;
        var up = new ShardEndpoint(_fixture.Time, "up");
        var down = new ShardEndpoint(_fixture.Time, "down")
        {
            Instead = _ => isDown ? new PushAnswer(PushOutcome.NotSent, 0, TimeSpan.Zero, "connection refused") : null,
        };

        _fixture.Run(async () =>
        {
            var node = await _fixture.StartAsync("w1", up, down);
            _fixture.Assign(node);
            for (var i = 0; i < 30; i++)
            {
                await _fixture.SendAsync("host", "", 10, LineBytes);
                await _fixture.WaitAsync(20);
            }

            _fixture.AssertDelivered(up);
            node.Kill();
            var next = await _fixture.StartAsync("w2", up, down);
            _fixture.Assign(next);
            await _fixture.SendAsync("host", "", 10);
            await _fixture.WaitAsync(60);
            isDown = false;
            await _fixture.DeliveredAsync();
        });

        _fixture.AssertDelivered(up);
        _fixture.AssertDelivered(down);
    }

    [Fact]
    public void What_is_in_hand_stays_bounded_however_much_waits()
    {
        var isDown = true;
        var endpoint = new ShardEndpoint(_fixture.Time);
        endpoint.Instead = _ => isDown ? ScriptedPushClient.Status(503) : null;
        var most = 0.0;

        _fixture.Run(async () =>
        {
            var node = await _fixture.StartAsync("w1", endpoint);
            _fixture.Assign(node);
            var sending = _fixture.SendAsync("host", "", 300, LineBytes);
            while (!sending.IsCompleted)
            {
                await _fixture.WaitAsync(0.05);
                node.Metrics.Render();
                most = Math.Max(most, node.Metrics.Sum("weir_shard_in_hand_bytes"));
            }

            isDown = false;
            await _fixture.DeliveredAsync();
        });

        Assert.InRange(most, LineBytes, (BrokerLimits.InHandMax(QueueUse.Shard) + 1) * 1.1 * LineBytes);
        _fixture.AssertDelivered(endpoint);
    }

    [Fact]
    public void A_lane_that_is_paused_is_parked_and_goes_on_when_it_is_resumed()
    {
        var endpoint = new ShardEndpoint(_fixture.Time);

        _fixture.Run(async () =>
        {
            var node = await _fixture.StartAsync("w1", endpoint);
            _fixture.Assign(node);
            var lane = LanePauses.IdOf(ShardFixture.Id, "a", "acme");
            node.Pauses.TrySet(lane, isPaused: true);
            await _fixture.SendAsync("host", "acme", 10);
            await _fixture.SendAsync("host", "other", 10);
            await _fixture.WaitAsync(30);
            Assert.Equal(10, endpoint.Stored.Count);
            Assert.Contains(node.Writers.Lanes, one => one is { State: LaneState.Paused, BacklogFragments: 10 });
            node.Pauses.TrySet(lane, isPaused: false);
            await _fixture.DeliveredAsync();
        });

        _fixture.AssertDelivered(endpoint);
    }

    [Fact]
    public void Notes_are_held_for_hours_by_sending_them_anew_and_do_not_pile_up()
    {
        var isDown = true;
        var endpoint = new ShardEndpoint(_fixture.Time);
        endpoint.Instead = _ => isDown ? ScriptedPushClient.Status(503) : null;
        var index = _fixture.Names.ParkedIndex(ShardFixture.Id, 0);

        _fixture.Run(async () =>
        {
            _fixture.Assign(await _fixture.StartAsync("w1", endpoint));
            await _fixture.SendAsync("host", "", 3);
            await _fixture.WaitAsync(2 * 3600);
            Assert.Single(_fixture.Broker.Messages(index));
            isDown = false;
            await _fixture.DeliveredAsync();
            Assert.Empty(_fixture.Broker.Messages(index));
        });

        Assert.InRange(_fixture.Broker.Journal[index].Count, 10, 20);
        _fixture.AssertDelivered(endpoint);
    }

    [Fact]
    public void More_lanes_in_trouble_than_a_node_drains_at_once_leave_turns_to_those_that_recover()
    {
        var endpoint = new ShardEndpoint(_fixture.Time)
        {
            Instead = push => push.Tenant.StartsWith("bad", StringComparison.Ordinal)
                ? ScriptedPushClient.Status(503) : push.Tenant == "good" && _isThrottled
                ? ScriptedPushClient.Status(429) : null,
        };

        _fixture.Run(async () =>
        {
            _fixture.Assign(await _fixture.StartAsync("w1", endpoint));
            for (var tenant = 0; tenant < 100; tenant++) await _fixture.SendAsync("host", $"bad{tenant}", 2);
            await _fixture.WaitAsync(60);
            await _fixture.SendAsync("host", "good", 5);
            await _fixture.WaitAsync(60);
            _isThrottled = false;
            await _fixture.WaitAsync(120);
        });

        Assert.Equal(5, endpoint.Stored.Count);
    }

    [Fact]
    public void A_tenant_above_its_own_limit_holds_up_nobody()
    {
        var endpoint = new ShardEndpoint(_fixture.Time);
        endpoint.Settings = endpoint.Settings with { TenantLimits = new TenantLimits(20_000, 40_000, 0) };

        _fixture.Run(async () =>
        {
            _fixture.Assign(await _fixture.StartAsync("w1", endpoint));
            await _fixture.SendAsync("host", "loud", 200, LineBytes);
            await _fixture.SendAsync("host", "quiet", 5);
            await _fixture.WaitAsync(3);
            Assert.Equal(5, endpoint.Stored.Count(one => one.Tenant == "quiet"));
            await _fixture.DeliveredAsync();
        });

        _fixture.AssertDelivered(endpoint);
        var loud = endpoint.Arrivals.Where(one => one.Entry.Tenant == "loud").Select(one => one.At).ToList();
        Assert.InRange((loud[^1] - loud[0]).TotalSeconds, 170, 220); // 4 MB at 20 kB a second
    }
}
