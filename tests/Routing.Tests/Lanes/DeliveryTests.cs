using Weir.Protocol.Batches;
using Weir.Routing.Lanes;
using Weir.Routing.Ports;

namespace Weir.Routing.Tests.Lanes;

public sealed class DeliveryTests
{
    private static readonly SourceKey Source = new("loki.source.file.all", "a.log");

    private readonly DeliveryFixture _fixture = new();
    private readonly ScriptedPushClient _client = new();

    [Fact]
    public void External_labels_are_added_and_the_entrys_own_win()
    {
        var settings = Settings() with { ExternalLabels = [new("host", "n1"), new("job", "outer")] };
        _fixture.Run(settings, async () =>
        {
            await _fixture.SendAsync("one");
            await _fixture.DeliveredAsync();
        });

        Assert.Equal("""{host="n1", job="test"}""", Assert.Single(_client.Pushes).Entries[0].Stream);
    }

    [Fact]
    public void An_entrys_tenant_wins_over_the_endpoints_and_leaves_the_labels()
    {
        var endpoint = DeliveryFixture.Endpoint(_client) with { TenantId = "own" };
        _fixture.Run(DeliveryFixture.Settings(endpoint), async () =>
        {
            using var inlet = _fixture.Delivery.ReceiverOf(DeliveryFixture.Id).Open();
            await inlet.SendAsync(
                _fixture.Batch(["theirs"], new("job", "a"), new("__tenant_id__", "t1"), new("__path__", "x")), default);
            await inlet.SendAsync(_fixture.Batch(["ours"], new Label("job", "a")), default);
            await _fixture.DeliveredAsync();
        });

        Assert.Equal(
            [("own", "ours", """{job="a"}"""), ("t1", "theirs", """{job="a"}""")],
            _client.Pushes.SelectMany(push => push.Entries).Select(one => (one.Tenant, one.Line, one.Stream)).Order());
    }

    [Fact]
    public void An_entry_without_a_visible_label_is_dropped_and_counted()
    {
        _fixture.Run(Settings(), async () =>
        {
            using var inlet = _fixture.Delivery.ReceiverOf(DeliveryFixture.Id).Open();
            await inlet.SendAsync(_fixture.Batch(["one", "two"], new Label("__path__", "x")), default);
            await _fixture.DeliveredAsync();
        });

        Assert.Empty(_client.Pushes);
        Assert.Equal(2, _fixture.Metric("loki_write_dropped_entries_total", "no_labels"));
    }

    [Fact]
    public void A_line_beyond_the_limit_is_a_dead_letter_and_its_neighbours_go()
    {
        var huge = new string('x', 8 * 1024 * 1024 + 1);
        _fixture.Run(Settings(), async () =>
        {
            await _fixture.SendAsync("one", huge, "two");
            await _fixture.DeliveredAsync();
        });

        Assert.Equal("one,two", DeliveryFixture.Lines(_client.Pushes));
        Assert.Equal("line_too_long", Assert.Single(_fixture.Spool.DeadLetters).Letter.Reason);
    }

    [Fact]
    public void A_batch_larger_than_a_fragment_is_cut_and_becomes_durable_at_once()
    {
        var lines = DeliveryFixture.Numbered(30, 100_000);
        _fixture.Run(Settings(), async () =>
        {
            await _fixture.SendAsync(lines);
            await _fixture.DeliveredAsync();
        });

        Assert.Equal(lines, _client.Pushes.SelectMany(push => push.Entries).Select(entry => entry.Line));
        Assert.All(_fixture.Spool.Journal, one => Assert.InRange(one.Facts.UncompressedLength, 1, 1024 * 1024));
        Assert.Single(_fixture.Spool.Journal.Select(one => one.Key).Distinct());
        Assert.InRange(_fixture.Spool.Journal.Count, 3, 4);
    }

    [Fact]
    public void A_last_line_is_sent_although_the_timer_fires_a_little_early()
    {
        _fixture.Time.TimersEarlyBy = TimeSpan.FromMicroseconds(700);
        _fixture.Run(Settings(), async () =>
        {
            await _fixture.SendAsync("one");
            await _fixture.DeliveredAsync();

            Assert.Equal("one", DeliveryFixture.Lines(_client.Pushes));
        });
    }

    [Fact]
    public void Streams_beyond_max_streams_are_dropped_and_counted()
    {
        _fixture.Run(Settings() with { StreamsMax = 1 }, async () =>
        {
            using var inlet = _fixture.Delivery.ReceiverOf(DeliveryFixture.Id).Open();
            await inlet.SendAsync(_fixture.Batch(["one"], new Label("job", "a")), default);
            await inlet.SendAsync(_fixture.Batch(["two"], new Label("job", "b")), default);
            await _fixture.DeliveredAsync();
        });

        Assert.Equal("one", DeliveryFixture.Lines(_client.Pushes));
        Assert.Equal(1, _fixture.Metric("loki_write_dropped_entries_total", "stream_limited"));
    }

