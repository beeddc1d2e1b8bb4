using Google.Protobuf;
using Weir.Protocol.Cluster;

namespace Weir.Routing.Tests.Membership;

public sealed class PresenceTests
{
    private readonly MembershipRig _rig = new();

    [Fact]
    public void Nodes_know_each_other_at_once() => _rig.Run(async () =>
    {
        var a = _rig.Start("a", "agent");
        var b = _rig.Start("b", "writer");
        await _rig.WaitAsync(0.5);

        Assert.Equal("a:Alive b:Alive", a.Seen);
        Assert.Equal(a.Seen, b.Seen);
        var c = _rig.Start("c", "agent", "writer");
        await _rig.WaitAsync(0.5);

        Assert.Equal("a:Alive b:Alive c:Alive", a.Seen);
        Assert.Equal(a.Seen, c.Seen);
        Assert.Equal("b c", a.Writers);
        Assert.Equal("b c", c.Writers);
    });

    [Fact]
    public void A_node_alone_knows_itself() => _rig.Run(async () =>
    {
        var a = _rig.Start("a", "agent", "writer");
        a.Wire.IsCut = true;
        await _rig.WaitAsync(60);

        Assert.Equal("a:Alive", a.Seen);
        Assert.Equal("a", a.Writers);
    });

    [Fact]
    public void A_node_that_crashes_is_shown_as_late_within_five_seconds_and_then_is_gone() => _rig.Run(async () =>
    {
        var a = _rig.Start("a", "writer");
        var b = _rig.Start("b", "writer");
        await _rig.WaitAsync(21.9);
        await b.CrashAsync();

        await _rig.WaitAsync(3.1);
        Assert.Equal("a:Alive b:Late", a.Seen);
        Assert.Equal("a b", a.Writers);
        await _rig.WaitAsync(3);

        Assert.Equal("a:Alive b:Gone", a.Seen);
        Assert.Equal("a", a.Writers);
        Assert.Contains(_rig.Log.Lines, line => line.Contains("it counts as gone node=b", StringComparison.Ordinal));
    });

    [Fact]
    public void A_goodbye_counts_at_once_and_a_node_that_went_is_forgotten_in_the_end() => _rig.Run(async () =>
    {
        var a = _rig.Start("a", "writer");
        var b = _rig.Start("b", "writer");
        await _rig.WaitAsync(1);
        await b.StopAsync();

        await _rig.WaitAsync(0.01);
        Assert.Equal("a:Alive b:Left", a.Seen);
        Assert.Equal("a", a.Writers);
        await _rig.WaitAsync(3660);

        Assert.Equal("a:Alive", a.Seen);
    });

    [Fact]
    public void A_node_that_drains_takes_no_shards_and_stays() => _rig.Run(async () =>
    {
        var a = _rig.Start("a", "writer");
        var b = _rig.Start("b", "writer");
        await _rig.WaitAsync(1);

        b.Part.Presence.Drain();
        await _rig.WaitAsync(0.5);

        Assert.Equal("a", a.Writers);
        Assert.Equal("a", b.Writers);
        Assert.Equal("a:Alive b:Alive", a.Seen);
    });

    [Fact]
    public void A_restarted_node_counts_whatever_its_clock_says() => _rig.Run(async () =>
    {
        var a = _rig.Start("a", "writer");
        var b = _rig.Start("b", "agent");
        await _rig.WaitAsync(1);
        await b.CrashAsync();

        await _rig.WaitAsync(1);
        var again = _rig.Start("b", "writer");
        await _rig.WaitAsync(0.5);

        Assert.Equal("a b", a.Writers);
        Assert.Equal(again.Part.Self.StartedAt.ToUnixTimeMilliseconds(),
            a.Part.Members.Find("b")!.StartedAt.ToUnixTimeMilliseconds());
    });

    [Fact]
    public void An_older_run_or_state_does_not_come_back() => _rig.Run(async () =>
    {
        var a = _rig.Start("a", "writer");
        Say("b", startedAtMs: 2000, sequence: 7, version: "new");
        Say("b", startedAtMs: 2000, sequence: 6, version: "late");
        Say("b", startedAtMs: 1000, sequence: 9, version: "old");
        _rig.Network.Deliver(null, new NodeMessage
        {
            From = "b", StartedAtMs = 1000, Goodbye = new Goodbye(),
        }.ToByteArray());

        await _rig.WaitAsync(0.5);
        Assert.Equal("new", a.Part.Members.Find("b")!.State.Version);
        Assert.Equal("a:Alive b:Alive", a.Seen);
    });

    [Fact]
    public void A_node_that_was_stopped_for_a_while_gives_nobody_up_before_it_has_listened() => _rig.Run(async () =>
    {
        var a = _rig.Start("a", "writer");
        var b = _rig.Start("b", "writer");
        await _rig.WaitAsync(1);

        _rig.Time.Advance(TimeSpan.FromSeconds(30)); // no code runs meanwhile
        await _rig.WaitAsync(0.5);

        Assert.Equal("a b", a.Writers);
        Assert.Equal("a b", b.Writers);
        Assert.DoesNotContain(_rig.Log.Lines, line => line.Contains("gone", StringComparison.Ordinal));
    });

