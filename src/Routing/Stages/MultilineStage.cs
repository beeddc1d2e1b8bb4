using Weir.Protocol.Batches;
using Weir.Routing.Language;
using Weir.Routing.Patterns;

namespace Weir.Routing.Stages;

/// <summary>Block <c>stage.multiline</c>: joins lines to the one that begins their block.</summary>
[BlockName("stage.multiline")]
public sealed record MultilineOptions : IStageOptions, IValidated
{
    /// <summary>Matches the first line of a block.</summary>
    [Argument("firstline", Required = true)]
    public string FirstLine { get; init; } = "";

    /// <summary>Lines of a block at the most; 0 for no limit but
    /// <see cref="MultilineStage.BlockBytesMax"/>.</summary>
    [Argument("max_lines")]
    public int LinesMax { get; init; } = 128;

    /// <summary>How long a block waits for its next line. Default 3 s.</summary>
    [Argument("max_wait_time")]
    public TimeSpan WaitMax { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Whether line breaks at the end of each line go.</summary>
    [Argument("trim_newlines")]
    public bool TrimsNewlines { get; init; } = true;

    public void Validate(OptionProblems problems)
    {
        if (FirstLine.Length == 0)
            problems.Add("firstline", "is empty", "give a pattern for the line that begins a block");
        StagePatterns.Check("firstline", FirstLine, problems);
        if (WaitMax <= TimeSpan.Zero) problems.Add("max_wait_time", "must be greater than 0");
        if (LinesMax < 0) problems.Add("max_lines", "must not be negative");
    }

    public Stage Compile(StageCompiler compiler) => new MultilineStage(
        GoRegex.Compile(FirstLine), LinesMax == 0 ? int.MaxValue : LinesMax,
        WaitMax.Ticks * TimeSpan.NanosecondsPerTick, TrimsNewlines);
}

/// <summary>
/// A block takes time, labels and values of its first line; lines before a stream's first block pass. A block goes
/// out
/// when the next begins, when it is full, and when no line came for a while; what follows a full one begins another
/// under the same head.
/// </summary>
/// <param name="waitMax">Nanoseconds.</param>
internal sealed class MultilineStage(GoRegex firstLine, int linesMax, long waitMax, bool trims) : Stage
{
    /// <summary>Streams with a block at a time; one more and the blocks of all go out first.</summary>
    public const int StreamsMax = 1000;

    /// <summary>A block that reaches this goes out, as no fragment could hold more.</summary>
    public const int BlockBytesMax = 1024 * 1024;

    /// <summary>Lines of a source that all blocks together hold back; beyond it all of them go out.</summary>
    public const int HeldBytesMax = 8 * 1024 * 1024;

    private readonly Dictionary<LabelSet, Block> _blocks = [];
    private Block? _last;
    private int _open;
    private long _heldBytes;

    public override bool HoldsLines => _open > 0;

    public override long EarliestHeld
    {
        get
        {
            var earliest = long.MaxValue;
            if (_open == 0) return earliest;
            foreach (var block in _blocks.Values)
                if (block.Lines > 0) earliest = Math.Min(earliest, block.Resume);
            return earliest;
        }
    }

    public override Stage Instantiate() => new MultilineStage(firstLine, linesMax, waitMax, trims);

    public override void Apply(StageBatch batch)
    {
        batch.StartOutput();
        if (_open > 0) FlushWaited(batch);
        foreach (var entry in batch.Live) Take(batch, entry);
        if (batch.Ending) FlushAll(batch, StageBatch.OrderLast);
        batch.FinishOutput();
    }

    private void Take(StageBatch batch, int entry)
    {
        var labels = batch.Lines[entry].Labels;
        var isFirst = firstLine.IsMatch(batch.Lines.Line(batch.Lines[entry]));
        var block = _last is not null && ReferenceEquals(_last.Labels, labels)
            ? _last
            : _blocks.GetValueOrDefault(labels);
        if (block is null)
        {
            if (!isFirst)
            {
                batch.Emit(entry);
                return;
            }

            if (_blocks.Count == StreamsMax) Forget(batch, batch.OrderOf(entry));
            _blocks.Add(labels, block = new Block(labels));
        }

        _last = block;
        if (isFirst)
        {
            Flush(batch, block, batch.OrderOf(entry));
            block.Head.Take(batch, entry);
        }

        Append(batch, entry, block);
        if (_heldBytes > HeldBytesMax) FlushAll(batch, batch.OrderOf(entry));
        else if (block.Lines >= linesMax || block.Head.LineLength >= BlockBytesMax)
            Flush(batch, block, batch.OrderOf(entry));
    }

    private void Append(StageBatch batch, int entry, Block block)
    {
        ref readonly var at = ref batch.Lines[entry];
        var line = batch.Lines.Line(at);
        if (trims) line = line.TrimEnd("\r\n"u8);
        if (block.Lines == 0)
        {
            _open++;
            block.Resume = at.Resume;
        }

        var before = block.Head.LineLength;
        // Go joins by what the buffer holds: an empty first line leaves no break.
        if (block.Head.LineLength > 0) block.Head.AppendLine("\n"u8);
        block.Head.AppendLine(line);
        block.Lines++;
        block.LastAt = batch.Now;
        _heldBytes += block.Head.LineLength - before;
    }

    private void FlushWaited(StageBatch batch)
    {
        foreach (var block in _blocks.Values)
            if (batch.Now - block.LastAt >= waitMax) Flush(batch, block, StageBatch.OrderFirst);
    }

    private void FlushAll(StageBatch batch, int order)
    {
        foreach (var block in _blocks.Values) Flush(batch, block, order);
    }

    private void Forget(StageBatch batch, int order)
    {
        FlushAll(batch, order);
        foreach (var block in _blocks.Values) block.Head.Return();
        _blocks.Clear();
        _last = null;
    }

    private void Flush(StageBatch batch, Block block, int order)
    {
        if (block.Lines == 0) return;
        block.Head.ResumeAt(block.Resume);
        _heldBytes -= block.Head.LineLength;
        // The head stays: lines without a first one may still follow.
        batch.Emit(block.Head.RestoreLine(batch, order));
        block.Lines = 0;
        _open--;
    }

    /// <summary>A stream's block, or between two its last head.</summary>
    private sealed class Block(LabelSet labels)
    {
        public LabelSet Labels { get; } = labels;

        public HeldEntry Head { get; } = new();

        public int Lines { get; set; }

        /// <summary>When its last line came, nanoseconds.</summary>
        public long LastAt { get; set; }

        /// <summary>Where its first line begins.</summary>
        public long Resume { get; set; }
    }
}
