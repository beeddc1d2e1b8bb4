using Weir.Routing.Lanes;

namespace Weir.Routing.Tests.Lanes;

public sealed class LanePausesTests
{
    private static readonly string Lane = LanePauses.IdOf(DeliveryFixture.Id, "a", "");

    [Fact]
    public void A_paused_lane_sends_nothing_and_the_others_go_on()
    {
        var fixture = new DeliveryFixture();
        var (paused, other) = (new ScriptedPushClient(), new ScriptedPushClient());
        var settings = DeliveryFixture.Settings(
            DeliveryFixture.Endpoint(paused), DeliveryFixture.Endpoint(other, "b"));
        fixture.Run(settings, async () =>
        {
            fixture.Delivery.Pauses.TrySet(Lane, isPaused: true);
            await fixture.SendAsync("1", "2");
            await Task.Delay(TimeSpan.FromMinutes(10), fixture.Time);

            Assert.Empty(paused.Pushes);
            Assert.Equal("1,2", DeliveryFixture.Lines(other.Pushes));
            Assert.Equal(LaneState.Paused, fixture.Delivery.Lanes.Single(lane => lane.Lane.Endpoint == "a").State);
            fixture.Delivery.Pauses.TrySet(Lane, isPaused: false);
            await fixture.DeliveredAsync();
        });

        Assert.Equal("1,2", DeliveryFixture.Lines(paused.Pushes));
    }

    [Fact]
    public void Nothing_is_tried_again_while_a_lane_is_paused()
    {
        var fixture = new DeliveryFixture();
        var client = new ScriptedPushClient(500, 500, 204);
        fixture.Run(DeliveryFixture.Settings(DeliveryFixture.Endpoint(client)), async () =>
        {
            await fixture.SendAsync("1");
            while (client.Pushes.Count == 0) await Task.Delay(TimeSpan.FromMilliseconds(10), fixture.Time);
            fixture.Delivery.Pauses.TrySet(Lane, isPaused: true);
            await Task.Delay(TimeSpan.FromHours(1), fixture.Time);

            Assert.Single(client.Pushes);
            fixture.Delivery.Pauses.TrySet(Lane, isPaused: false);
            await fixture.DeliveredAsync();
        });

        Assert.Equal(3, client.Pushes.Count);
    }

    [Fact]
    public void The_newest_word_counts_and_an_operators_is_newer_than_all_that_is_known()
    {
        var time = new ManualTime();
        var pauses = new LanePauses(time);
        var later = time.GetUtcNow().AddMinutes(1);

        Assert.True(pauses.Merge(new LanePause(Lane, true, later)));
        Assert.False(pauses.Merge(new LanePause(Lane, false, later)));
        Assert.True(pauses.IsPaused(Lane));
        Assert.True(pauses.TrySet(Lane, isPaused: false));

        Assert.False(pauses.IsPaused(Lane));
        Assert.True(pauses.All.Single().ChangedAt > later);
    }

    [Fact]
    public void What_was_resumed_longest_ago_is_forgotten_first_and_what_is_paused_never()
    {
        var time = new ManualTime();
        var pauses = new LanePauses(time);
        for (var i = 0; i < LanePauses.LanesMax; i++)
        {
            Assert.True(pauses.TrySet($"lane-{i}", isPaused: i > 0));
            time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.True(pauses.TrySet("one more", isPaused: true));
        Assert.False(pauses.TrySet("one too many", isPaused: true));

        Assert.DoesNotContain(pauses.All, pause => pause.Lane == "lane-0");
        Assert.True(pauses.IsPaused("lane-1"));
    }

    [Fact]
    public void Ids_of_lanes_are_the_same_in_every_version() => Assert.Equal(
        ("dbc0bc4fd3c21f2d", "6caa5dfe50ba623e"),
        (LanePauses.IdOf("loki.write.default", "loki:3100/loki/api/v1/push", "acme"), LanePauses.IdOf("a", "", "b")));
}
