using System.Net;
using System.Text.Json;
using Weir.Node.Cluster;
using Weir.Protocol.Fragments;
using Weir.Protocol.Loki;
using Weir.Protocol.Snappy;
using Weir.Routing.Lanes;
using Weir.Routing.Membership;
using Weir.Routing.Ports;
using Weir.Routing.Sharding;
using Weir.Support;

namespace Weir.Node.Tests.Cluster;

public sealed class ClusterRoutesTests
{
    [Fact]
    public async Task A_node_alone_answers_for_a_cluster_of_one()
    {
        await using var rig = await ClusterRig.StartAsync();
        await rig.ApplyAsync(("loki", Always(401)));
        await rig.SendAsync("acme", "1", "2");

        var cluster = await rig.UntilAsync("/api/v1/cluster", answer =>
            answer.GetProperty("lanes").EnumerateArray().Any(lane => Text(lane, "state") == "misconfigured"));
        var tenants = await rig.GetAsync("/api/v1/tenants");
        var destinations = await rig.GetAsync("/api/v1/destinations");

        var member = cluster.GetProperty("members")[0];
        Assert.Equal(("a", "alive"), (Text(member, "id"), Text(member, "condition")));
        Assert.Equal(
            ["agent", "writer"], member.GetProperty("roles").EnumerateArray().Select(role => role.GetString()));
        var lane = cluster.GetProperty("lanes")[0];
        Assert.Equal(("acme", "loki", "a"), (Text(lane, "tenant"), Text(lane, "endpoint"), Text(lane, "node")));
        Assert.Contains("401", Text(lane, "last_error"), StringComparison.Ordinal);
        Assert.Equal(JsonValueKind.Null, cluster.GetProperty("broker").ValueKind);
        Assert.Equal(1, tenants[0].GetProperty("backlog_fragments").GetInt64());
        Assert.True(destinations[0].GetProperty("is_defined").GetBoolean());
        Assert.Equal(1, destinations[0].GetProperty("waiting_fragments").GetInt64());
    }

    [Fact]
    public async Task Any_node_answers_for_all_and_is_asked_about_any()
    {
        var network = new NodeNetwork();
        await using var a = await ClusterRig.StartAsync("a", new ClusterTies(network.Join("a"))
        {
            Roles = [NodeSelf.Agent],
        });
        await using var b = await ClusterRig.StartAsync("b", new ClusterTies(
            network.Join("b"), () => new BrokerStatus(true, "rabbit@one", "memory", ""), new TwoShards(), 3)
        {
            Roles = [NodeSelf.Writer],
        });
        await a.ApplyAsync();

        var seen = await a.UntilAsync("/api/v1/cluster", IsWhole);
        var same = await b.UntilAsync("/api/v1/cluster", IsWhole);
        var details = await a.GetAsync("/api/v1/nodes/b");
        var unknown = await a.Admin.GetAsync("/api/v1/nodes/nobody");
        var rebalanced = await a.PostAsync("/api/v1/shards/rebalance");

        Assert.Equal(Ids(seen), Ids(same));
        Assert.Equal(
            ["b", "", "b"], seen.GetProperty("shards").EnumerateArray().Select(shard => Text(shard, "owner")));
        Assert.Equal("memory", seen.GetProperty("broker").GetProperty("alarms")[0].GetString());
        Assert.Equal("b", Text(details, "id"));
        Assert.Equal(HttpStatusCode.NotFound, unknown.Status);
        Assert.Contains("\"given_back\": 2", rebalanced.Text, StringComparison.Ordinal);

        static bool IsWhole(JsonElement cluster) => cluster.GetProperty("shards").GetArrayLength() == 3
            && cluster.GetProperty("members").GetArrayLength() == 2;
    }

    [Fact]
    public async Task A_destination_that_no_writer_defines_is_shown_with_what_waits_for_it()
    {
        await using var rig = await ClusterRig.StartAsync("a", new ClusterTies { Roles = [NodeSelf.Agent] });
        await rig.ApplyAsync(("@broker", Always(503)));
        await rig.SendAsync("", "1");

        var destinations = await rig.UntilAsync("/api/v1/destinations", answer => answer.GetArrayLength() == 1
            && answer[0].GetProperty("waiting_fragments").GetInt64() == 1);

        Assert.False(destinations[0].GetProperty("is_defined").GetBoolean());
        Assert.Equal("a", destinations[0].GetProperty("named_by")[0].GetString());
    }

