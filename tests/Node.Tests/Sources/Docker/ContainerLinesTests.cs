using System.Text;
using Weir.Node.Sources.Docker;
using Weir.Protocol.Batches;
using static Weir.Node.Tests.Sources.Docker.LogText;

namespace Weir.Node.Tests.Sources.Docker;

public sealed class ContainerLinesTests
{
    private const long Second = 1_000_000_000;

    private static readonly LabelSets Sets = new();
    private static readonly TailLabels Labels =
        new(Sets.Of([new Label("stream", "out")]), Sets.Of([new Label("stream", "err")]));

    [Fact]
    public void A_resumed_stream_begins_behind_the_last_line_of_each_stream()
    {
        LogMessage[] log = [Out(1, "a"), Err(3, "b"), Out(2, "c"), Err(4, "d")];

        var first = Read(ContainerPlace.Start, log[..2]);
        var second = Read(first.Place, log);

        Assert.Equal(["a", "b"], first.Lines);
        Assert.Equal(["c", "d"], second.Lines);
    }

    [Fact]
    public void Lines_with_one_timestamp_are_told_apart_by_their_count()
    {
        LogMessage[] log = [Out(1, "a"), Out(1, "a"), Out(1, "a"), Out(1, "a")];

        var first = Read(ContainerPlace.Start, log[..2]);
        var second = Read(first.Place, log);

        Assert.Equal([Start + 1, Start + 2], first.Timestamps);
        Assert.Equal([Start + 3, Start + 4], second.Timestamps);
    }

    [Fact]
    public void A_line_right_behind_raised_timestamps_is_raised_too()
    {
        var read = Read(ContainerPlace.Start, [Out(1, "a"), Out(1, "a"), Out(2, "a"), Out(9, "a")]);

        Assert.Equal([Start + 1, Start + 2, Start + 3, Start + 9], read.Timestamps);
    }

    [Fact]
    public void An_unfinished_line_is_read_again_from_its_first_piece()
    {
        var piece = new string('x', 16 * 1024);
        LogMessage[] log = [Out(1, "a"), Piece(2, piece), Err(60 * Second, "b"), Out(2, "end")];

        var first = Read(ContainerPlace.Start, log[..3]);
        var second = Read(first.Place, log);

        Assert.Equal(["a", "b"], first.Lines);
        Assert.Equal([piece + "end"], second.Lines);
        Assert.True(first.Place.Since(isTerminal: false, long.MaxValue) <= Start + 2);
    }

    [Fact]
    public void A_line_without_its_end_is_a_line_once_the_container_has_stopped()
    {
        var read = Read(ContainerPlace.Start, [Out(1, "a"), Piece(2, "b")], ended: true);

        Assert.Equal(["a", "b"], read.Lines);
        Assert.Empty(Read(read.Place, [Out(1, "a"), Piece(2, "b")], ended: true).Lines);
    }

    [Fact]
    public void A_clock_that_was_set_back_costs_no_line()
    {
        LogMessage[] log = [Out(100, "a"), Out(200, "b"), Out(50, "c"), Out(60, "d"), Out(70, "e"), Out(201, "f")];

        var first = Read(ContainerPlace.Start, log[..4]);
        var second = Read(first.Place, log);

        Assert.Equal(["a", "b", "c", "d"], first.Lines);
        Assert.Equal(["e", "f"], second.Lines);
    }

    [Fact]
    public void A_place_in_the_future_asks_for_the_whole_log()
    {
        var place = Read(ContainerPlace.Start, [Out(100, "a")]).Place;

        Assert.Equal(0, place.Since(isTerminal: false, now: Start));
    }

    [Fact]
    public void Where_the_last_line_is_rotated_away_the_first_later_one_is_next()
    {
        var first = Read(ContainerPlace.Start, [Out(1, "a"), Out(2, "b"), Out(2, "c")]);
        var second = Read(first.Place, [Out(7, "x"), Out(8, "y")]);

        Assert.Equal(["x", "y"], second.Lines);
    }

    [Fact]
    public void A_position_held_back_reads_again_what_follows_it()
    {
        LogMessage[] log = [Out(1, "a"), Err(2, "b"), Out(3, "c"), Err(4, "d")];
        var position = Read(ContainerPlace.Start, log).Place.ToPosition(new SourceKey("c", "id"));

        var again = Read(ContainerPlace.Of(position with { Offset = Start + 2 }), log);

        Assert.Equal(["c", "d"], again.Lines);
    }

    [Fact]
    public void A_position_of_an_unknown_form_is_taken_by_its_offset()
    {
        var place = ContainerPlace.Of(new SourcePosition(new SourceKey("c", "id"), Start + 1, "9 garbage"));

        Assert.Equal(["b"], Read(place, [Out(1, "a"), Out(2, "b")]).Lines);
    }

    [Fact]
    public void Empty_lines_and_unwanted_streams_are_dropped_and_counted()
    {
        using var lines = new ContainerLines(ContainerPlace.Start);
        using var batch = new LogBatch();
        lines.Begin(isTerminal: false);
        Feed(lines, Frames(0, Out(1, ""), Out(2, "a"), Err(3, "b")));

        lines.Fill(batch, Labels with { Stderr = null }, ended: false);

        var counts = lines.TakeCounts();
        Assert.Equal((1, 1, 1), (counts.Entries, counts.Empty, counts.Unwanted));
        Assert.Equal(Start + 3, lines.Place.Resume);
    }

