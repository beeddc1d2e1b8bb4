using System.CommandLine;
using System.Text.Json;
using Weir.Node.Admin;
using Weir.Node.Cluster;
using Weir.Node.Commands;
using Weir.Node.Tests.Admin;
using Weir.Node.Tests.Cluster;
using Weir.Routing.Lanes;
using Weir.Routing.Membership;
using Weir.Support;

namespace Weir.Node.Tests.Commands;

/// <summary>The commands that ask a running node, against a real listener.</summary>
public sealed class OperatorCommandTests : CommandTrial
{
    [Fact]
    public async Task Status_shows_nodes_destinations_and_lanes_in_trouble()
    {
        await using var rig = await TroubledAsync();

        var code = await RunAsync(rig, "status");

        var text = Output.ToString();
        Assert.Equal((0, ""), (code, Errors.ToString()));
        Assert.StartsWith("1 node, 1 writer, no shards, broker: none\n", text, StringComparison.Ordinal);
        Assert.Matches(@"(?m)^a +\S+ +agent,writer +0\.1\.0 +alive ", text);
        Assert.Matches(@"(?m)^loki\.write\.default +1 +\d+B +\S+ +loki$", text);
        Assert.Matches(@"(?m)^[0-9a-f]{16} +a +loki\.write\.default +loki +acme +misconfigured .*status 401", text);
    }

    [Fact]
    public async Task Status_as_json_is_the_answer_of_the_api()
    {
        await using var rig = await TroubledAsync();

        var code = await RunAsync(rig, "status", "--json");

        Assert.Equal(0, code);
        using var json = JsonDocument.Parse(Output.ToString());
        Assert.Equal("a", json.RootElement.GetProperty("node").GetString());
    }

