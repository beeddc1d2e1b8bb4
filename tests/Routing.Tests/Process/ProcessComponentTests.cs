using System.Text;
using Weir.Protocol.Batches;
using Weir.Routing.Components;
using Weir.Routing.Metrics;
using Weir.Routing.Process;
using Weir.Routing.Stages;
using Weir.Routing.Tests.Stages;

namespace Weir.Routing.Tests.Process;

public sealed class ProcessComponentTests
{
    private readonly Host _host = new();
    private readonly Ledger _ledger = new();
    private readonly Sink _sink = new();

    [Fact]
    public async Task The_exported_receiver_stays_the_same_over_reloads()
    {
        var component = await StartAsync(new DropOptions { Expression = "x" });
        var first = _host.Exported;

        await component.ApplyAsync(Options(new DropOptions { Expression = "y" }), default);

        Assert.Equal(first, _host.Exported);
        Assert.Same(component, first!.Receiver);
    }

    [Fact]
    public async Task An_open_inlet_follows_a_reload_at_its_next_batch()
    {
        var component = await StartAsync(new DropOptions { Expression = "x" });
        using var inlet = component.Open();
        await SendAsync(inlet, 2, "x", "y");

        await component.ApplyAsync(Options(new DropOptions { Expression = "y" }), default);
        await SendAsync(inlet, 4, "x", "y");

        Assert.Equal(["y", "x"], _sink.Lines);
    }

    [Fact]
    public async Task A_batch_of_which_nothing_is_left_still_carries_its_position_on()
    {
        var component = await StartAsync(new DropOptions { Expression = "." });
        using var inlet = component.Open();

        await SendAsync(inlet, 2, "x", "y");

        Assert.Equal([2L], _sink.Offsets);
    }

    [Fact]
    public async Task A_batch_whose_lines_are_held_moves_the_position_only_to_before_them()
    {
        var component = await StartAsync(new CriOptions());
        using var inlet = component.Open();

        await SendAsync(inlet, 3, "t stdout F a", "t stdout P b", "t stderr F c");

        Assert.Equal((true, "a c"), (inlet.HoldsLines, string.Join(' ', _sink.Lines)));
        Assert.Equal([1L], _sink.Offsets);
    }

    [Fact]
    public async Task The_batch_that_completes_held_lines_moves_the_position_behind_them()
    {
        var component = await StartAsync(new CriOptions());
        using var inlet = component.Open();
        await SendAsync(inlet, 1, "t stdout P a");

        await SendAsync(inlet, 2, "t stdout F b");

        Assert.Equal((false, "ab"), (inlet.HoldsLines, string.Join(' ', _sink.Lines)));
        Assert.Equal([0L, 2L], _sink.Offsets);
    }

    [Fact]
    public async Task A_release_sends_held_lines_on_with_a_later_position_of_their_own()
    {
        var component = await StartAsync(new CriOptions());
        using var inlet = component.Open();
        await SendAsync(inlet, 1, "t stdout P a");

        await inlet.ReleaseAsync(ending: false, default);
        var waiting = _sink.Lines.Count;
        await inlet.ReleaseAsync(ending: true, default);

        Assert.Equal((0, "a"), (waiting, string.Join(' ', _sink.Lines)));
        Assert.Equal([0L, 1L], _sink.Offsets);
        Assert.Equal([1L, 2L], _sink.Sequences);
    }

    [Fact]
    public async Task A_release_passes_no_line_that_another_receiver_still_holds()
    {
        var components = new[] { await StartAsync(new CriOptions()), await StartAsync(new CriOptions()) };
        using var fan = new FanOut(() => components);
        await SendAsync(fan, 1, "t stdout P a");

        await fan.ReleaseAsync(ending: true, default);

        Assert.Equal([0L, 0L, 0L, 1L], _sink.Offsets);
    }

    [Fact]
    public async Task A_reload_first_sends_on_what_the_old_stages_hold_under_the_position_of_the_next_batch()
    {
        var component = await StartAsync(new CriOptions());
        using var inlet = component.Open();
        await SendAsync(inlet, 1, "t stdout P a");

        await component.ApplyAsync(Options(new OutputOptions { Source = "none" }), default);
        await SendAsync(inlet, 2, "t stdout F b");

        Assert.Equal(["a", "t stdout F b"], _sink.Lines);
        Assert.Equal([1L, 2L, 2L], _sink.Sequences);
        Assert.Equal([2L], _ledger.Completed.Where(checkpoint => checkpoint.Sequence == 2)
            .Select(checkpoint => checkpoint.Position.Offset));
    }

