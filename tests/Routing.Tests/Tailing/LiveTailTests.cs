using System.Text;
using Weir.Protocol.Batches;
using Weir.Routing.Lanes;
using Weir.Routing.Tailing;
using Weir.Routing.Tests.Membership;

namespace Weir.Routing.Tests.Tailing;

public sealed class LiveTailTests
{
    private readonly MembershipRig _rig = new();
    private readonly LabelSets _labels = new();

    [Fact]
    public void Matching_lines_of_every_node_come_to_the_asker() => _rig.Run(async () =>
    {
        var a = _rig.Start("a", "agent");
        var b = _rig.Start("b", "agent");
        await TailAsync(a, """{job="api"} |= "error" """, async (feed, cancel) =>
        {
            await _rig.WaitAsync(0.1);
            Show(b, "api", "an error", "fine", "error 2");
            Show(b, "web", "error of another");
            Show(a, "api", "own error");

            var pieces = new[] { await NextAsync(feed, cancel), await NextAsync(feed, cancel) };

            Assert.Equal(["a: own error", "b: an error|error 2"], pieces.Select(Text).Order());
            var line = pieces.Single(piece => piece.Node == "b").Lines[0];
            Assert.Equal("{job=\"api\"}", line.Stream.ToStringUtf8());
            Assert.Equal(
                ("d", "tenant-1", 1_700_000_000_000_000_000L), (line.Destination, line.Tenant, line.Timestamp));
        });

        await _rig.WaitAsync(0.5);
        Assert.Null(a.Taps.Open);
        Assert.Null(b.Taps.Open);
    });

    [Fact]
    public void An_order_that_nobody_renews_ends() => _rig.Run(async () =>
    {
        var a = _rig.Start("a", "agent");
        var b = _rig.Start("b", "agent");
        var tailing = TailAsync(
            a, """{job="api"}""", (_, cancel) => Task.Delay(TimeSpan.FromHours(1), _rig.Time, cancel));
        await _rig.WaitAsync(60);
        Assert.NotNull(b.Taps.Open);

        a.Wire.IsCut = true;
        await _rig.WaitAsync(11);

        Assert.Null(b.Taps.Open);
        Assert.NotNull(a.Taps.Open);
        await tailing;
    });

    [Fact]
    public void What_a_slow_reader_does_not_take_is_counted() => _rig.Run(async () =>
    {
        const int lines = 400;
        var a = _rig.Start("a", "agent");
        var b = _rig.Start("b", "agent");
        await TailAsync(a, """{job="api"}""", async (feed, cancel) =>
        {
            await _rig.WaitAsync(0.1);
            for (var i = 0; i < lines; i++)
            {
                Show(b, "api", new string('x', 10_000));
                if (i % 20 == 0) await _rig.WaitAsync(0.25);
            }

            await _rig.WaitAsync(1);
            long received = 0, lost = 0;
            while (await feed.TakeAsync(TimeSpan.FromSeconds(1), _rig.Time, cancel) is { } piece)
            {
                received += piece.Lines.Count;
                lost += piece.Lost;
            }

            Assert.Equal(lines, received + lost);
            Assert.InRange(received, 50, TailLimits.FeedBytesMax / 10_000);
        });
    });

    [Fact]
    public void A_long_line_is_cut() => _rig.Run(async () =>
    {
        var a = _rig.Start("a", "agent");
        await TailAsync(a, """{job="api"}""", async (feed, cancel) =>
        {
            await _rig.WaitAsync(0.1);
            Show(a, "api", new string('x', TailLimits.LineBytesMax + 5));

            var piece = await NextAsync(feed, cancel);

            Assert.Equal((TailLimits.LineBytesMax, 5), (piece.Lines[0].Line.Length, piece.Lines[0].Cut));
        });
    });

    [Fact]
    public void More_tails_than_a_node_follows_are_refused_to_their_asker() => _rig.Run(async () =>
    {
        var a = _rig.Start("a", "agent");
        var b = _rig.Start("b", "agent");
        for (var i = 0UL; i < TailLimits.OrdersMax; i++)
            b.Taps.Take("c", new() { Id = i, Query = "{job=\"api\"}", ExpiresAfterMs = 10_000 });
        await TailAsync(a, """{job="api"}""", async (feed, cancel) =>
        {
            var piece = await NextAsync(feed, cancel);

            Assert.Equal(("b", "32 tails are followed here already"), (piece.Node, piece.Refused));
        });
    });

    [Fact]
    public void Lines_are_shown_with_their_final_labels_and_delivered_all_the_same()
    {
        var fixture = new DeliveryFixture();
        var client = new ScriptedPushClient();
        var settings = DeliveryFixture.Settings(DeliveryFixture.Endpoint(client)) with
        {
            ExternalLabels = [new Label("cluster", "eu")],
        };
        fixture.Run(settings, async () =>
        {
            fixture.Delivery.Taps.Take("a", new()
            {
                Id = 1, Query = """{cluster="eu", __tenant_id__=""} != "2" """, ExpiresAfterMs = 10_000,
            });

            await fixture.SendAsync("1", "2", "3");
            await fixture.DeliveredAsync();
        });

        var taken = fixture.Delivery.Taps.Open![0].Take()!;
        Assert.Equal(["1", "3"], taken.Lines.Select(line => line.Line.ToStringUtf8()));
        Assert.All(taken.Lines, line => Assert.Equal("{cluster=\"eu\", job=\"test\"}", line.Stream.ToStringUtf8()));
        Assert.Equal("1,2,3", DeliveryFixture.Lines(client.Pushes));
    }

    private async Task TailAsync(RigNode node, string query, Func<TailFeed, CancellationToken, Task> read)
    {
        using var cancel = new CancellationTokenSource();
        Assert.True(await node.Part.Tails.TailAsync(query, read, cancel.Token));
    }

    private async Task<TailPiece> NextAsync(TailFeed feed, CancellationToken cancel) =>
        await feed.TakeAsync(TimeSpan.FromSeconds(5), _rig.Time, cancel)
            ?? throw new TimeoutException("no piece in five seconds");

    private void Show(RigNode node, string job, params string[] lines)
    {
        if (node.Taps.Open is not { } taps) return;
        using var batch = new LogBatch(256, 4);
        var set = _labels.Of([new Label("job", job)]);
        foreach (var line in lines) batch.Add(1_700_000_000_000_000_000L, set, Encoding.UTF8.GetBytes(line), 0);
        LineTaps.Show(taps, batch, "d", new int[lines.Length], _ => "tenant-1");
    }

    private static string Text(TailPiece piece) =>
        $"{piece.Node}: {string.Join('|', piece.Lines.Select(line => line.Line.ToStringUtf8()))}";
}
