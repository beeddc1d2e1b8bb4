using Weir.Protocol.Batches;
using Weir.Routing.Components;

namespace Weir.Routing.Tests.Components;

public sealed class FanOutTests
{
    private static readonly SourceKey Source = new("loki.source.file.a", "/var/log/a.log");

    private readonly LabelSets _labels = new();
    private readonly MemoryPositions _positions = new();
    private IReadOnlyList<ILogsReceiver> _receivers = [];

    [Fact]
    public async Task Every_receiver_gets_a_batch_of_its_own_and_the_checkpoint_completes_with_the_last()
    {
        var (first, second) = (new HoldingReceiver(), new HoldingReceiver());
        _receivers = [first, second];
        using var fan = new FanOut(() => _receivers);

        await fan.SendAsync(Batch("a line", 10), default);
        first.Held.Single().Dispose();
        var early = _positions.Find(Source);
        second.Held.Single().Dispose();

        Assert.NotSame(first.Held[0], second.Held[0]);
        Assert.Null(early);
        Assert.Equal(10, _positions.Find(Source)?.Offset);
    }

    [Fact]
    public async Task Without_receivers_the_batch_counts_as_delivered()
    {
        using var fan = new FanOut(() => _receivers);

        await fan.SendAsync(Batch("a line", 10), default);

        Assert.Equal(10, _positions.Find(Source)?.Offset);
    }

    [Fact]
    public async Task A_changed_list_opens_and_closes_inlets_and_keeps_the_others()
    {
        var (kept, gone, added) = (new HoldingReceiver(), new HoldingReceiver(), new HoldingReceiver());
        _receivers = [kept, gone];
        using var fan = new FanOut(() => _receivers);
        await fan.SendAsync(Batch("one", 1), default);

        _receivers = [added, kept];
        await fan.SendAsync(Batch("two", 2), default);

        Assert.Equal((1, 0, 2), (kept.Opened, kept.Closed, kept.Held.Count));
        Assert.Equal((1, 1, 1), (gone.Opened, gone.Closed, gone.Held.Count));
        Assert.True(gone.WasReleased);
        Assert.Equal((1, 0, 1), (added.Opened, added.Closed, added.Held.Count));
    }

    [Fact]
    public async Task The_same_receiver_twice_gets_everything_twice()
    {
        var receiver = new HoldingReceiver();
        _receivers = [receiver, receiver];
        using var fan = new FanOut(() => _receivers);

        await fan.SendAsync(Batch("one", 1), default);

        Assert.Equal((2, 2), (receiver.Opened, receiver.Held.Count));
    }

    [Fact]
    public async Task A_cancelled_hand_over_never_completes_the_checkpoint()
    {
        var (first, last) = (new HoldingReceiver(), new HoldingReceiver());
        var stuck = new HoldingReceiver { Refuses = true };
        _receivers = [first, stuck, last];
        using var fan = new FanOut(() => _receivers);

        await Assert.ThrowsAsync<OperationCanceledException>(async () => await fan.SendAsync(Batch("one", 1), default));
        first.Held.Single().Dispose();

        Assert.Empty(last.Held);
        Assert.Null(_positions.Find(Source));
        Assert.Throws<Routing.Ports.PositionLostException>(() => Batch("two", 2));
    }

    [Fact]
    public async Task A_cancelled_farewell_to_a_removed_receiver_gives_the_batch_up_and_closes_the_inlet()
    {
        var (gone, next) = (new HoldingReceiver(), new HoldingReceiver());
        _receivers = [gone];
        using var fan = new FanOut(() => _receivers);
        await fan.SendAsync(Batch("one", 1), default);
        gone.Refuses = true;
        _receivers = [next];

        await Assert.ThrowsAsync<OperationCanceledException>(async () => await fan.SendAsync(Batch("two", 2), default));

        Assert.Empty(next.Held);
        Assert.Equal(1, gone.Closed);
        Assert.Throws<Routing.Ports.PositionLostException>(() => Batch("three", 3));
    }

    [Fact]
    public async Task Lines_held_by_any_receiver_are_released_through_all()
    {
        var (plain, holding) = (new HoldingReceiver(), new HoldingReceiver { HoldsLines = true });
        _receivers = [plain, holding];
        using var fan = new FanOut(() => _receivers);
        var before = fan.HoldsLines;
        await fan.SendAsync(Batch("one", 1), default);

        var held = fan.HoldsLines;
        await fan.ReleaseAsync(ending: true, default);

        Assert.Equal((false, true), (before, held));
        Assert.True(plain.WasReleased && holding.WasReleased);
    }

    private LogBatch Batch(string line, long offset)
    {
        var batch = new LogBatch { Checkpoint = _positions.Begin(new SourcePosition(Source, offset, "")) };
        batch.Add(1, _labels.Empty, System.Text.Encoding.UTF8.GetBytes(line), offset);
        return batch;
    }

    /// <summary>Keeps the batches, for the test to dispose.</summary>
    private sealed class HoldingReceiver : ILogsReceiver
    {
        public List<LogBatch> Held { get; } = [];

        public int Opened { get; private set; }

        public int Closed { get; private set; }

        public bool WasReleased { get; private set; }

        /// <summary>Hand-overs and releases end as if they had been cancelled.</summary>
        public bool Refuses { get; set; }

        public bool HoldsLines { get; init; }

        public ILogsInlet Open()
        {
            Opened++;
            return new Inlet(this);
        }

        private sealed class Inlet(HoldingReceiver owner) : ILogsInlet
        {
            public bool HoldsLines => owner.HoldsLines;

            public ValueTask SendAsync(LogBatch batch, CancellationToken cancel)
            {
                if (owner.Refuses)
                {
                    FanOut.Abandon(batch);
                    throw new OperationCanceledException();
                }

                owner.Held.Add(batch);
                return ValueTask.CompletedTask;
            }

            public ValueTask ReleaseAsync(bool ending, CancellationToken cancel)
            {
                if (owner.Refuses) throw new OperationCanceledException();
                owner.WasReleased |= ending;
                return ValueTask.CompletedTask;
            }

            public void Dispose() => owner.Closed++;
        }
    }
}