    [Fact]
    public async Task Nodes_shards_and_lanes_are_listed()
    {
        await using var rig = await TroubledAsync();

        var codes = (
            await RunAsync(rig, "nodes"), await RunAsync(rig, "nodes", "a"), await RunAsync(rig, "shards"),
            await RunAsync(rig, "shards", "rebalance"), await RunAsync(rig, "lanes"),
            await RunAsync(rig, "lanes", "--json"));

        Assert.Equal((0, 0, 0, 0, 0, 0), codes);
        Assert.Contains("component  health  message\n", Output.ToString(), StringComparison.Ordinal);
        Assert.Contains("writer  handed back  error\na       0\n", Output.ToString(), StringComparison.Ordinal);
        Assert.Contains("\"is_paused\": false", Output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_lane_is_paused_and_resumed()
    {
        await using var rig = await TroubledAsync();
        var lane = LanePauses.IdOf(ClusterRig.Destination, "loki", "acme");

        var paused = await RunAsync(rig, "lanes", "pause", lane);
        var isPaused = rig.Delivery.Pauses.IsPaused(lane);
        var resumed = await RunAsync(rig, "lanes", "resume", lane);
        var unknown = await RunAsync(rig, "lanes", "pause", "nothing");

        Assert.Equal((0, true, 0, 1), (paused, isPaused, resumed, unknown));
        Assert.False(rig.Delivery.Pauses.IsPaused(lane));
        Assert.Equal($"lane {lane} is paused on all nodes\nlane {lane} is resumed\n", Output.ToString());
        Assert.Contains("answers 404: no lane nothing is known", Errors.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Drain_takes_an_id_or_a_name_or_the_node_that_is_asked()
    {
        await using var rig = await ClusterRig.StartAsync();

        var unknown = await RunAsync(rig, "drain", "elsewhere");
        var named = await RunAsync(rig, "drain", Environment.MachineName);
        await rig.Stopped.Task.WaitAsync(Signals.Patience);

        Assert.Equal((1, 0), (unknown, named));
        Assert.Contains("no node elsewhere is alive", Errors.ToString(), StringComparison.Ordinal);
        Assert.Equal("node a drains, and ends\n", Output.ToString());
    }

    [Fact]
    public async Task Tail_prints_lines_without_what_would_steer_a_terminal()
    {
        await using var rig = await ClusterRig.StartAsync();
        await rig.ApplyAsync(("loki", new ScriptedPushClient()));
        using var stop = new CancellationTokenSource();
        var shown = new SignallingWriter();
        var running = Root().Parse(["tail", """{job="test"} |= "e" """, "--addr", Address(rig)]).InvokeAsync(
            new InvocationConfiguration { Output = shown, Error = Errors }, stop.Token);
        while (rig.Delivery.Taps.Open is null) await Task.Delay(TimeSpan.FromMilliseconds(20));

        await rig.SendAsync("", "one", "two", "three \u001b[2J");
        await shown.Changed.UntilAsync("two lines", () => shown.Text.Count(letter => letter == '\n') == 2);
        await stop.CancelAsync();

        Assert.Equal(0, await running);
        Assert.Equal("{job=\"test\"} one\n{job=\"test\"} three \\x1b[2J\n", shown.Text);
    }

    [Theory]
    [InlineData("tail", "{job=", "answers 400: selector: parse error")]
    [InlineData("nodes", "nobody", "answers 404: no node nobody is alive")]
    public async Task What_the_node_refuses_is_said_in_a_line(string command, string argument, string expected)
    {
        await using var rig = await ClusterRig.StartAsync();

        var code = await RunAsync(rig, command, argument);

        Assert.Equal((1, ""), (code, Output.ToString()));
        Assert.Contains(expected, Errors.ToString(), StringComparison.Ordinal);
        Assert.Single(Errors.ToString().TrimEnd().Split('\n'));
    }

    [Fact]
    public async Task A_node_that_asks_for_a_token_gets_that_of_the_file()
    {
        const string token = "0123456789abcdef";
        await using var rig = await ClusterRig.StartAsync();
        await using var guarded = await AdminRig.StartAsync(
            new AdminAccess(new HttpBlockOptions(), AdminToken.Read(null, token), isPublic: true, TimeProvider.System),
            new ClusterRoutes(rig.Part.Participation));
        var file = Path.Combine(Folder.FullName, "token");
        File.WriteAllText(file, token + "\n");
        string[] ask = ["nodes", "--addr", guarded.Address.Authority];

        var without = await InvokeAsync(Root(), ask);
        var with = await InvokeAsync(Root(), [.. ask, "--token-file", file]);
        File.WriteAllText(file, "another one");
        var wrong = await InvokeAsync(Root(), [.. ask, "--token-file", file]);
        var missing = await InvokeAsync(Root(), [.. ask, "--token-file", file + ".none"]);

        Assert.Equal((1, 0, 1, 1), (without, with, wrong, missing));
        var errors = Errors.ToString().TrimEnd().Split('\n');
        Assert.Contains(
            "asks for its token: give --token-file, or set WEIR_TOKEN", errors[0], StringComparison.Ordinal);
        Assert.EndsWith("the one given is not right", errors[1], StringComparison.Ordinal);
        Assert.Contains("Could not find file", errors[2], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("127.0.0.1:1", "weir: no node answers at 127.0.0.1:1: ")]
    [InlineData("http://", "weir: --addr http:// is no address: write it as 127.0.0.1:12345")]
    public async Task A_node_that_is_not_there_is_named(string address, string expected)
    {
        var code = await InvokeAsync(Root(), ["status", "--addr", address]);

        Assert.Equal(1, code);
        Assert.StartsWith(expected, Errors.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Dead_letters_of_several_nodes_are_listed_and_sent_again_where_they_are()
    {
        var network = new NodeNetwork();
        await using var a = await ClusterRig.StartAsync("a", new ClusterTies(network.Join("a")));
        await using var b = await ClusterRig.StartAsync("b", new ClusterTies(network.Join("b")));
        await a.UntilAsync("/api/v1/nodes", nodes => nodes.GetArrayLength() == 2);
        foreach (var rig in new[] { a, b })
        {
            await rig.ApplyAsync(("loki", Always(260)));
            await rig.SendAsync("", "1");
            await rig.UntilAsync("/api/v1/deadletters", letters =>
                letters.EnumerateArray().Any(letter => letter.GetProperty("node").GetString() ==
                    rig.Part.Participation.Self.Id));
            await rig.ApplyAsync(("loki", new ScriptedPushClient()));
        }

        var listed = await RunAsync(a, "deadletters");
        var ambiguous = await RunAsync(a, "deadletters", "resend", "1");
        var one = await RunAsync(a, "deadletters", "resend", "1", "--node", "b");
        var all = await RunAsync(a, "deadletters", "resend", "--all");
        var none = await RunAsync(a, "deadletters", "resend", "7");

        Assert.Equal((0, 1, 0, 0, 1), (listed, ambiguous, one, all, none));
        Assert.Matches(@"(?m)^1 +a .* 260 +\S+:", Output.ToString());
        Assert.Matches(@"(?m)^1 +b .* 260 +\S+:", Output.ToString());
        Assert.Contains("several nodes have a dead letter 1: name one", Errors.ToString(), StringComparison.Ordinal);
        Assert.Contains("none of these dead letters is kept", Errors.ToString(), StringComparison.Ordinal);
        Assert.Empty(a.Spool.DeadLetters);
        Assert.Empty(b.Spool.DeadLetters);
    }

    [Theory]
    [InlineData(0, "-")]
    [InlineData(-5, "-")]
    [InlineData(double.NaN, "-")]
    [InlineData(0.85, "850ms")]
    [InlineData(59.9, "59s")]
    [InlineData(192, "3m12s")]
    [InlineData(18180, "5h3m")]
    [InlineData(187200, "2d4h")]
    public void Durations_are_short(double seconds, string expected) =>
        Assert.Equal(expected, Readable.Duration(seconds));

    [Theory]
    [InlineData(0, "0B")]
    [InlineData(double.NaN, "0B")]
    [InlineData(912, "912B")]
    [InlineData(1536, "1.5KiB")]
    [InlineData(12 * 1024 * 1024, "12MiB")]
    [InlineData(1e18, "888PiB")]
    public void Sizes_are_short(double bytes, string expected) => Assert.Equal(expected, Readable.Bytes(bytes));

    private static async Task<ClusterRig> TroubledAsync()
    {
        var rig = await ClusterRig.StartAsync();
        await rig.ApplyAsync(("loki", Always(401)));
        await rig.SendAsync("acme", "1");
        await rig.UntilAsync("/api/v1/cluster", answer => answer.GetProperty("lanes").EnumerateArray()
            .Any(lane => lane.GetProperty("state").GetString() == "misconfigured"));
        return rig;
    }

    private static ScriptedPushClient Always(int status) =>
        new((_, _) => ValueTask.FromResult(ScriptedPushClient.Status(status)));

    private static string Address(ClusterRig rig) => rig.Admin.Address.Authority;

    private static RootCommand Root() =>
    [
        StatusCommand.Create(), NodesCommand.Create(), ShardsCommand.Create(), LanesCommand.Create(),
        TailCommand.Create(), DrainCommand.Create(), DeadLettersCommand.Create(),
    ];

    private Task<int> RunAsync(ClusterRig rig, params string[] arguments) =>
        InvokeAsync(Root(), [.. arguments, "--addr", Address(rig)]);

    private sealed class SignallingWriter : StringWriter
    {
        private readonly Lock _gate = new();

        public Signals Changed { get; } = new();

        public string Text
        {
            get
            {
                lock (_gate) return ToString();
            }
        }

        public override void WriteLine(string? value)
        {
            lock (_gate) base.WriteLine(value);
            Changed.Raise();
        }
    }
}
