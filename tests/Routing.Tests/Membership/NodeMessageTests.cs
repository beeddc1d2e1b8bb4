using Google.Protobuf;
using Weir.Protocol.Cluster;
using Weir.Routing.Membership;

namespace Weir.Routing.Tests.Membership;

public sealed class NodeMessageTests
{
    private readonly MembershipRig _rig = new();

    [Fact]
    public void A_node_answers_another_one_and_itself() => _rig.Run(async () =>
    {
        var a = _rig.Start("a", "agent");
        _rig.Start("b", "writer");

        var other = await a.Part.Requests.AskAsync("b", new Request { Rebalance = new Rebalance() }, default);
        a.Wire.IsCut = true;
        var own = await a.Part.Requests.AskAsync("a", new Request { Details = new Details() }, default);
        var cut = await a.Part.Requests.AskAsync("b", new Request { Details = new Details() }, default);

        Assert.Equal(("", "Rebalance"), (other.Error, Text(other)));
        Assert.Equal(("", "Details"), (own.Error, Text(own)));
        Assert.Contains("no connection", cut.Error, StringComparison.Ordinal);
    });

    [Fact]
    public void A_node_that_does_not_answer_is_waited_for_five_seconds() => _rig.Run(async () =>
    {
        var a = _rig.Start("a", "agent");
        var b = _rig.Start("b", "writer");
        b.Answer = async (_, cancel) =>
        {
            await Task.Delay(TimeSpan.FromSeconds(7), _rig.Time, cancel);
            return new NodeAnswer("", default);
        };
        var started = _rig.Time.GetUtcNow();

        var answer = await a.Part.Requests.AskAsync("b", new Request { Details = new Details() }, default);

        Assert.Equal("node b did not answer within 5 s", answer.Error);
        Assert.Equal(TimeSpan.FromSeconds(5), _rig.Time.GetUtcNow() - started);
        await _rig.WaitAsync(3);
        Assert.Equal(1, _rig.Skipped("late_answer"));
    });

    [Fact]
    public void A_request_of_a_newer_version_is_answered_with_the_reason() => _rig.Run(async () =>
    {
        var a = _rig.Start("a", "agent");
        _rig.Start("b", "writer");

        var answer = await a.Part.Requests.AskAsync("b", new Request(), default);

        Assert.Contains("1.2.3, which does not know this request", answer.Error, StringComparison.Ordinal);
    });

    [Fact]
    public void An_answer_of_another_node_than_the_asked_one_is_skipped() => _rig.Run(async () =>
    {
        var a = _rig.Start("a", "agent");
        var asking = a.Part.Requests.AskAsync("nobody", new Request { Details = new Details() }, default).AsTask();
        for (var id = 0UL; id < 10; id++)
        {
            _rig.Network.Deliver("a", new NodeMessage
            {
                From = "evil", StartedAtMs = 1, Answer = new Answer { Id = id, Error = "forged" },
            }.ToByteArray());
        }

        var answer = await asking;

        Assert.Contains("did not answer", answer.Error, StringComparison.Ordinal);
    });

    [Fact]
    public void Fields_and_bodies_that_a_version_does_not_know_are_skipped() => _rig.Run(async () =>
    {
        var a = _rig.Start("a", "agent");
        var known = new NodeMessage
        {
            From = "b", StartedAtMs = 1, State = new NodeState { Sequence = 1, Version = "9.9.9" },
        }.ToByteArray();
        byte[] future = [0xfa, 0x3f, 0x03, 1, 2, 3]; // field 1023, three bytes

        _rig.Network.Deliver("a", (byte[])[.. known, .. future]);
        _rig.Network.Deliver("a", new byte[] { 0x0a, 0x01, (byte)'c', 0x10, 0x01, 0xfa, 0x3f, 0x00 });
        await _rig.WaitAsync(0.5);

        Assert.Equal("9.9.9", a.Part.Members.Find("b")!.State.Version);
        Assert.Null(a.Part.Members.Find("c"));
        Assert.Equal(1, _rig.Skipped("unknown"));
    });

    [Theory]
    [InlineData("")]
    [InlineData("with space")]
    [InlineData("../etc")]
    [InlineData("\u0001")]
    public void A_message_without_a_proper_sender_is_skipped(string from) => _rig.Run(async () =>
    {
        var a = _rig.Start("a", "agent");

        _rig.Network.Deliver("a", new NodeMessage { From = from, State = new NodeState() }.ToByteArray());
        await _rig.WaitAsync(0.5);

        Assert.Equal(1, _rig.Skipped("malformed"));
        Assert.Equal("a:Alive", a.Seen);
    });

    [Fact]
    public void More_nodes_and_larger_states_than_there_is_room_for_are_counted() => _rig.Run(async () =>
    {
        var a = _rig.Start("a", "agent");
        await _rig.WaitAsync(0.1);

        for (var i = 0; i < MembershipLimits.MembersMax; i++)
        {
            _rig.Network.Deliver("a", new NodeMessage
            {
                From = $"n{i}", StartedAtMs = 1, State = new NodeState { Sequence = 1 },
            }.ToByteArray());
        }

        _rig.Network.Deliver("a", new NodeMessage
        {
            From = "n0",
            StartedAtMs = 1,
            State = new NodeState { Sequence = 2, Version = new string('x', MembershipLimits.StateBytesMax) },
        }.ToByteArray());
        await _rig.WaitAsync(0.1);

        Assert.Equal(MembershipLimits.MembersMax, a.Part.Members.All.Count);
        Assert.Equal(1, _rig.Skipped("too_many_members"));
        Assert.Equal(1, _rig.Skipped("too_large"));
        Assert.Equal("", a.Part.Members.Find("n0")!.State.Version);
    });

    [Fact]
    public void Garbled_messages_stop_nothing() => Fuzz.Run(5, random =>
    {
        var rig = new MembershipRig();
        rig.Run(async () =>
        {
            var a = rig.Start("a", "agent", "writer");
            for (var i = 0; i < 1000; i++) rig.Network.Deliver("a", Garbled(random));
            await rig.WaitAsync(30);

            Assert.DoesNotContain(rig.Log.Lines, line => line.Contains("faulted", StringComparison.Ordinal));
            Assert.Contains("a:Alive", a.Seen, StringComparison.Ordinal);
            var answer = await a.Part.Requests.AskAsync("a", new Request { Details = new Details() }, default);
            Assert.Equal("", answer.Error);
        });
    });

    private static ReadOnlyMemory<byte> Garbled(Random random)
    {
        var message = new NodeMessage { From = "b", StartedAtMs = 1 };
        if (random.Next(2) == 0) message.TailOrder = new TailOrder { Query = "{", ExpiresAfterMs = -5 };
        else
        {
            message.State = new NodeState
            {
                Sequence = 1,
                Lanes = { new LaneState { Destination = "d", BacklogBytes = -1, NextAttemptAtMs = long.MaxValue } },
                Pauses = { new LanePause { Lane = "x", ChangedAtMs = long.MaxValue } },
            };
        }

        var bytes = message.ToByteArray();
        for (var flips = random.Next(4); flips > 0; flips--)
            bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
        return bytes.AsMemory(0, random.Next(bytes.Length + 1));
    }

    private static string Text(NodeAnswer answer) => System.Text.Encoding.UTF8.GetString(answer.Json.Span);
}