    [Fact]
    public void Who_waits_for_writers_is_told() => _rig.Run(async () =>
    {
        var a = _rig.Start("a", "writer");
        await _rig.WaitAsync(1);
        var waiting = a.Part.Members.ChangedAsync(a.Part.Members.Writers, default);

        var b = _rig.Start("b", "writer");
        Assert.Equal(["a", "b"], await waiting);
        var next = a.Part.Members.ChangedAsync(a.Part.Members.Writers, default);
        await b.StopAsync();

        Assert.Equal(["a"], await next);
    });

    [Fact]
    public void A_destination_is_shared_out_over_the_writers_that_define_it() => _rig.Run(async () =>
    {
        var a = _rig.Start("a", "writer");
        var b = _rig.Start("b", "writer");
        var c = _rig.Start("c", "agent");
        foreach (var node in new[] { b, c }) node.Describe = () => Names("loki");
        a.Describe = () => Names();
        await _rig.WaitAsync(3);
        var before = a.Part.Members.WritersOf("loki");
        var waiting = c.Part.Members.ChangedAsync(c.Part.Members.Writers, default);

        a.Describe = () => Names("loki");
        a.Part.Presence.Changed();
        await waiting;

        Assert.Equal(["b"], before);
        Assert.Equal(["a", "b"], c.Part.Members.WritersOf("loki"));
        Assert.Empty(c.Part.Members.WritersOf("elsewhere"));

        static NodeState Names(params string[] endpoints) => new()
        {
            Destinations = { new DestinationState { Id = "loki", Endpoints = { endpoints } } },
        };
    });

    [Fact]
    public void A_limit_is_divided_by_the_writers_that_have_work_for_it() => _rig.Run(async () =>
    {
        var a = _rig.Start("a", "writer");
        var b = _rig.Start("b", "writer");
        foreach (var node in new[] { a, b })
        {
            node.Describe = () => new NodeState
            {
                Lanes =
                {
                    new LaneState { Destination = "d", Endpoint = "e", Tenant = "t", BacklogFragments = 1 },
                    new LaneState { Destination = "d", Endpoint = "e", Tenant = "idle" },
                },
            };
            node.Part.Presence.Changed();
        }

        await _rig.WaitAsync(1);

        Assert.Equal(2, a.Part.Members.CountServing("d", "e", "t"));
        Assert.Equal(1, a.Part.Members.CountServing("d", "e", "idle"));
        Assert.Equal(1, a.Part.Members.CountServing("d", "other", "t"));
    });

    [Fact]
    public void States_come_every_two_seconds_and_never_faster_than_five_a_second() => _rig.Run(async () =>
    {
        var states = 0;
        var a = _rig.Start("a", "writer");
        a.Describe = () =>
        {
            states++;
            return new NodeState();
        };
        await _rig.WaitAsync(20.5);

        Assert.Equal(10, states);
        for (var i = 0; i < 100; i++)
        {
            a.Part.Presence.Changed();
            await _rig.WaitAsync(0.01);
        }

        Assert.InRange(states, 14, 16);
    });

    [Fact]
    public void Two_nodes_of_one_id_are_told_of() => _rig.Run(async () =>
    {
        _rig.Start("a", "writer");

        Say("a", startedAtMs: 1, sequence: 1, version: "copy");
        await _rig.WaitAsync(0.5);

        Assert.Equal(1, _rig.Skipped("same_id"));
        Assert.Contains(_rig.Log.Lines, line => line.Contains("node-id", StringComparison.Ordinal));
    });

    [Fact]
    public void A_paused_lane_is_known_everywhere_also_to_those_who_come_later() => _rig.Run(async () =>
    {
        var a = _rig.Start("a", "writer");
        var b = _rig.Start("b", "writer");
        await _rig.WaitAsync(1);
        Assert.True(a.Part.TryPause("0123456789abcdef", isPaused: true));

        await _rig.WaitAsync(0.5);
        Assert.True(b.Pauses.IsPaused("0123456789abcdef"));
        var c = _rig.Start("c", "writer");
        await _rig.WaitAsync(0.5);
        Assert.True(c.Pauses.IsPaused("0123456789abcdef"));
        Assert.True(c.Part.TryPause("0123456789abcdef", isPaused: false));
        await _rig.WaitAsync(0.5);

        Assert.False(a.Pauses.IsPaused("0123456789abcdef"));
        Assert.False(b.Pauses.IsPaused("0123456789abcdef"));
    });

    private void Say(string from, long startedAtMs, long sequence, string version) =>
        _rig.Network.Deliver(null, new NodeMessage
        {
            From = from,
            StartedAtMs = startedAtMs,
            State = new NodeState { Sequence = sequence, Version = version },
        }.ToByteArray());
}
