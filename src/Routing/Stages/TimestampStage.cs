using Weir.Protocol.Batches;
using Weir.Protocol.Time;
using Weir.Routing.Language;
using Weir.Routing.Metrics;
using Weir.Routing.Time;

namespace Weir.Routing.Stages;

/// <summary>What becomes of an entry whose time cannot be told, or is the one before's.</summary>
public enum TimestampFailureAction
{
    /// <summary>It stands a nanosecond behind the last of its stream.</summary>
    Fudge,

    /// <summary>It keeps the time at which it was read.</summary>
    Skip,
}

/// <summary>What becomes of an entry with the same time as the one before it in its stream.</summary>
public enum TimestampDuplicateAction
{
    /// <summary>It stands a nanosecond behind it, so that a destination keeps both.</summary>
    Fudge,

    /// <summary>It keeps that time.</summary>
    Keep,
}

/// <summary>Block <c>stage.timestamp</c>: the entry's time from an extracted value.</summary>
[BlockName("stage.timestamp")]
public sealed record TimestampOptions : IStageOptions, IValidated
{
    [Argument("source", Required = true)]
    public string Source { get; init; } = "";

    /// <summary>A name such as RFC3339 or UnixMs, or a layout of Go's reference time.</summary>
    [Argument("format", Required = true)]
    public string Format { get; init; } = "";

    /// <summary>Tried in order where the format does not fit.</summary>
    [Argument("fallback_formats")]
    public IReadOnlyList<string> FallbackFormats { get; init; } = [];

    /// <summary>IANA name of the zone of layouts that name none; "" is UTC.</summary>
    [Argument("location")]
    public string Location { get; init; } = "";

    [Argument("action_on_failure")]
    public TimestampFailureAction ActionOnFailure { get; init; }

    [Argument("action_on_duplicate_timestamp")]
    public TimestampDuplicateAction ActionOnDuplicate { get; init; }

    public void Validate(OptionProblems problems)
    {
        if (Source.Length == 0) problems.Add("source", "is empty", "name the extracted value that holds the time");
        if (Format.Length == 0) problems.Add("format", "is empty", "give a name such as RFC3339, or a layout");
        if (!GoTimeLayout.TryCompile("RFC3339", Location, out _, out var error)) problems.Add("location", error);
        else if (Format.Length > 0 && !GoTimeLayout.TryCompile(Format, Location, out _, out error))
            problems.Add("format", error);
        foreach (var format in FallbackFormats)
            if (!GoTimeLayout.TryCompile(format, "", out _, out error)) problems.Add("fallback_formats", error);
    }

    public Stage Compile(StageCompiler compiler) => new TimestampStage(new TimestampPlan(
        compiler.Slots.Add(Source),
        Format is "RFC3339" or "RFC3339Nano",
        [.. FallbackFormats.Prepend(Format).Select(format => GoTimeLayout.Compile(format, Location))],
        ActionOnFailure == TimestampFailureAction.Fudge,
        ActionOnDuplicate == TimestampDuplicateAction.Fudge,
        compiler.Failed("timestamp", "no_source"),
        compiler.Failed("timestamp", "not_a_time")));
}

/// <param name="IsRfc3339">The first layout is: it is tried by its own reader, which is several times as
/// fast.</param>
internal sealed record TimestampPlan(
    int Slot, bool IsRfc3339, GoTimeLayout[] Layouts, bool FudgesFailures, bool FudgesDuplicates,
    Metric Absent, Metric Unreadable);

/// <summary>Remembers the last time of each stream of its source, where the configuration needs it.</summary>
internal sealed class TimestampStage(TimestampPlan plan) : Stage
{
    /// <summary>Streams remembered; at one more all are forgotten, and their next entries keep their own
    /// times.</summary>
    public const int StreamsMax = 10_000;

    private readonly Dictionary<LabelSet, StreamClock> _clocks = [];
    private StreamClock? _last;

    public override Stage Instantiate() => new TimestampStage(plan);

    public override void Apply(StageBatch batch)
    {
        var remembers = plan.FudgesFailures || plan.FudgesDuplicates;
        var (absent, unreadable) = (0, 0);
        foreach (var entry in batch.Live)
        {
            var isAbsent = !batch.TryInput(entry, plan.Slot, out var input);
            var time = 0L;
            var isTime = !isAbsent && TryParse(batch.Text(input), batch.Now, out time);
            if (isAbsent) absent++;
            else if (!isTime) unreadable++;

            ref var target = ref batch.Lines[entry];
            if (!remembers)
            {
                if (isTime) target.Timestamp = time;
            }
            else if (isTime) target.Timestamp = Follow(ClockOf(target.Labels), time);
            else if (plan.FudgesFailures && ClockOf(target.Labels) is { IsSet: true } clock)
                target.Timestamp = ++clock.Assigned;
        }

        if (absent > 0) plan.Absent.Add(absent);
        if (unreadable > 0) plan.Unreadable.Add(unreadable);
    }

    private bool TryParse(ReadOnlySpan<byte> text, long now, out long time)
    {
        if (plan.IsRfc3339 && Rfc3339.TryParse(text, out time)) return true;
        foreach (var layout in plan.Layouts)
            if (layout.TryParse(text, now, out time)) return true;
        time = 0;
        return false;
    }

    private long Follow(StreamClock clock, long time)
    {
        clock.Assigned = plan.FudgesDuplicates && clock.IsSet && clock.Parsed == time ? clock.Assigned + 1 : time;
        clock.Parsed = time;
        clock.IsSet = true;
        return clock.Assigned;
    }

    private StreamClock ClockOf(LabelSet labels)
    {
        if (_last is not null && ReferenceEquals(_last.Labels, labels)) return _last;
        if (!_clocks.TryGetValue(labels, out var clock))
        {
            if (_clocks.Count == StreamsMax) _clocks.Clear();
            _clocks.Add(labels, clock = new StreamClock(labels));
        }

        return _last = clock;
    }

    private sealed class StreamClock(LabelSet labels)
    {
        public LabelSet Labels { get; } = labels;

        /// <summary>An entry's time has been read before.</summary>
        public bool IsSet { get; set; }

        /// <summary>The last time that was read.</summary>
        public long Parsed { get; set; }

        /// <summary>The last time that was given.</summary>
        public long Assigned { get; set; }
    }
}
