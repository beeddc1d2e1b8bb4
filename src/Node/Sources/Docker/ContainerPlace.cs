using System.Globalization;
using Weir.Protocol.Batches;

namespace Weir.Node.Sources.Docker;

/// <summary>Where reading stands in one stream (stdout or stderr) of a container.</summary>
/// <param name="Timestamp">Of the last line that was read, in Unix nanoseconds; 0: none was.</param>
/// <param name="Lines">Lines in a row, up to that one, with that timestamp.</param>
/// <param name="Latest">The greatest timestamp that was read: above the last one after a clock was set back.</param>
public readonly record struct StreamPlace(long Timestamp, int Lines, long Latest)
{
    /// <summary>The place behind one more line.</summary>
    public StreamPlace After(long timestamp) => timestamp == Timestamp
        ? this with { Lines = Lines + 1 }
        : new StreamPlace(timestamp, 1, Math.Max(Latest, timestamp));

    /// <summary>This place, or the one at which only what is older than <paramref name="timestamp"/> was
    /// read.</summary>
    public StreamPlace HeldBackTo(long timestamp) =>
        Timestamp < timestamp ? this : new StreamPlace(timestamp, 0, timestamp);
}

/// <summary>Where reading stands in the log of a container. The position's context holds it; its offset is
/// <see cref="Resume"/>.</summary>
/// <remarks>
/// The engine stamps a line before it stores it, on each stream by itself: within a stream the stamps rise, between the
/// two they may be out of order. So each stream has a place of its own, and what is asked for begins
/// <see cref="Disorder"/> earlier; what was read before is recognised by timestamp and count, and skipped.
/// </remarks>
/// <param name="Resume">Unix nanoseconds: of the last line stored, or of an unfinished line if that is earlier.</param>
/// <param name="Finished">When the run of the container ended that was read to its end; 0: none was.</param>
public sealed record ContainerPlace(long Resume, StreamPlace Stdout, StreamPlace Stderr, long Finished)
{
    /// <summary>The most by which a line may be stored behind a younger one of the other stream: writers of both
    /// streams wait for the same lock, in turn, so it takes a stop of the whole engine to reach even a
    /// second.</summary>
    public static readonly TimeSpan Disorder = TimeSpan.FromSeconds(10);

    /// <summary>What a terminal's single stream is read again by: equal timestamps before the last line decide which
    /// one that line was given.</summary>
    public static readonly TimeSpan TerminalOverlap = TimeSpan.FromMilliseconds(1);

    private const string Version = "1";
    private const int Fields = 8;

    /// <summary>Nothing was read.</summary>
    public static ContainerPlace Start { get; } = new(0, default, default, 0);

    /// <summary>From when on the engine is asked for lines, in Unix nanoseconds.</summary>
    /// <param name="isTerminal">One stream only: its lines are in order, so <see cref="TerminalOverlap"/> does.</param>
    /// <param name="now">
    /// A place after this means that the clock was set back since: then all is asked for, since new lines may be
    /// stamped
    /// earlier than old ones. A clock set back and past the place again while nobody reads goes unnoticed.
    /// </param>
    public long Since(bool isTerminal, long now) =>
        Resume > now ? 0 : Math.Max(0, Resume - (isTerminal ? TerminalOverlap : Disorder).Ticks * 100);

    public SourcePosition ToPosition(SourceKey source) => new(source, Resume, string.Create(
        CultureInfo.InvariantCulture, $"{Version} {Resume} {Text(Stdout)} {Text(Stderr)} {Finished}"));

    /// <summary>The place that a position stands for.</summary>
    /// <remarks>
    /// A stage that holds lines back lowers the offset below the context's. Then everything after the offset is read
    /// again, on both streams, for the offset does not say on which of them the held line is.
    /// </remarks>
    public static ContainerPlace Of(SourcePosition position)
    {
        if (!TryParse(position.Context, out var place))
            place = new ContainerPlace(position.Offset, At(position.Offset), At(position.Offset), 0);
        if (place.Resume == position.Offset) return place;
        var next = position.Offset + 1;
        return new ContainerPlace(
            Math.Min(place.Resume, next), place.Stdout.HeldBackTo(next), place.Stderr.HeldBackTo(next), 0);

        static StreamPlace At(long offset) => new(offset + 1, 0, offset + 1);
    }

    /// <summary>The place at which Promtail or Alloy left off.</summary>
    /// <param name="seconds">Of the last line delivered, in Unix seconds: lines of that second come again, with the
    /// timestamps they had, so that Loki keeps one of each.</param>
    /// <returns>Null: that is no position of a container.</returns>
    public static ContainerPlace? OfSeconds(string seconds)
    {
        if (!long.TryParse(seconds, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            || number is 0 or > long.MaxValue / 1_000_000_000) return null;
        var first = number * 1_000_000_000;
        return new ContainerPlace(first, new StreamPlace(first, 0, first), new StreamPlace(first, 0, first), 0);
    }

    private static string Text(StreamPlace stream) =>
        string.Create(CultureInfo.InvariantCulture, $"{stream.Timestamp} {stream.Lines} {stream.Latest}");

    private static bool TryParse(string context, out ContainerPlace place)
    {
        place = Start;
        var parts = context.Split(' ');
        if (parts.Length != Fields + 1 || parts[0] != Version) return false;
        Span<long> numbers = stackalloc long[Fields];
        for (var i = 0; i < Fields; i++)
        {
            if (!long.TryParse(parts[i + 1], NumberStyles.None, CultureInfo.InvariantCulture, out numbers[i]))
                return false;
        }

        if (numbers[2] > int.MaxValue || numbers[5] > int.MaxValue) return false;
        place = new ContainerPlace(
            numbers[0],
            new StreamPlace(numbers[1], (int)numbers[2], numbers[3]),
            new StreamPlace(numbers[4], (int)numbers[5], numbers[6]),
            numbers[7]);
        return true;
    }
}