    [Fact]
    public void A_destination_without_endpoints_counts_what_it_drops()
    {
        _fixture.Run(DeliveryFixture.Settings(), async () =>
        {
            await _fixture.SendAsync("one");
            await _fixture.DeliveredAsync();
        });

        Assert.Equal(1, _fixture.Metric("loki_write_dropped_entries_total", "no_endpoint"));
    }

    [Fact]
    public void Partitions_keep_each_stream_in_one_lane()
    {
        _fixture.Run(Settings() with { Partitions = 4 }, async () =>
        {
            using var inlet = _fixture.Delivery.ReceiverOf(DeliveryFixture.Id).Open();
            for (var i = 0; i < 40; i++)
                await inlet.SendAsync(_fixture.Batch([$"{i}"], new Label("job", $"{i % 8}")), default);
            await _fixture.DeliveredAsync();
        });

        var lanes = _fixture.Spool.Journal.SelectMany(one => ScriptedPushClient.Decode(one.Body.Span, "")
            .Select(entry => (entry.Stream, one.Key.Partition))).Distinct().ToList();
        Assert.Equal(8, lanes.Count);
        Assert.True(lanes.Select(lane => lane.Partition).Distinct().Count() > 1);
    }

    [Fact]
    public void A_full_spool_stops_sources_and_recovers()
    {
        var isUp = false;
        var client = new ScriptedPushClient(
            (_, _) => ValueTask.FromResult(ScriptedPushClient.Status(isUp ? 204 : 503)));
        _fixture.Spool.BytesMax = 10_000_000;
        var random = new Random(5);
        var sent = 0;
        _fixture.Run(DeliveryFixture.Settings(DeliveryFixture.Endpoint(client)) with { CapacityBytes = 50_000 },
            async () =>
        {
            var source = SendManyAsync();
            await Task.Delay(TimeSpan.FromMinutes(10), _fixture.Time);
            var before = sent;
            await Task.Delay(TimeSpan.FromMinutes(10), _fixture.Time);
            Assert.Equal(before, sent); // it waits
            Assert.InRange(_fixture.Spool.Usage.Bytes, 1, 10_000_000);
            isUp = true;
            await source;
            await _fixture.DeliveredAsync();
        });

        var arrived = client.Pushes.SelectMany(push => push.Entries).Select(entry => entry.Line[..5]).Distinct();
        Assert.Equal(DeliveryFixture.Numbered(2000, 5), arrived);
        var episodes = _fixture.Metric("weir_spool_full_total"); // it may fill again while it drains
        Assert.InRange(episodes, 1, 10);
        Assert.Equal(episodes, _fixture.Log.Lines.Count(line => line.Contains("is used up", StringComparison.Ordinal)));

        async Task SendManyAsync()
        {
            // Random text does not compress: the spool fills as fast as it is written.
            for (; sent < 2000; sent++)
            {
                var noise = new byte[8_000];
                random.NextBytes(noise);
                await _fixture.SendAsync($"{sent:00000}{Convert.ToBase64String(noise)}");
            }
        }
    }

    [Fact]
    public void With_blocking_off_what_finds_no_room_is_dropped_and_counted()
    {
        _fixture.Spool.Committing = async _ => await Task.Delay(TimeSpan.FromSeconds(1), _fixture.Time);
        _fixture.Run(Settings() with { CapacityBytes = 100_000, BlockOnOverflow = false }, async () =>
        {
            for (var i = 0; i < 200; i++) await _fixture.SendAsync(new string('x', 90_000));
            await _fixture.DeliveredAsync();
        });

        var arrived = _client.Pushes.Sum(push => push.Entries.Count);
        Assert.InRange(arrived, 1, 199);
        Assert.Equal(200 - arrived, _fixture.Metric("loki_write_dropped_entries_total", "queue_is_full"));
    }

    [Fact]
    public void One_slow_endpoint_delays_only_itself()
    {
        var slow = new ScriptedPushClient(
            (_, _) => ValueTask.FromResult(ScriptedPushClient.Status(429) with { RetryAfter = TimeSpan.FromMinutes(
                5) }));
        var fast = DeliveryFixture.Endpoint(_client, "fast");
        _fixture.Run(DeliveryFixture.Settings(fast, DeliveryFixture.Endpoint(slow, "slow")), async () =>
        {
            for (var i = 0; i < 60; i++)
            {
                await _fixture.SendAsync($"{i}");
                await Task.Delay(TimeSpan.FromSeconds(2), _fixture.Time);
                Assert.Equal(i + 1, _client.Pushes.Sum(push => push.Entries.Count));
            }

            var lanes = _fixture.Delivery.Lanes.ToDictionary(lane => lane.Lane.Endpoint);
            Assert.Equal((LaneState.Idle, 0), (lanes["fast"].State, lanes["fast"].BacklogFragments));
            Assert.Equal((LaneState.Throttled, 60), (lanes["slow"].State, lanes["slow"].BacklogFragments));
            Assert.InRange(lanes["slow"].OldestAge, TimeSpan.FromSeconds(110), TimeSpan.FromSeconds(125));
        });
    }

