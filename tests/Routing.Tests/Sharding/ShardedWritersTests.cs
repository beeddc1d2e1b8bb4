using Weir.Routing.Ports;

namespace Weir.Routing.Tests.Sharding;

public sealed class ShardedWritersTests
{
    private readonly ShardFixture _fixture = new();

    [Fact]
    public void Fragments_of_many_hosts_arrive_once_in_order_and_joined()
    {
        var endpoint = new ShardEndpoint(_fixture.Time);

        _fixture.Run(async () =>
        {
            var node = await _fixture.StartAsync("w1", endpoint);
            _fixture.Assign(node);
            await Task.WhenAll(Enumerable.Range(0, 10).Select(host => _fixture.SendAsync($"host{host}", "", 30)));
            await _fixture.DeliveredAsync();
        });

        _fixture.AssertDelivered(endpoint);
        Assert.Contains(endpoint.Client.Pushes, push => push.Entries.DistinctBy(entry => entry.Stream).Count() > 1);
        Assert.True(endpoint.Client.Pushes.Count < 200, $"{endpoint.Client.Pushes.Count} pushes of 300 fragments");
    }

    [Fact]
    public void Every_endpoint_gets_everything_and_tenants_do_not_mix()
    {
        ShardEndpoint[] endpoints = [new(_fixture.Time, "a"), new(_fixture.Time, "b")];

        _fixture.Run(async () =>
        {
            _fixture.Assign(await _fixture.StartAsync("w1", endpoints));
            await Task.WhenAll(_fixture.SendAsync("host1", "acme", 30), _fixture.SendAsync("host1", "beta", 30));
            await _fixture.DeliveredAsync();
        });

        foreach (var endpoint in endpoints)
        {
            _fixture.AssertDelivered(endpoint);
            Assert.All(endpoint.Stored, entry => Assert.Contains($"/{entry.Tenant}/", entry.Line));
        }
    }

    [Fact]
    public void Writers_that_join_and_leave_hand_shards_over_in_order()
    {
        var endpoint = new ShardEndpoint(_fixture.Time);

        _fixture.Run(async () =>
        {
            var sending = Enumerable.Range(0, 8).Select(host => SendSlowlyAsync($"host{host}")).ToArray();
            var one = await _fixture.StartAsync("w1", endpoint);
            _fixture.Assign(one);
            await _fixture.WaitAsync(1);
            var two = await _fixture.StartAsync("w2", endpoint);
            _fixture.Assign(one, two);
            await _fixture.WaitAsync(1);
            Assert.NotEmpty(one.Writers.Owned);
            Assert.NotEmpty(two.Writers.Owned);
            _fixture.Assign(two);
            await one.DrainAsync();
            Assert.Empty(one.Writers.Owned);
            await Task.WhenAll(sending);
            await _fixture.DeliveredAsync();
            Assert.Equal(_fixture.Shards, two.Writers.Owned.Count);
        });

        _fixture.AssertDelivered(endpoint);
    }

    [Fact]
    public void After_a_crash_the_next_writer_goes_on_in_order()
    {
        var endpoint = new ShardEndpoint(_fixture.Time);

        _fixture.Run(async () =>
        {
            var sending = Enumerable.Range(0, 8).Select(host => SendSlowlyAsync($"host{host}")).ToArray();
            var one = await _fixture.StartAsync("w1", endpoint);
            var two = await _fixture.StartAsync("w2", endpoint);
            _fixture.Assign(one, two);
            await _fixture.WaitAsync(2);
            one.Kill();
            await _fixture.WaitAsync(6);
            _fixture.Assign(two);
            await Task.WhenAll(sending);
            await _fixture.DeliveredAsync();
        });

        _fixture.AssertDelivered(endpoint, once: false);
    }