    [Fact]
    public async Task A_reload_that_changes_only_the_receivers_keeps_what_the_stages_hold()
    {
        var component = await StartAsync(new CriOptions());
        using var inlet = component.Open();
        await SendAsync(inlet, 1, "t stdout P a");

        await component.ApplyAsync(Options(new CriOptions()), default);
        await SendAsync(inlet, 2, "t stdout F b");

        Assert.Equal(["ab"], _sink.Lines);
    }

    [Fact]
    public async Task A_batch_that_cannot_be_delivered_is_given_up_and_its_position_never_completes()
    {
        var component = await StartAsync(new CriOptions());
        using var inlet = component.Open();
        _sink.Refuses = true;

        await Assert.ThrowsAsync<OperationCanceledException>(() => SendAsync(inlet, 1, "t stdout F a").AsTask());

        Assert.Empty(_ledger.Completed);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Metrics_of_lines_go_with_the_stages_that_made_them(bool disposes)
    {
        var counter = new CounterOptions { Name = "n", MatchAll = true };
        var component = await StartAsync(new MetricsOptions { Metrics = [counter] });
        using var inlet = component.Open();
        await SendAsync(inlet, 1, "x");
        var before = _host.Events.Metrics.Sum("loki_process_custom_n");

        if (disposes) await component.DisposeAsync();
        else await component.ApplyAsync(Options(new MetricsOptions { Metrics = [counter, counter] }), default);

        Assert.Equal((1, 0), (before, _host.Events.Metrics.Sum("loki_process_custom_n")));
    }

    private async Task<ProcessComponent> StartAsync(params IStageOptions[] stages)
    {
        var component = new ProcessComponent(_host, new StageProcess(File.ReadAllBytes, _ => null));
        await component.ApplyAsync(Options(stages), default);
        return component;
    }

    private ProcessOptions Options(params IStageOptions[] stages) => new() { ForwardTo = [_sink], Stages = stages };

    /// <summary>A batch whose lines begin at the offsets up to the one at which it ends.</summary>
    private ValueTask SendAsync(ILogsInlet inlet, long end, params string[] lines)
    {
        var batch = new LogBatch { Checkpoint = _ledger.Begin(new SourcePosition(new SourceKey("c", "k"), end, "")) };
        foreach (var line in lines)
            batch.Add(0, _host.Labels.Empty, Encoding.UTF8.GetBytes(line), end - lines.Length + batch.Count);
        return inlet.SendAsync(batch, default);
    }

    private sealed class Ledger : ICheckpointLedger
    {
        private long _sequence;

        public List<Checkpoint> Completed { get; } = [];

        public Checkpoint Begin(SourcePosition position) => new(position, ++_sequence, this);

        public void Complete(Checkpoint checkpoint) => Completed.Add(checkpoint);

        public void Abandon(Checkpoint checkpoint)
        {
        }
    }

    private sealed class Sink : ILogsReceiver, ILogsInlet
    {
        public List<string> Lines { get; } = [];

        public List<long> Offsets { get; } = [];

        public List<long> Sequences { get; } = [];

        public bool Refuses { get; set; }

        public bool HoldsLines => false;

        public ILogsInlet Open() => this;

        public ValueTask SendAsync(LogBatch batch, CancellationToken cancel)
        {
            if (Refuses)
            {
                FanOut.Abandon(batch);
                throw new OperationCanceledException();
            }

            Lines.AddRange(StageRig.Lines(batch));
            Offsets.Add(batch.Checkpoint!.Position.Offset);
            Sequences.Add(batch.Checkpoint.Sequence);
            batch.Dispose();
            return ValueTask.CompletedTask;
        }

        public ValueTask ReleaseAsync(bool ending, CancellationToken cancel) => ValueTask.CompletedTask;

        public void Dispose()
        {
        }
    }

    private sealed class Host : IComponentHost
    {
        public string Id => "loki.process.test";

        public TimeProvider Time => TimeProvider.System;

        public RoutingEvents Events { get; } = new(new StageRig.SilentLog(), new MetricRegistry());

        public LabelSets Labels { get; } = new();

        public ProcessExports? Exported { get; private set; }

        public void Export(object exports) => Exported = (ProcessExports)exports;

        public void Report(HealthState state, string message)
        {
        }
    }
}
