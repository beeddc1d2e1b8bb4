namespace Weir.Routing.Stages;

/// <summary>One step of a pipeline over all live entries of a batch: no I/O, no await, no clock, nothing allocated a
/// line.</summary>
/// <remarks>
/// A stage without state of its own serves all sources at once, from any thread; one with state gives each source its
/// own instance. What it shares among sources it takes and counts once a batch.
/// </remarks>
public abstract class Stage
{
    /// <summary>Lines are held back that a later batch completes or releases.</summary>
    public virtual bool HoldsLines => false;

    /// <summary>The earliest <see cref="Protocol.Batches.Entry.Resume"/> among held lines;
    /// <see cref="long.MaxValue"/> without any.</summary>
    public virtual long EarliestHeld => long.MaxValue;

    /// <summary>The stage as one source uses it.</summary>
    public virtual Stage Instantiate() => this;

    /// <summary>
    /// Changes, drops or adds live entries. A stage that holds lines is also called without any: it then releases
    /// those
    /// whose wait is over, and all of them when <see cref="StageBatch.Ending"/>.
    /// </summary>
    public abstract void Apply(StageBatch batch);
}