    [Fact]
    public void Fragments_of_an_endpoint_that_is_gone_wait_for_it_to_return()
    {
        var down = new ScriptedPushClient((_, _) => ValueTask.FromResult(ScriptedPushClient.Status(503)));
        _fixture.Run(DeliveryFixture.Settings(DeliveryFixture.Endpoint(down)), async () =>
        {
            await _fixture.SendAsync("one");
            await Task.Delay(TimeSpan.FromSeconds(10), _fixture.Time);
            await _fixture.Delivery.ApplyAsync(
                DeliveryFixture.Id, DeliveryFixture.Settings(DeliveryFixture.Endpoint(_client, "other")));
            await Task.Delay(TimeSpan.FromMinutes(5), _fixture.Time);
            Assert.Equal(LaneState.Orphaned, Assert.Single(_fixture.Delivery.Lanes).State);
            Assert.Contains("weir_lane_orphaned_fragments 1", _fixture.Metrics.Render(), StringComparison.Ordinal);
            await _fixture.Delivery.ApplyAsync(
                DeliveryFixture.Id, DeliveryFixture.Settings(DeliveryFixture.Endpoint(_client)));
            await _fixture.DeliveredAsync();
        });

        Assert.Equal("one", DeliveryFixture.Lines(_client.Pushes));
        Assert.Single(_fixture.Log.Lines, line => line.Contains("not configured", StringComparison.Ordinal));
    }

    [Fact]
    public void Dead_letters_are_sent_again_when_asked()
    {
        var isBlocked = true;
        var client = new ScriptedPushClient(
            (_, _) => ValueTask.FromResult(ScriptedPushClient.Status(isBlocked ? 260 : 204)));
        _fixture.Run(DeliveryFixture.Settings(DeliveryFixture.Endpoint(client)), async () =>
        {
            await _fixture.SendAsync("one");
            await _fixture.DeliveredAsync();
            isBlocked = false;
            var ids = _fixture.Spool.DeadLetters.Select(letter => letter.Id).ToList();
            Assert.Equal(1, await _fixture.Delivery.ResendDeadLettersAsync(ids, default));
            await _fixture.DeliveredAsync();
        });

        Assert.Equal("one one", DeliveryFixture.Lines(client.Pushes));
        Assert.Empty(_fixture.Spool.DeadLetters);
        Assert.Empty(_fixture.Spool.Fragments);
    }

    [Fact]
    public void Removing_a_destination_seals_commits_and_drains_it() =>
        _fixture.Run(Settings(), async () =>
        {
            await _fixture.SendAsync("one");
            await _fixture.Delivery.RemoveAsync(DeliveryFixture.Id, default);

            Assert.Equal("one", DeliveryFixture.Lines(_client.Pushes));
        });

    [Fact]
    public void A_source_whose_lines_were_given_up_is_told_and_resumes_before_them() =>
        _fixture.Run(Settings(), async () =>
        {
            var positions = _fixture.Delivery.Positions;
            Assert.Null(await positions.ResumeAsync(Source, default));
            using var inlet = _fixture.Delivery.ReceiverOf(DeliveryFixture.Id).Open();
            var batch = _fixture.Batch(["one"]);
            batch.Checkpoint = positions.Begin(new SourcePosition(Source, 10, ""));
            await inlet.SendAsync(batch, default);
            positions.Begin(new SourcePosition(Source, 20, "")).Abandon();

            Assert.Throws<PositionLostException>(() => positions.Begin(new SourcePosition(Source, 30, "")));
            Assert.Equal(10, (await positions.ResumeAsync(Source, default))?.Offset);
            Assert.NotNull(positions.Begin(new SourcePosition(Source, 20, "")));
        });

    [Fact]
    public void A_forgotten_source_begins_anew() =>
        _fixture.Run(Settings(), async () =>
        {
            var positions = _fixture.Delivery.Positions;
            positions.Begin(new SourcePosition(Source, 10, "")).Release();
            Assert.Equal(10, (await positions.ResumeAsync(Source, default))?.Offset);

            positions.Forget(Source);
            await Task.Delay(TimeSpan.FromSeconds(1), _fixture.Time);

            Assert.Null(await positions.ResumeAsync(Source, default));
            Assert.Empty(_fixture.Spool.PositionsAtOpen);
        });

    private DestinationSettings Settings() => DeliveryFixture.Settings(DeliveryFixture.Endpoint(_client));
}
