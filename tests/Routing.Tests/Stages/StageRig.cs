using System.Text;
using Weir.Protocol.Batches;
using Weir.Protocol.Loki;
using Weir.Routing.Metrics;
using Weir.Routing.Ports;
using Weir.Routing.Stages;

namespace Weir.Routing.Tests.Stages;

/// <summary>A pipeline with everything it needs: takes lines and shows what leaves it.</summary>
internal sealed class StageRig
{
    public const long Now = 1_700_000_000_000_000_000;

    /// <summary>Files are the machine's; of variables there is but HOSTNAME.</summary>
    public static readonly StageProcess Process = new(File.ReadAllBytes, name => name == "HOSTNAME" ? "box" : null);

    private readonly PipelineInstance _pipeline;
    private readonly StringBuilder _probed = new();
    private LabelSet? _reusedLabels;
    private byte[]? _reusedLine;
    private LogBatch? _reused;

    public StageRig(params IStageOptions[] stages)
    {
        Events = new RoutingEvents(new SilentLog(), Metrics);
        Compiler = new StageCompiler("loki.process.test", Labels, Events, new Random(1), Time, Process);
        _pipeline = CompiledPipeline.Compile([.. stages.Select(Wire)], Compiler).Instantiate();
    }

    public LabelSets Labels { get; } = new();

    public MetricRegistry Metrics { get; } = new();

    /// <summary>The clock of what is shown, at <see cref="Now"/> to begin with.</summary>
    public ManualTime Time { get; } = new(DateTimeOffset.UnixEpoch.AddTicks(Now / TimeSpan.NanosecondsPerTick));

    public RoutingEvents Events { get; }

    public StageCompiler Compiler { get; }

    public PipelineInstance Pipeline => _pipeline;

    /// <summary>What the probes saw: <c>name=text</c> of values with text, <c>name:nil</c> of those without; absent
    /// ones are left out.</summary>
    public string Probed => _probed.Length == 0 ? "" : _probed.ToString()[..^1];

    /// <summary>Labels written as <c>a=1 b=2</c>.</summary>
    public LabelSet Set(string labels) =>
        Labels.Of(labels.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(pair => pair.Split('=', 2)).Select(pair => KeyValuePair.Create(pair[0], pair[1])));

    public LogBatch Batch(params (string Line, string Labels)[] lines)
    {
        var batch = new LogBatch();
        for (var i = 0; i < lines.Length; i++)
            batch.Add(Now + i, Set(lines[i].Labels), Encoding.Latin1.GetBytes(lines[i].Line), i);
        return batch;
    }

    /// <summary>A batch of 20 equal lines made without strings, once warm.</summary>
    public LogBatch Reused(string line, string labels)
    {
        _reusedLabels ??= Set(labels);
        _reusedLine ??= Encoding.Latin1.GetBytes(line);
        _reused ??= new LogBatch();
        for (var i = _reused.Count; i < 20; i++) _reused.Add(Now, _reusedLabels, _reusedLine, i);
        foreach (ref var entry in _reused.Entries)
        {
            entry.Labels = _reusedLabels;
            entry.MetadataLength = 0;
        }

        return _reused;
    }

    public LogBatch Run(LogBatch batch, long now = Now, bool ending = false)
    {
        _pipeline.Run(batch, now, ending);
        return batch;
    }

    /// <summary>Runs lines without labels through and gives the lines that leave.</summary>
    public string[] Lines(params string[] lines) => Lines(Run(Batch([.. lines.Select(line => (line, ""))])));

    /// <summary>The only entry that leaves, after one line with labels.</summary>
    public (string Line, string Labels, long Timestamp, string Metadata) One(string line, string labels = "")
    {
        var batch = Run(Batch((line, labels)));
        Assert.Equal(1, batch.Count);
        return (Lines(batch)[0], Show(batch[0].Labels), batch[0].Timestamp, Metadata(batch, 0));
    }

    public static string[] Lines(LogBatch batch) =>
        [.. Enumerable.Range(0, batch.Count).Select(i => Encoding.Latin1.GetString(batch.Line(batch[i])))];

    public static string Show(LabelSet labels) =>
        string.Join(' ', labels.Labels.ToArray().Select(label => $"{label.Name}={label.Value}"));

    public static string Metadata(LogBatch batch, int entry)
    {
        var shown = new List<string>();
        var pairs = new MetadataReader(batch.Metadata(batch[entry]));
        while (pairs.Read()) shown.Add($"{Encoding.UTF8.GetString(pairs.Name)}={Encoding.UTF8.GetString(pairs.Value)}");
        return string.Join(' ', shown);
    }

    public double Dropped(string reason) => Events.DroppedLines.With("loki.process.test", reason).Value;

    public double Failed(string stage, string reason) =>
        Events.StageFailures.With("loki.process.test", stage, reason).Value;

    private IStageOptions Wire(IStageOptions stage) => stage switch
    {
        Probe probe => probe with { Seen = _probed },
        MatchOptions match => match with { Stages = [.. match.Stages.Select(Wire)] },
        _ => stage,
    };

    internal sealed class SilentLog : IProcessLog
    {
        public bool IsEnabled(LogSeverity severity) => false;

        public void Write(
            LogSeverity severity, string component, string message, params ReadOnlySpan<LogField> fields)
        {
        }
    }
}

/// <summary>A stage that notes the extracted values of these names.</summary>
internal sealed record Probe(params string[] Names) : IStageOptions
{
    public StringBuilder Seen { get; init; } = new();

    public Stage Compile(StageCompiler compiler) =>
        new Noting(Names, Array.ConvertAll(Names, compiler.Slots.Add), Seen);

    private sealed class Noting(string[] names, int[] slots, StringBuilder seen) : Stage
    {
        public override void Apply(StageBatch batch)
        {
            foreach (var entry in batch.Live)
            {
                for (var i = 0; i < slots.Length; i++)
                {
                    var value = batch.Get(entry, slots[i]);
                    if (value.HasText) seen.Append($"{names[i]}={Encoding.Latin1.GetString(batch.Text(value))} ");
                    else if (value.Exists) seen.Append($"{names[i]}:nil ");
                }
            }
        }
    }
}

/// <summary>Sets extracted values: what a stage under test finds before it.</summary>
internal sealed record Extract(string Name, string? Text) : IStageOptions
{
    public Stage Compile(StageCompiler compiler) => new Setting(compiler.Slots.Add(Name), Text);

    private sealed class Setting(int slot, string? text) : Stage
    {
        private readonly byte[] _text = Encoding.Latin1.GetBytes(text ?? "");

        public override void Apply(StageBatch batch)
        {
            foreach (var entry in batch.Live)
            {
                batch.Set(entry, slot, text is null
                    ? ExtractedValue.Nil
                    : ExtractedValue.Text(batch.Lines.Append(_text), _text.Length));
            }
        }
    }
}