    [Fact]
    public void What_the_engine_says_about_the_log_is_no_line()
    {
        using var lines = new ContainerLines(ContainerPlace.Start);
        using var batch = new LogBatch();
        var frame = Out(1, "x").Frame()[..8];
        frame[0] = 3;
        var text = "Error grabbing logs: gone\n"u8.ToArray();
        frame[7] = (byte)text.Length;
        lines.Begin(isTerminal: false);
        Feed(lines, [.. frame, .. text]);

        lines.Fill(batch, Labels, ended: false);

        Assert.Equal(0, batch.Count);
        Assert.Equal(1, lines.TakeCounts().Unreadable);
        Assert.Equal("Error grabbing logs: gone", lines.TakeComplaint());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void However_often_the_connection_breaks_every_line_comes_once(bool isTerminal)
    {
        for (var seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            var log = Some(random, isTerminal);
            var whole = Read(ContainerPlace.Start, log, isTerminal, ended: true);

            var (lines, timestamps) = ReadWithBreaks(random, log, isTerminal);

            Assert.True(whole.Lines.SequenceEqual(lines), $"seed {seed}: other lines");
            Assert.True(whole.Timestamps.SequenceEqual(timestamps), $"seed {seed}: other timestamps");
        }
    }

    /// <summary>A log as the engine stores it: rising timestamps a stream, slightly out of order between the two, many
    /// of them equal, some lines in pieces.</summary>
    private static List<LogMessage> Some(Random random, bool isTerminal)
    {
        var log = new List<LogMessage>();
        var at = new long[] { 1, 1 };
        var open = new bool[2];
        for (var i = random.Next(1, 60); i > 0; i--)
        {
            var stream = isTerminal ? 0 : random.Next(2);
            if (!open[stream]) at[stream] = Math.Max(at[stream], at[1 - stream] - 5) + random.Next(3);
            open[stream] = random.Next(8) == 0;
            var text = open[stream] ? new string((char)('a' + random.Next(26)), 16 * 1024) : $"{i}\n";
            log.Add(new LogMessage(stream == 1, Start + at[stream], text));
            if (random.Next(10) == 0 && !open[0] && !open[1])
                at[0] = at[1] = Math.Max(at[0], at[1]) + random.Next(30) * Second;
        }

        return log;
    }

    private static (List<string> Lines, List<long> Timestamps) ReadWithBreaks(
        Random random, List<LogMessage> log, bool isTerminal)
    {
        var (lines, timestamps, place) = (new List<string>(), new List<long>(), ContainerPlace.Start);
        var stored = 0;
        for (var round = 0; ; round++)
        {
            // The engine stores some more; the connection breaks anywhere, in the end nowhere.
            stored = round == 8 ? log.Count : Math.Min(log.Count, stored + random.Next(log.Count));
            var since = place.Since(isTerminal, long.MaxValue);
            var sent = log.Take(stored).Where(message => message.Timestamp >= since)
                .SelectMany(message => isTerminal ? message.Raw() : message.Frame()).ToArray();
            var end = round == 8 ? sent.Length : random.Next(sent.Length + 1);
            var read = ReadBytes(place, sent[..end], isTerminal, ended: round == 8);
            lines.AddRange(read.Lines);
            timestamps.AddRange(read.Timestamps);
            if (round == 8) return (lines, timestamps);
            place = ContainerPlace.Of(read.Place.ToPosition(new SourceKey("c", "id")));
        }
    }

    private static Reading Read(
        ContainerPlace place, IReadOnlyList<LogMessage> log, bool isTerminal = false, bool ended = false)
    {
        var since = place.Since(isTerminal, long.MaxValue);
        var sent = log.Where(message => message.Timestamp >= since);
        byte[] bytes = [.. sent.SelectMany(message => isTerminal ? message.Raw() : message.Frame())];
        return ReadBytes(place, bytes, isTerminal, ended);
    }

    private static Reading ReadBytes(ContainerPlace place, byte[] sent, bool isTerminal, bool ended)
    {
        using var lines = new ContainerLines(place);
        lines.Begin(isTerminal);
        var read = new List<(string, long)>();
        for (var at = 0; at < sent.Length; at += 1000)
        {
            Feed(lines, sent[at..Math.Min(sent.Length, at + 1000)]);
            FillAll(lines, read, ended: false);
        }

        if (ended) FillAll(lines, read, ended: true);
        Assert.Equal("", lines.Fault);
        return new Reading([.. read.Select(pair => pair.Item1)], [.. read.Select(pair => pair.Item2)], lines.Place);
    }

    private static void FillAll(ContainerLines lines, List<(string, long)> read, bool ended)
    {
        for (var isFull = true; isFull;)
        {
            using var batch = new LogBatch();
            isFull = !lines.Fill(batch, Labels, ended);
            foreach (ref readonly var entry in batch.Entries)
                read.Add((Encoding.UTF8.GetString(batch.Line(entry)), entry.Timestamp));
        }
    }

    private static void Feed(ContainerLines lines, byte[] bytes)
    {
        bytes.CopyTo(lines.Reserve().Span);
        lines.Advance(bytes.Length);
    }

    private sealed record Reading(IReadOnlyList<string> Lines, IReadOnlyList<long> Timestamps, ContainerPlace Place);
}
