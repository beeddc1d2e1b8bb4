using Weir.Protocol.Batches;
using Weir.Routing.Ports;

namespace Weir.Routing.Tests.Lanes;

public sealed class FullSpoolTests
{
    private static readonly SourceKey Source = new("loki.source.file.all", "a.log");

    private readonly DeliveryFixture _fixture = new();
    private readonly Random _random = new(1);

    [Fact]
    public void A_destination_behind_a_full_spool_stops_after_its_drain_timeout_and_commits_no_position()
    {
        _fixture.Spool.BytesMax = 0;
        var settings = DeliveryFixture.Settings(DeliveryFixture.Endpoint(new ScriptedPushClient())) with
        {
            DrainTimeout = TimeSpan.FromSeconds(3),
        };
        _fixture.Run(settings, async () =>
        {
            using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(10), _fixture.Time);
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => SendUntilStoppedAsync(stop.Token));
            await _fixture.Delivery.RemoveAsync(DeliveryFixture.Id, default);

            Assert.Throws<PositionLostException>(() => Begin(offset: 1)); // its lines were given up: read them again
        });

        Assert.Empty(_fixture.Spool.Fragments);
        Assert.Empty(_fixture.Spool.PositionsAtOpen);
        Assert.Single(_fixture.Log.Lines, line => line.Contains("stopped before the spool took all"));
    }

    private Checkpoint Begin(long offset) =>
        _fixture.Delivery.Positions.Begin(new SourcePosition(Source, offset, ""));

    /// <summary>More than the committer and the destination hold, so that the builder waits as well.</summary>
    private async Task SendUntilStoppedAsync(CancellationToken cancel)
    {
        using var inlet = _fixture.Delivery.ReceiverOf(DeliveryFixture.Id).Open();
        var labels = _fixture.Labels.Of([new Label("job", "test")]);
        var line = new byte[1_000_000];
        for (var i = 0L; ; i++)
        {
            _random.NextBytes(line); // nothing to compress
            var batch = new LogBatch(line.Length, 1) { Checkpoint = Begin(i) };
            batch.Add(i, labels, line, 0);
            await inlet.SendAsync(batch, cancel);
        }
    }
}
