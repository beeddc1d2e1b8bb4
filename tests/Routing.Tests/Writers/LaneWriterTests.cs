using Weir.Routing.Lanes;
using Weir.Routing.Ports;

namespace Weir.Routing.Tests.Writers;

public sealed class LaneWriterTests
{
    private readonly DeliveryFixture _fixture = new();

    [Theory]
    [InlineData(200)]
    [InlineData(204)]
    public void An_accepted_push_is_acknowledged(int status)
    {
        var client = new ScriptedPushClient(status);

        Deliver(client, "one", "two");

        Assert.Equal("one,two", DeliveryFixture.Lines(client.Pushes));
        Assert.Empty(_fixture.Spool.Fragments);
        Assert.Equal(2, _fixture.Metric("loki_write_sent_entries_total", "a"));
    }

    [Fact]
    public void A_blocked_tenant_becomes_a_dead_letter_although_260_looks_like_success()
    {
        var client = new ScriptedPushClient(260);

        Deliver(client, "one");

        Assert.Single(client.Pushes);
        AssertBuried("ingestion_blocked", 260, "one");
    }

    [Theory]
    [InlineData(408)]
    [InlineData(500)]
    [InlineData(503)]
    public void A_failure_is_sent_again_byte_for_byte_until_it_is_accepted(int status)
    {
        var client = new ScriptedPushClient(status, status, status);

        Deliver(client, "one", "two");

        Assert.Equal(4, client.Pushes.Count);
        Assert.All(client.Pushes, push => Assert.Equal(client.Pushes[0].Body, push.Body));
        Assert.Equal(3, _fixture.Metric("loki_write_batch_retries_total"));
        Assert.Empty(_fixture.Spool.Fragments);
    }

    [Fact]
    public void Without_an_answer_it_is_sent_again_however_long_it_takes()
    {
        var attempts = 0;
        var client = new ScriptedPushClient((_, _) => ValueTask.FromResult(++attempts <= 200
            ? new PushAnswer(PushOutcome.Unknown, 0, TimeSpan.Zero, "timeout") : ScriptedPushClient.Accepted));

        Deliver(client, "one");

        Assert.Equal(201, attempts);
        Assert.Empty(_fixture.Spool.Fragments);
        Assert.Empty(_fixture.Spool.DeadLetters);
    }

    [Fact]
    public void Retries_end_in_a_dead_letter_only_where_the_configuration_limits_them()
    {
        var client = new ScriptedPushClient((_, _) => ValueTask.FromResult(ScriptedPushClient.Status(500)));

        Deliver(client, endpoint => endpoint with { RetriesMax = 3 }, "one");

        Assert.Equal(4, client.Pushes.Count);
        AssertBuried("ingester_error", 500, "one");
    }

