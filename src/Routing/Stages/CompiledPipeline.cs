using Weir.Protocol.Batches;
using Weir.Routing.Components;

namespace Weir.Routing.Stages;

/// <summary>The stages of a component, compiled once a configuration and shared by all its sources.</summary>
/// <remarks>Disposing it takes its metrics off what the node shows; lines may go through it still.</remarks>
public sealed class CompiledPipeline : IDisposable
{
    private readonly StageChain _stages;
    private readonly StageCompiler _compiler;

    private CompiledPipeline(StageChain stages, StageCompiler compiler)
    {
        _stages = stages;
        _compiler = compiler;
    }

    /// <exception cref="ComponentException">A stage's arguments cannot work.</exception>
    public static CompiledPipeline Compile(IReadOnlyList<IStageOptions> stages, StageCompiler compiler)
    {
        var isCompiled = false;
        try
        {
            var pipeline = new CompiledPipeline(compiler.Compile(stages), compiler);
            isCompiled = true;
            return pipeline;
        }
        finally
        {
            if (!isCompiled) compiler.RemoveMetrics();
        }
    }

    /// <summary>The pipeline as one source uses it, with state of its own.</summary>
    public PipelineInstance Instantiate() => new(_stages.Instantiate(), _compiler.Slots);

    public void Dispose() => _compiler.RemoveMetrics();
}

/// <summary>One source's pass through the stages. For that source's loop only.</summary>
public sealed class PipelineInstance
{
    private readonly StageChain _stages;
    private readonly StageBatch _batch;

    internal PipelineInstance(StageChain stages, SlotTable slots)
    {
        _stages = stages;
        _batch = new StageBatch(slots);
    }

    /// <summary>Lines are held back for a later batch.</summary>
    public bool HoldsLines => _stages.HoldsLines;

    /// <summary>The earliest <see cref="Entry.Resume"/> among held lines.</summary>
    public long EarliestHeld => _stages.EarliestHeld;

    /// <summary>Runs the stages over the batch, in place.</summary>
    /// <param name="now">Nanoseconds since the epoch.</param>
    /// <param name="ending">Nothing is held back any more.</param>
    /// <returns>How long the batch must wait before it goes on: usually zero.</returns>
    public TimeSpan Run(LogBatch lines, long now, bool ending)
    {
        if (_stages.Count == 0) return TimeSpan.Zero;
        _batch.Begin(lines, now, ending);
        _stages.Apply(_batch);
        var delay = _batch.Delay;
        _batch.End();
        return delay;
    }
}