    [Fact]
    public async Task A_lane_is_paused_and_resumed_by_its_id()
    {
        await using var rig = await ClusterRig.StartAsync();
        var client = new ScriptedPushClient();
        await rig.ApplyAsync(("loki", client));
        await rig.SendAsync("acme", "1");
        var lane = LanePauses.IdOf(ClusterRig.Destination, "loki", "acme");
        await rig.UntilAsync("/api/v1/cluster", answer => answer.GetProperty("lanes").GetArrayLength() == 1);

        var paused = await rig.PostAsync($"/api/v1/lanes/{lane}/pause");
        await rig.SendAsync("acme", "2");
        await rig.UntilAsync("/api/v1/cluster", answer => answer.GetProperty("lanes").EnumerateArray()
            .Any(one => one.GetProperty("is_paused").GetBoolean() && Text(one, "state") == "paused"));
        var resumed = await rig.PostAsync($"/api/v1/lanes/{lane}/resume");
        await rig.UntilAsync("/api/v1/cluster", answer => answer.GetProperty("lanes").EnumerateArray()
            .All(one => one.GetProperty("backlog_fragments").GetInt64() == 0));
        var unknown = await rig.PostAsync("/api/v1/lanes/0000/pause");

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (paused.Status, resumed.Status));
        Assert.Equal("1 2", DeliveryFixture.Lines(client.Pushes));
        Assert.Equal(HttpStatusCode.NotFound, unknown.Status);
    }

    [Fact]
    public async Task A_node_that_is_told_to_drain_leaves_the_writers_and_ends()
    {
        var network = new NodeNetwork();
        await using var a = await ClusterRig.StartAsync("a", new ClusterTies(network.Join("a")));
        await using var b = await ClusterRig.StartAsync("b", new ClusterTies(network.Join("b")));
        await a.UntilAsync("/api/v1/nodes", nodes => nodes.GetArrayLength() == 2);

        var (status, text) = await a.PostAsync("/api/v1/nodes/b/drain");
        await b.Stopped.Task.WaitAsync(Signals.Patience);

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Contains("\"is_draining\": true", text, StringComparison.Ordinal);
        Assert.Equal(["a"], a.Part.Participation.Members.Writers);
        Assert.False(a.Stopped.Task.IsCompleted);
    }

    [Fact]
    public async Task Dead_letters_of_all_nodes_are_listed_in_pages_and_sent_again_where_they_are()
    {
        var network = new NodeNetwork();
        await using var a = await ClusterRig.StartAsync("a", new ClusterTies(network.Join("a")));
        await using var b = await ClusterRig.StartAsync("b", new ClusterTies(network.Join("b")));
        await a.UntilAsync("/api/v1/nodes", nodes => nodes.GetArrayLength() == 2);
        await RefuseAsync(a, 2);
        await RefuseAsync(b, 1);

        var all = await a.GetAsync("/api/v1/deadletters");
        var first = await a.GetAsync("/api/v1/deadletters?limit=1");
        var second = await a.GetAsync("/api/v1/deadletters?limit=1&after=1");
        var one = await a.GetAsync("/api/v1/deadletters?node=b");
        var resent = await a.PostAsync("/api/v1/deadletters/resend", """{"ids": [1], "node": "b"}""");
        var malformed = await a.PostAsync("/api/v1/deadletters/resend", """{"ids": "1" """);

        Assert.Equal(["1a", "1b", "2a"], Letters(all));
        Assert.Equal(["1a", "1b"], Letters(first));
        Assert.Equal(["2a"], Letters(second));
        Assert.Equal(["1b"], Letters(one));
        Assert.Equal((HttpStatusCode.OK, "{\n  \"resent\": 1\n}"), (resent.Status, resent.Text));
        Assert.Equal(HttpStatusCode.BadRequest, malformed.Status);
    }

    [Fact]
    public async Task What_the_broker_keeps_is_listed_shown_and_sent_again_by_any_node()
    {
        var broker = new MemoryBroker(TimeProvider.System, new Random(1));
        var (names, client) = (new ShardNames("weir"), broker.Connect("a"));
        await using var rig = await ClusterRig.StartAsync("a", new ClusterTies
        {
            Letters = destinations => new ClusterDeadLetters(client, names, 1, destinations, TimeProvider.System),
        });
        await rig.ApplyAsync(("loki", Always(204)));
        await rig.UntilAsync("/api/v1/destinations", all => all.GetArrayLength() > 0);
        await client.DeclareAsync(names.DeadLetters(ClusterRig.Destination), QueueUse.DeadLetters, default);
        await client.PublishAsync(names.DeadLetters(ClusterRig.Destination), Refused(7), default);

        var listed = await rig.GetAsync("/api/v1/deadletters");
        var shown = await rig.GetAsync("/api/v1/deadletters/7?node=@broker");
        var resent = await rig.PostAsync("/api/v1/deadletters/resend", """{"ids": [7], "node": "@broker"}""");

        Assert.Equal(["7@broker"], Letters(listed));
        Assert.Equal("one line", Text(shown.GetProperty("entries")[0], "line"));
        Assert.Equal((HttpStatusCode.OK, "{\n  \"resent\": 1\n}"), (resent.Status, resent.Text));
        Assert.Single(broker.Messages(names.Shard(ClusterRig.Destination, 0)));
        Assert.Empty(Letters(await rig.GetAsync("/api/v1/deadletters?node=@broker")));
    }

    private static byte[] Refused(long id)
    {
        var line = "one line"u8.ToArray();
        var entry = PushRequestWriter.EntryBytes(1, line.Length, 0);
        var request = new byte[PushRequestWriter.StreamBytes(7, entry)];
        var header = PushRequestWriter.WriteStreamHeader(request, "{a=\"b\"}"u8, entry);
        PushRequestWriter.WriteEntry(request.AsSpan(header), 1, line, default);
        var block = new byte[SnappyEncoder.MaxCompressedLength(request.Length)];
        var length = new SnappyEncoder().Compress(request, block);
        return FragmentMessage.Write(
            new FragmentHeader
            {
                Kind = FragmentKind.LokiPush,
                PayloadLength = length,
                UncompressedLength = request.Length,
                EntryCount = 1,
                LineBytes = line.Length,
                TimestampMin = 1,
                TimestampMax = 1,
                PayloadChecksum = 0,
            },
            new FragmentFields
            {
                Node = "w", Destination = ClusterRig.Destination, Sequence = id, Endpoint = "loki", Reason = "test",
            },
            block.AsSpan(0, length));
    }

    private static async Task RefuseAsync(ClusterRig rig, int letters)
    {
        await rig.ApplyAsync(("loki", Always(260)));
        for (var i = 1; i <= letters; i++)
        {
            var count = i;
            await rig.SendAsync("", $"{i}");
            await rig.UntilAsync("/api/v1/nodes", nodes => nodes.EnumerateArray().Any(node =>
                Text(node, "id") == rig.Part.Participation.Self.Id
                && node.GetProperty("spool").GetProperty("dead_letters").GetInt64() == count));
        }
    }

    private static ScriptedPushClient Always(int status) =>
        new((_, _) => ValueTask.FromResult(ScriptedPushClient.Status(status)));

    private static IEnumerable<string> Letters(JsonElement letters) =>
        letters.EnumerateArray().Select(letter => $"{letter.GetProperty("id")}{Text(letter, "node")}");

    private static IEnumerable<string> Ids(JsonElement cluster) =>
        cluster.GetProperty("members").EnumerateArray().Select(member => Text(member, "id"));

    private static string Text(JsonElement of, string property) => of.GetProperty(property).GetString()!;

    private sealed class TwoShards : IShardOwners
    {
        public IReadOnlyList<OwnedShard> Owned =>
        [
            new("loki.write.default", 0, 3, 1, TimeSpan.FromSeconds(2), DateTimeOffset.UnixEpoch, 0),
            new("loki.write.default", 2, 0, 0, TimeSpan.Zero, DateTimeOffset.UnixEpoch, 1),
        ];

        public IReadOnlyList<LaneStatus> Lanes => [];

        public int Rebalance() => 2;
    }
}
