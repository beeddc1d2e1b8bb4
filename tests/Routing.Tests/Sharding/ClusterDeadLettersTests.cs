using Weir.Routing.Lanes;
using Weir.Routing.Ports;
using Weir.Routing.Sharding;

namespace Weir.Routing.Tests.Sharding;

public sealed class ClusterDeadLettersTests
{
    private readonly ShardFixture _fixture = new();
    private readonly ShardEndpoint _first;
    private readonly ShardEndpoint _second;
    private bool _isStrict = true;

    public ClusterDeadLettersTests()
    {
        _first = new ShardEndpoint(_fixture.Time, "a")
        {
            Instead = push => _isStrict && push.Entries.Any(IsPoisoned)
                ? ScriptedPushClient.Status(400, "too bad") : null,
        };
        _second = new ShardEndpoint(_fixture.Time, "b");
    }

    [Fact]
    public void They_are_listed_in_pages_shown_and_sent_again_to_the_endpoint_that_refused_them()
    {
        _fixture.Run(async () =>
        {
            _fixture.Assign(await _fixture.StartAsync("w1", _first, _second));
            await _fixture.SendAsync("host", "acme", 3);
            await _fixture.SendAsync("host", "other", 3);
            await _fixture.DeliveredAsync();
            var letters = Letters();

            var all = await letters.ListAsync(0, 10, default);
            Assert.Equal(2, all.Count);
            Assert.Equal(all.Skip(1), await letters.ListAsync(all[0].Id, 10, default));
            Assert.Equal(all.Take(1), await letters.ListAsync(0, 1, default));
            var (lane, reason) = (all[0].Letter.Lane, all[0].Letter.Reason);
            Assert.Equal(("a", DropReason.IngesterError, 400), (lane.Endpoint, reason, all[0].Letter.StatusCode));
            var shown = await letters.FindAsync(all[1].Id, default);
            Assert.True(IsPoisoned(ScriptedPushClient.Decode(shown!.Letter.Body.Span, "").Single()));
            Assert.Null(await letters.FindAsync(7, default));

            _isStrict = false;
            Assert.Equal(1, await letters.ResendAsync([all[1].Id], default));
            await _fixture.DeliveredAsync();
            Assert.Equal(all.Take(1), await letters.ListAsync(0, 10, default));
            Assert.Equal(1, await letters.ResendAsync([all[0].Id, 7], default));
            await _fixture.DeliveredAsync();
            Assert.Empty(await letters.ListAsync(0, 10, default));
        });

        Assert.Equal(6, _first.Stored.Distinct().Count());
        _fixture.AssertDelivered(_second);
    }

    [Fact]
    public void One_that_is_refused_again_is_a_dead_letter_again()
    {
        _fixture.Run(async () =>
        {
            _fixture.Assign(await _fixture.StartAsync("w1", _first));
            await _fixture.SendAsync("host", "", 2);
            await _fixture.DeliveredAsync();
            var letters = Letters();
            var before = await letters.ListAsync(0, 10, default);

            await letters.ResendAsync([before.Single().Id], default);
            await _fixture.DeliveredAsync();

            var after = await letters.ListAsync(0, 10, default);
            Assert.NotEqual(before.Single().Id, after.Single().Id);
        });
    }

    [Fact]
    public void Of_an_endpoint_that_is_gone_they_are_kept_with_that_reason()
    {
        _fixture.Run(async () =>
        {
            var node = await _fixture.StartAsync("w1", _first, _second);
            _fixture.Assign(node);
            await _fixture.SendAsync("host", "", 2);
            await _fixture.DeliveredAsync();
            await node.ApplyAsync(_second);
            var letters = Letters();

            await letters.ResendAsync([(await letters.ListAsync(0, 10, default)).Single().Id], default);
            await _fixture.DeliveredAsync();

            Assert.Equal(DropReason.NoEndpoint, (await letters.ListAsync(0, 10, default)).Single().Letter.Reason);
        });
    }

    [Fact]
    public void Who_looks_while_another_one_does_is_told_so()
    {
        _fixture.Run(async () =>
        {
            _fixture.Assign(await _fixture.StartAsync("w1", _first));
            await _fixture.SendAsync("host", "", 2);
            await _fixture.DeliveredAsync();
            var other = _fixture.Broker.Connect("other");
            await using var session = await other.OpenSessionAsync(default);
            await session.ConsumeAsync(_fixture.Names.DeadLetters(ShardFixture.Id), QueueUse.DeadLetters, default);

            var refused = await Assert.ThrowsAsync<IOException>(async () => await Letters().ListAsync(0, 10, default));

            Assert.Contains("somebody else", refused.Message);
        });
    }

    private ClusterDeadLetters Letters() => new(
        _fixture.Broker.Connect("reader"), _fixture.Names, _fixture.Shards, () => [ShardFixture.Id], _fixture.Time);

    private static bool IsPoisoned(ReceivedEntry entry) => entry.Line.Contains("/2/", StringComparison.Ordinal);
}
