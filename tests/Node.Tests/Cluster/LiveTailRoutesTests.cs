using System.Net;
using System.Text.Json;
using Weir.Node.Cluster;
using Weir.Support;

namespace Weir.Node.Tests.Cluster;

public sealed class LiveTailRoutesTests
{
    [Fact]
    public async Task A_tail_gets_matching_lines_of_another_node_as_events()
    {
        var network = new NodeNetwork();
        await using var a = await ClusterRig.StartAsync("a", new ClusterTies(network.Join("a")));
        await using var b = await ClusterRig.StartAsync("b", new ClusterTies(network.Join("b")));
        await b.ApplyAsync(("loki", new ScriptedPushClient()));
        using var tail = await OpenAsync(a, """{job="test"} |= "error" """);
        await TappedAsync(b);

        await b.SendAsync("acme", "fine", "an error\n\u0001");
        var line = await EventAsync(tail, "line");

        Assert.Equal("an error\n\u0001", line.GetProperty("line").GetString());
        Assert.Equal("b", line.GetProperty("node").GetString());
        Assert.Equal("acme", line.GetProperty("tenant").GetString());
        Assert.Equal("test", line.GetProperty("labels").GetProperty("job").GetString());
        Assert.Equal("1700000000000000000", line.GetProperty("timestamp").GetString());
    }

    [Fact]
    public async Task A_reader_that_stands_still_loses_lines_and_holds_up_no_delivery()
    {
        const int lines = 4000;
        await using var rig = await ClusterRig.StartAsync();
        var client = new ScriptedPushClient();
        await rig.ApplyAsync(("loki", client));
        using var tail = await OpenAsync(rig, """{job="test"}""");
        await TappedAsync(rig);
        var text = new string('x', 4000);

        for (var i = 0; i < lines; i += 100) await rig.SendAsync("", [.. Enumerable.Repeat(text, 100)]);
        int Delivered() => client.Pushes.Sum(push => push.Entries.Count);
        for (var left = 600; left > 0 && Delivered() < lines; left--) await Task.Delay(TimeSpan.FromMilliseconds(50));
        var delivered = Delivered();
        var (shown, lost) = await CountAsync(tail, lines);

        Assert.Equal(lines, delivered);
        Assert.Equal(lines, shown + lost);
        Assert.NotEqual(0, lost);
    }

    [Fact]
    public async Task A_reader_that_goes_away_ends_the_order()
    {
        await using var rig = await ClusterRig.StartAsync();
        await rig.ApplyAsync(("loki", new ScriptedPushClient()));
        var tail = await OpenAsync(rig, """{job="test"}""");
        await TappedAsync(rig);

        tail.Dispose();

        for (var left = 600; left > 0 && rig.Delivery.Taps.Open is not null; left--)
            await Task.Delay(TimeSpan.FromMilliseconds(50));
        Assert.Null(rig.Delivery.Taps.Open);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{job=")]
    [InlineData("""{job="x"} | json""")]
    public async Task A_selector_that_is_none_is_refused_with_the_reason(string selector)
    {
        await using var rig = await ClusterRig.StartAsync();

        var (status, text) = await rig.Admin.GetAsync($"/api/v1/tail?selector={Uri.EscapeDataString(selector)}");

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.StartsWith("selector: parse error", text, StringComparison.Ordinal);
    }

    private static async Task<StreamReader> OpenAsync(ClusterRig rig, string selector)
    {
        var stream = await rig.Admin.Client.GetStreamAsync($"/api/v1/tail?selector={Uri.EscapeDataString(selector)}");
        return new StreamReader(stream);
    }

    private static async Task TappedAsync(ClusterRig rig)
    {
        for (var left = 600; left > 0 && rig.Delivery.Taps.Open is null; left--)
            await Task.Delay(TimeSpan.FromMilliseconds(50));
        Assert.NotNull(rig.Delivery.Taps.Open);
    }

    /// <summary>Reads until all lines are accounted for.</summary>
    private static async Task<(long Shown, long Lost)> CountAsync(StreamReader tail, long lines)
    {
        long shown = 0, lost = 0;
        using var patience = new CancellationTokenSource(Signals.Patience);
        while (shown + lost < lines && await tail.ReadLineAsync(patience.Token) is { } text)
        {
            if (text == "event: line") shown++;
            if (text != "event: lost") continue;
            var data = await tail.ReadLineAsync(patience.Token) ?? "";
            lost += JsonDocument.Parse(data["data: ".Length..]).RootElement.GetProperty("lines").GetInt64();
        }

        return (shown, lost);
    }

    private static async Task<JsonElement> EventAsync(StreamReader tail, string name)
    {
        using var patience = new CancellationTokenSource(Signals.Patience);
        while (await tail.ReadLineAsync(patience.Token) is { } text)
        {
            if (text != $"event: {name}") continue;
            var data = await tail.ReadLineAsync(patience.Token) ?? "";
            return JsonDocument.Parse(data["data: ".Length..]).RootElement;
        }

        throw new TimeoutException($"the tail ended without an event {name}");
    }
}