    [Fact]
    public void Two_that_believe_they_own_a_shard_lose_nothing_and_keep_the_order()
    {
        var endpoint = new ShardEndpoint(_fixture.Time);

        _fixture.Run(async () =>
        {
            var sending = Enumerable.Range(0, 8).Select(host => SendSlowlyAsync($"host{host}", 300)).ToArray();
            var one = await _fixture.StartAsync("w1", endpoint);
            var two = await _fixture.StartAsync("w2", endpoint);
            _fixture.Assign(one, two);
            await _fixture.WaitAsync(2);
            one.Stop();
            await _fixture.WaitAsync(6);
            _fixture.Assign(two);
            await _fixture.WaitAsync(14);
            one.Continue();
            await Task.WhenAll(sending);
            _fixture.Assign(one, two);
            await _fixture.DeliveredAsync();
        });

        _fixture.AssertDelivered(endpoint, once: false);
    }

    [Fact]
    public void One_that_stood_still_begins_no_push_when_it_goes_on() => Fuzz.Run(20, random =>
    {
        var fixture = new ShardFixture(random.Next(), shards: 1);
        var before = new ShardEndpoint(fixture.Time);
        before.Instead = _ => ScriptedPushClient.Status(429) with { RetryAfter = TimeSpan.FromSeconds(7) };
        var after = new ShardEndpoint(fixture.Time);

        fixture.Run(async () =>
        {
            var one = await fixture.StartAsync("w1", before);
            fixture.Assign(one);
            await fixture.SendAsync("host", "", 3);
            await fixture.WaitAsync(2);
            one.Stop();
            var two = await fixture.StartAsync("w2", after);
            fixture.Assign(two);
            await fixture.DeliveredAsync();
            var pushes = before.Client.Pushes.Count;
            one.Continue();
            await fixture.WaitAsync(30);
            Assert.Equal(pushes, before.Client.Pushes.Count);
        });

        fixture.AssertDelivered(after);
    });

    [Fact]
    public void A_broken_connection_sends_nothing_again_that_was_answered()
    {
        var endpoint = new ShardEndpoint(_fixture.Time) { Latency = TimeSpan.FromMilliseconds(200) };

        _fixture.Run(async () =>
        {
            var sending = Enumerable.Range(0, 4).Select(host => SendSlowlyAsync($"host{host}", 100)).ToArray();
            var node = await _fixture.StartAsync("w1", endpoint);
            _fixture.Assign(node);
            for (var i = 0; i < 5; i++)
            {
                await _fixture.WaitAsync(1.13);
                node.Connection.Cut();
                await _fixture.WaitAsync(0.5);
                node.Connection.Mend();
            }

            await Task.WhenAll(sending);
            await _fixture.DeliveredAsync();
        });

        _fixture.AssertDelivered(endpoint);
    }

    [Fact]
    public void What_cannot_be_read_is_kept_as_a_dead_letter_and_holds_up_nothing()
    {
        var endpoint = new ShardEndpoint(_fixture.Time);

        _fixture.Run(async () =>
        {
            _fixture.Assign(await _fixture.StartAsync("w1", endpoint));
            await _fixture.PublishAsync([1, 2, 3]);
            await _fixture.SendAsync("host", "", 3);
            await _fixture.DeliveredAsync();
        });

        _fixture.AssertDelivered(endpoint);
        Assert.Single(_fixture.Broker.Messages(_fixture.Names.DeadLetters(ShardFixture.Id)));
    }

    [Fact]
    public void What_an_endpoint_refuses_is_in_the_dead_letter_queue_before_it_is_acknowledged()
    {
        var endpoint = new ShardEndpoint(_fixture.Time)
        {
            Instead = push => push.Entries.Any(entry => entry.Line.StartsWith("host//2", StringComparison.Ordinal))
                ? ScriptedPushClient.Status(400, "no") : null,
        };

        _fixture.Run(async () =>
        {
            _fixture.Assign(await _fixture.StartAsync("w1", endpoint));
            await _fixture.SendAsync("host", "", 3);
            await _fixture.DeliveredAsync();
        });

        Assert.Single(_fixture.Broker.Messages(_fixture.Names.DeadLetters(ShardFixture.Id)));
        Assert.Contains(endpoint.Stored, entry => entry.Line.StartsWith("host//3", StringComparison.Ordinal));
    }

    private async Task SendSlowlyAsync(string host, int count = 60)
    {
        for (var i = 0; i < count; i++)
        {
            await _fixture.SendAsync(host, "", 1);
            await _fixture.WaitAsync(0.1);
        }
    }
}
