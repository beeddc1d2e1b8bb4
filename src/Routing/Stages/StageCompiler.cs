using Weir.Protocol.Batches;
using Weir.Routing.Components;
using Weir.Routing.Metrics;
using Weir.Routing.Templates;

namespace Weir.Routing.Stages;

/// <summary>A <c>stage.*</c> block as it is configured, its arguments valid.</summary>
public interface IStageOptions
{
    /// <summary>Makes the stage.</summary>
    Stage Compile(StageCompiler compiler);
}

/// <summary>Reads the whole of a file.</summary>
/// <exception cref="IOException">It cannot be read, or is too large.</exception>
/// <exception cref="UnauthorizedAccessException">It must not be read.</exception>
public delegate byte[] FileReader(string path);

/// <summary>What stages may read of the process they run in.</summary>
/// <param name="Files">By their paths.</param>
/// <param name="Variable">A variable of the environment; null when it is not set.</param>
public sealed record StageProcess(FileReader Files, Func<string, string?> Variable);

/// <summary>What stages are made with: slots for the names they mention, the label sets, metrics,
/// randomness.</summary>
/// <param name="time">For what is shown of metrics, and for the local time zone; stages take the time of their
/// batch.</param>
/// <param name="process">For the databases and templates of stages.</param>
public sealed class StageCompiler(
    string component, LabelSets labels, RoutingEvents events, Random random, TimeProvider time, StageProcess process)
{
    /// <summary>Nested <c>stage.match</c> at the most: deeper than any human writes, shallow enough for the
    /// stack.</summary>
    public const int DepthMax = 32;

    private readonly List<StreamMetric> _streamMetrics = [];
    private int _depth;

    public SlotTable Slots { get; } = new();

    public LabelSets Labels { get; } = labels;

    public RoutingEvents Events { get; } = events;

    /// <summary>The source of other generators' seeds.</summary>
    public Random Random { get; } = random;

    /// <summary>What templates see around them, for a batch's time.</summary>
    public TemplateSurroundings Surroundings(long now) =>
        new(now, time.LocalTimeZone, process.Variable, new TemplateChance(Random));

    public LabelTransitions Transitions(string label) => new(Labels, label);

    /// <summary>The counter of lines that a stage drops on purpose.</summary>
    public Metric Dropped(string reason) => Events.DroppedLines.With(component, reason);

    /// <summary>The counter of lines dropped for their label's value.</summary>
    public Metric DroppedByLabel(string label, string value) =>
        Events.DroppedLinesByLabel.With(component, label, value);

    /// <summary>The counter of lines that a stage could not work on as asked; they went on unchanged.</summary>
    public Metric Failed(string stage, string reason) => Events.StageFailures.With(component, stage, reason);

    /// <summary>The counter of texts that were cut, by field.</summary>
    public Metric Truncated(string field) => Events.TruncatedFields.With(component, field);

    /// <summary>A metric family with the component's id as its only label.</summary>
    public Metric Own(MetricFamily family) => family.With(component);

    /// <exception cref="ComponentException">It cannot be read.</exception>
    public byte[] ReadFile(string path)
    {
        try
        {
            return process.Files(path);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new ComponentException($"{path} cannot be read: {fault.Message}");
        }
    }

    /// <summary>A metric with a series a stream. Stages of the component that ask for the same name share it.</summary>
    /// <exception cref="ComponentException">The name is taken by another kind of metric.</exception>
    public StreamMetric StreamMetric(string name, string help, MetricKind kind, double[] bounds, TimeSpan maxIdle)
    {
        var known = _streamMetrics.Find(metric => metric.Name == name);
        if (known is null)
        {
            known = new StreamMetric(name, help, kind, component, bounds, time) { MaxIdle = maxIdle };
            if (!Events.Metrics.TryAdd(known, out var problem))
                throw new ComponentException($"stage.metrics: {problem}; choose another name or prefix");
            _streamMetrics.Add(known);
            return known;
        }

        if (known.Kind != kind || !known.Bounds.SequenceEqual(bounds))
        {
            throw new ComponentException(
                $"stage.metrics: the metric {name} is given twice, with different types or buckets; rename one");
        }

        if (maxIdle > known.MaxIdle) known.MaxIdle = maxIdle;
        return known;
    }

    /// <summary>Takes the pipeline's metrics off what the node shows.</summary>
    public void RemoveMetrics()
    {
        foreach (var metric in _streamMetrics) Events.Metrics.Remove(metric);
    }

    /// <exception cref="ComponentException">Nested too deep.</exception>
    public StageChain Compile(IReadOnlyList<IStageOptions> stages)
    {
        if (_depth == DepthMax)
            throw new ComponentException($"stage.match: nested more than {DepthMax} deep; join selectors instead");
        _depth++;
        var compiled = new Stage[stages.Count];
        for (var i = 0; i < compiled.Length; i++) compiled[i] = stages[i].Compile(this);
        _depth--;
        return new StageChain(compiled);
    }
}
