using Weir.Protocol.Time;
using Weir.Routing.Language;
using Weir.Routing.Metrics;

namespace Weir.Routing.Stages;

/// <summary>Block <c>stage.docker</c>: lines of Docker's json-file logs,
/// <c>{"log":…,"stream":…,"time":…}</c>.</summary>
[BlockName("stage.docker")]
public sealed record DockerOptions : IStageOptions
{
    public Stage Compile(StageCompiler compiler) => new DockerStage(
        compiler.Slots.Add("output"), compiler.Slots.Add("stream"), compiler.Slots.Add("timestamp"),
        compiler.Transitions("stream"), compiler.Failed("docker", "malformed"));
}

/// <summary>
/// The line becomes <c>log</c>, its time <c>time</c>; <c>stream</c> becomes a label. A line without a <c>log</c>, and
/// one that is no such object, is left alone. Parts of a line that Docker has split are not joined.
/// </summary>
internal sealed class DockerStage(int output, int stream, int timestamp, LabelTransitions label, Metric failed) : Stage
{
    private static readonly JsonPaths Paths = JsonPaths.Build([["log"], ["stream"], ["time"]]);
    private static readonly int Log = Paths.LeafOf(["log"]);
    private static readonly int Stream = Paths.LeafOf(["stream"]);
    private static readonly int Time = Paths.LeafOf(["time"]);

    public override void Apply(StageBatch batch)
    {
        Span<JsonToken> tokens = stackalloc JsonToken[3];
        var malformed = 0;
        foreach (var entry in batch.Live)
            if (!TryExtract(batch, entry, tokens)) malformed++;
        if (malformed > 0) failed.Add(malformed);
    }

    private bool TryExtract(StageBatch batch, int entry, Span<JsonToken> tokens)
    {
        var line = batch.Lines[entry].LineStart;
        if (!new JsonScanner(batch.Lines.Line(batch.Lines[entry]), tokens).TryScan(Paths.Root)) return false;
        foreach (ref readonly var token in tokens)
            if (token.Kind is not (JsonTokenKind.String or JsonTokenKind.Missing or JsonTokenKind.Null)) return false;

        var log = Take(batch, line, tokens[Log]);
        var name = Take(batch, line, tokens[Stream]);
        var time = Take(batch, line, tokens[Time]);
        batch.Set(entry, output, log);
        batch.Set(entry, stream, name);
        batch.Set(entry, timestamp, time);
        ref var target = ref batch.Lines[entry];
        if (log.Length > 0)
        {
            target.LineStart = log.Start;
            target.LineLength = log.Length;
        }

        if (name.Length > 0) target.Labels = label.Apply(target.Labels, batch.Text(name));
        if (Rfc3339.TryParse(batch.Text(time), out var at)) target.Timestamp = at;
        return true;
    }

    /// <summary>A missing text is an empty one, as in Go.</summary>
    private static ExtractedValue Take(StageBatch batch, int line, JsonToken token) =>
        token.Kind == JsonTokenKind.String ? JsonValues.Take(batch, line, token) : ExtractedValue.Text(line, 0);
}