    [Theory]
    [InlineData(301)]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(404)]
    [InlineData(405)]
    public void What_is_misconfigured_is_kept_and_said_now_and_then(int status)
    {
        var client = new ScriptedPushClient([.. Enumerable.Repeat(status, 20)]);

        Deliver(client, endpoint => endpoint with { RetriesMax = 2 }, "one");

        Assert.Equal(21, client.Pushes.Count);
        Assert.Empty(_fixture.Spool.DeadLetters);
        var said = _fixture.Log.Lines.Count(line => line.StartsWith("Error", StringComparison.Ordinal));
        Assert.InRange(said, 1, 15); // at once, then every five minutes, not at each of the 20 attempts
    }

    [Fact]
    public void A_throttled_lane_waits_as_asked_and_never_counts_that_as_a_failure()
    {
        var times = new List<DateTimeOffset>();
        var client = new ScriptedPushClient((_, _) =>
        {
            times.Add(_fixture.Time.GetUtcNow());
            return ValueTask.FromResult(times.Count <= 5
                ? ScriptedPushClient.Status(429) with { RetryAfter = TimeSpan.FromSeconds(7) }
                : ScriptedPushClient.Accepted);
        });

        Deliver(client, endpoint => endpoint with { RetriesMax = 1 }, "one");

        Assert.Equal(6, times.Count);
        Assert.All(times.Zip(times.Skip(1)), pair => Assert.Equal(TimeSpan.FromSeconds(7), pair.Second - pair.First));
        Assert.Empty(_fixture.Spool.DeadLetters);
    }

    [Fact]
    public void A_throttled_push_becomes_a_dead_letter_where_the_configuration_says_not_to_wait()
    {
        var client = new ScriptedPushClient(429);

        Deliver(client, endpoint => endpoint with { RetryOnRateLimit = false }, "one");

        AssertBuried("rate_limited", 429, "one");
    }

    [Fact]
    public void A_push_above_the_burst_is_halved_without_waiting()
    {
        var client = new ScriptedPushClient((push, _) => ValueTask.FromResult(push.Entries.Count > 2
            ? ScriptedPushClient.Status(429, "ingestion rate limit exceeded for user a (limit: 100 bytes/sec) while "
                + "attempting to ingest '8' lines totaling '200' bytes, reduce log volume")
            : ScriptedPushClient.Accepted));

        Deliver(client, DeliveryFixture.Numbered(8));

        Assert.Equal(7, client.Pushes.Count);
        Assert.Equal(["0,1", "2,3", "4,5", "6,7"], Accepted(client, 2));
    }

    [Fact]
    public void A_push_that_is_too_large_is_split_and_what_no_split_helps_is_a_dead_letter()
    {
        var client = new ScriptedPushClient((push, _) => ValueTask.FromResult(
            ScriptedPushClient.Status(push.Entries.Any(entry => entry.Line == "3") ? 413 : 204)));

        Deliver(client, DeliveryFixture.Numbered(8));

        AssertBuried("ingester_error", 413, "3");
        Assert.Equal(7, client.Pushes.Where(push => push.Entries.All(entry => entry.Line != "3"))
            .Sum(push => push.Entries.Count));
    }

    [Fact]
    public void After_a_400_the_refused_entry_is_found_in_log2_steps_and_only_it_is_buried()
    {
        var client = new ScriptedPushClient((push, _) => ValueTask.FromResult(
            ScriptedPushClient.Status(push.Entries.Any(entry => entry.Line == "700") ? 400 : 204, "bad")));

        Deliver(client, DeliveryFixture.Numbered(1024, 3));

        AssertBuried("ingester_error", 400, "700");
        Assert.InRange(client.Pushes.Count, 2, 1 + 2 * 10);
    }

    [Fact]
    public void When_more_is_refused_than_a_search_can_find_the_rest_is_kept_as_dead_letters()
    {
        var client = new ScriptedPushClient((_, _) => ValueTask.FromResult(ScriptedPushClient.Status(400, "all bad")));

        Deliver(client, DeliveryFixture.Numbered(4096, 4));

        var buried = _fixture.Spool.DeadLetters.Sum(letter => letter.Letter.Facts.Entries);
        Assert.Equal(4096, buried);
        Assert.InRange(client.Pushes.Count, 2, 200);
    }

    [Fact]
    public void A_400_that_names_stream_and_limit_needs_no_search()
    {
        var tooOld = "entry for stream '{job=\"test\"}' has timestamp too old: 2023-11-14T22:13:20Z, "
            + "oldest acceptable timestamp is: 2023-11-21T22:13:20Z";
        var client = new ScriptedPushClient((_, _) => ValueTask.FromResult(ScriptedPushClient.Status(400, tooOld)));

        Deliver(client, "one", "two");

        Assert.Single(client.Pushes);
        AssertBuried("ingester_error", 400, "one,two");
    }

    [Fact]
    public void A_backlog_is_joined_into_pushes_of_the_batch_size_and_stays_in_order()
    {
        var isUp = false;
        var client = new ScriptedPushClient((_, _) =>
            ValueTask.FromResult(ScriptedPushClient.Status(isUp ? 204 : 503)));
        _fixture.Run(DeliveryFixture.Settings(DeliveryFixture.Endpoint(client)), async () =>
        {
            for (var i = 0; i < 20; i++)
            {
                await _fixture.SendAsync($"{i}");
                await Task.Delay(TimeSpan.FromSeconds(3), _fixture.Time);
            }

            isUp = true;
            await _fixture.DeliveredAsync();
        });

        var accepted = client.Pushes.SkipWhile(push => push.Entries[0].Line == "0").ToList();
        Assert.Single(accepted); // all but the push under way in one body
        Assert.Equal(DeliveryFixture.Numbered(20)[1..], accepted[0].Entries.Select(entry => entry.Line));
    }

    [Fact]
    public void A_damaged_fragment_becomes_a_dead_letter_and_holds_up_nothing()
    {
        var client = new ScriptedPushClient();
        var key = new FragmentKey(DeliveryFixture.Id, "", 0);
        _fixture.Run(DeliveryFixture.Settings(), async () =>
        {
            await _fixture.Spool.CommitAsync(
                new SpoolTransaction
                {
                    Fragments = [new SealedFragment(key, ["a"], new FragmentFacts(9, 1, 1, 0, 0), new byte[] { 255 })],
                },
                default);
            await _fixture.Delivery.ResendDeadLettersAsync([], default);
            await _fixture.Delivery.ApplyAsync(
                DeliveryFixture.Id, DeliveryFixture.Settings(DeliveryFixture.Endpoint(client)));
            await _fixture.SendAsync("one");
            await _fixture.DeliveredAsync();
        });

        Assert.Equal("one", DeliveryFixture.Lines(client.Pushes));
        Assert.Equal("damaged", Assert.Single(_fixture.Spool.DeadLetters).Letter.Reason);
    }

    private void Deliver(ScriptedPushClient client, params string[] lines) => Deliver(client, one => one, lines);

    private void Deliver(ScriptedPushClient client, Func<EndpointSettings, EndpointSettings> with,
        params string[] lines) =>
        _fixture.Run(DeliveryFixture.Settings(with(DeliveryFixture.Endpoint(client))), async () =>
        {
            await _fixture.SendAsync(lines);
            await _fixture.DeliveredAsync();
        });

    private static IEnumerable<string> Accepted(ScriptedPushClient client, int entriesMax) => client.Pushes
        .Where(push => push.Entries.Count <= entriesMax)
        .Select(push => string.Join(',', push.Entries.Select(entry => entry.Line)));

    private void AssertBuried(string reason, int status, string lines)
    {
        var (_, letter) = Assert.Single(_fixture.Spool.DeadLetters);
        Assert.Equal((reason, status), (letter.Reason, letter.StatusCode));
        Assert.Equal(lines, string.Join(',',
            ScriptedPushClient.Decode(letter.Body.Span, "").Select(entry => entry.Line)));
        Assert.Equal(lines.Split(',').Length, letter.Facts.Entries);
        Assert.Empty(_fixture.Spool.Fragments);
        Assert.Equal(letter.Facts.Entries, _fixture.Metric("loki_write_dropped_entries_total", reason));
    }
}
