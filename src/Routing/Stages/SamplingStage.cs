using Weir.Routing.Language;
using Weir.Routing.Metrics;

namespace Weir.Routing.Stages;

/// <summary>Block <c>stage.sampling</c>: keeps a random part of the lines.</summary>
[BlockName("stage.sampling")]
public sealed record SamplingOptions : IStageOptions, IValidated
{
    /// <summary>The part that stays, 0 to 1.</summary>
    [Argument("rate", Required = true)]
    public double Rate { get; init; }

    /// <summary>The reason under which the counter shows the others.</summary>
    [Argument("drop_counter_reason")]
    public string Reason { get; init; } = "sampling_stage";

    public void Validate(OptionProblems problems)
    {
        if (Rate is not (>= 0 and <= 1)) problems.Add("rate", "must be between 0 and 1");
    }

    public Stage Compile(StageCompiler compiler) => new SamplingStage(
        Rate, compiler.Random, compiler.Random, compiler.Dropped(Reason.Length == 0 ? "sampling_stage" : Reason));
}

/// <param name="random">This instance's own.</param>
/// <param name="seeds">Gives each source's instance its seed.</param>
internal sealed class SamplingStage(double rate, Random random, Random seeds, Metric dropped) : Stage
{
    public override Stage Instantiate()
    {
        // Sources open inlets from their own threads.
        lock (seeds) return new SamplingStage(rate, new Random(seeds.Next()), seeds, dropped);
    }

    public override void Apply(StageBatch batch)
    {
        var live = batch.Live;
        var kept = 0;
        foreach (var entry in live)
            if (random.NextDouble() < rate) live[kept++] = entry;
        if (kept == live.Length) return;
        dropped.Add(live.Length - kept);
        batch.Truncate(kept);
    }
}
