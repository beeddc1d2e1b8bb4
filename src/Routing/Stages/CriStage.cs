using Weir.Protocol.Batches;
using Weir.Protocol.Time;
using Weir.Routing.Language;
using Weir.Routing.Metrics;

namespace Weir.Routing.Stages;

/// <summary>Block <c>stage.cri</c>: lines as container runtimes write them, <c>time stream P|F[:tags]
/// content</c>.</summary>
[BlockName("stage.cri")]
public sealed record CriOptions : IStageOptions, IValidated
{
    /// <summary>Streams with an unfinished line; at one more, all unfinished lines go out as they are.</summary>
    [Argument("max_partial_lines")]
    public int PartialLinesMax { get; init; } = 100;

    /// <summary>Bytes to which joined lines are cut, if they are.</summary>
    [Argument("max_partial_line_size")]
    public int PartialLineBytesMax { get; init; }

    /// <summary>Whether joined lines are cut.</summary>
    [Argument("max_partial_line_size_truncate")]
    public bool TruncatesPartialLines { get; init; }

    public void Validate(OptionProblems problems)
    {
        if (PartialLinesMax <= 0) problems.Add("max_partial_lines", "must be greater than 0");
        if (PartialLineBytesMax < 0) problems.Add("max_partial_line_size", "must not be negative");
    }

    public Stage Compile(StageCompiler compiler) => new CriStage(new CriPlan(
        compiler.Slots.Add("time"), compiler.Slots.Add("stream"), compiler.Slots.Add("flags"),
        compiler.Slots.Add("content"), compiler.Transitions("stream"), PartialLinesMax,
        TruncatesPartialLines ? PartialLineBytesMax : int.MaxValue,
        compiler.Own(compiler.Events.CriPartialLinesFlushed), compiler.Own(compiler.Events.CriLinesTruncated),
        compiler.Failed("cri", "malformed")));
}

internal sealed record CriPlan(
    int Time, int Stream, int Flags, int Content, LabelTransitions Label, int PartialLinesMax, int LineBytesMax,
    Metric Flushed, Metric Truncated, Metric Failed);

/// <summary>
/// The line becomes its content; parts marked P are joined with what follows in the same stream up to F, and take its
/// time. Lines of another form pass unchanged.
/// </summary>
internal sealed class CriStage(CriPlan plan) : Stage
{
    /// <summary>A joined line that reaches this goes out unfinished, as no fragment could hold more.</summary>
    public const int JoinedBytesMax = 1024 * 1024;

    private readonly Dictionary<LabelSet, HeldEntry> _partial = [];
    private readonly Stack<HeldEntry> _spare = [];

    public override bool HoldsLines => _partial.Count > 0;

    public override long EarliestHeld
    {
        get
        {
            var earliest = long.MaxValue;
            foreach (var held in _partial.Values) earliest = Math.Min(earliest, held.Resume);
            return earliest;
        }
    }

    public override Stage Instantiate() => new CriStage(plan);

    public override void Apply(StageBatch batch)
    {
        var malformed = 0;
        batch.StartOutput();
        foreach (var entry in batch.Live)
        {
            var flag = Parse(batch, entry);
            if (flag == CriFlag.None) malformed++;
            if (flag == CriFlag.Partial) Hold(batch, entry);
            else
            {
                if (flag == CriFlag.Full && _partial.Count > 0) Join(batch, entry);
                batch.Emit(entry);
            }
        }

        if (batch.Ending) Flush(batch, StageBatch.OrderLast);
        batch.FinishOutput();
        if (malformed > 0) plan.Failed.Add(malformed);
    }

    /// <summary>Takes the line apart and changes the entry; none of it when it has another form.</summary>
    private CriFlag Parse(StageBatch batch, int entry)
    {
        ref var target = ref batch.Lines[entry];
        var line = batch.Lines.Line(target);
        if (!CriLine.TryParse(line, out var parsed)) return CriFlag.None;

        var start = target.LineStart;
        batch.Set(entry, plan.Time, ExtractedValue.Text(start, parsed.TimeLength));
        batch.Set(entry, plan.Stream, ExtractedValue.Text(start + parsed.StreamStart, CriLine.StreamLength));
        batch.Set(entry, plan.Flags, ExtractedValue.Text(start + parsed.FlagsStart, parsed.FlagsLength));
        var content = ExtractedValue.Text(start + parsed.ContentStart, line.Length - parsed.ContentStart);
        batch.Set(entry, plan.Content, content);
        if (Rfc3339.TryParse(line[..parsed.TimeLength], out var time)) target.Timestamp = time;
        target.Labels = plan.Label.Apply(target.Labels, line.Slice(parsed.StreamStart, CriLine.StreamLength));
        target.LineStart = content.Start;
        target.LineLength = content.Length;
        return parsed.Flag;
    }

    private void Hold(StageBatch batch, int entry)
    {
        var labels = batch.Lines[entry].Labels;
        if (!_partial.TryGetValue(labels, out var held))
        {
            if (_partial.Count >= plan.PartialLinesMax)
            {
                plan.Flushed.Add(_partial.Count);
                Flush(batch, batch.OrderOf(entry));
            }

            held = _spare.Count > 0 ? _spare.Pop() : new HeldEntry();
            _partial.Add(labels, held);
            held.Take(batch, entry);
        }
        else
        {
            // What the last part says counts, but for the place where the whole begins.
            var (resume, length) = (held.Resume, held.LineLength);
            held.Take(batch, entry);
            held.ResumeAt(resume);
            held.TruncateLine(length);
        }

        held.AppendLine(batch.Lines.Line(batch.Lines[entry]));
        if (held.LineLength > plan.LineBytesMax)
        {
            held.TruncateLine(plan.LineBytesMax);
            plan.Truncated.Increment();
        }

        if (held.LineLength >= JoinedBytesMax)
        {
            plan.Flushed.Increment();
            Release(batch, labels, held, batch.OrderOf(entry));
        }
    }

    /// <summary>Puts what is held of the entry's stream before its line.</summary>
    private void Join(StageBatch batch, int entry)
    {
        ref var target = ref batch.Lines[entry];
        if (!_partial.Remove(target.Labels, out var held)) return;
        held.AppendLine(batch.Lines.Line(target));
        if (held.LineLength > plan.LineBytesMax)
        {
            held.TruncateLine(plan.LineBytesMax);
            plan.Truncated.Increment();
        }

        target.LineStart = batch.Lines.Append(held.Line);
        target.LineLength = held.LineLength;
        target.Resume = held.Resume;
        held.Return();
        _spare.Push(held);
    }

    private void Flush(StageBatch batch, int order)
    {
        foreach (var (labels, held) in _partial) Release(batch, labels, held, order);
    }

    private void Release(StageBatch batch, LabelSet labels, HeldEntry held, int order)
    {
        _partial.Remove(labels);
        batch.Emit(held.Restore(batch, order));
        _spare.Push(held);
    }
}
