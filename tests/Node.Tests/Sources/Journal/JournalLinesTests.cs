using System.Text;
using Weir.Node.Sources.Journal;
using Weir.Protocol.Batches;
using static Weir.Node.Tests.Sources.Journal.JournalReading;

namespace Weir.Node.Tests.Sources.Journal;

public sealed class JournalLinesTests
{
    private readonly FakeFiles _files = new();

    [Fact]
    public void The_line_is_the_message_at_the_time_of_its_storage()
    {
        _files.Add(5, "PRIORITY=6", "MESSAGE=first", "_PID=1");
        _files.Add(7, "MESSAGE=a=b");
        _files.Add(8, "MESSAGE=");
        using var lines = new JournalLines(_files.Open(), "");

        Assert.Equal(["5000 first", "7000 a=b", "8000 "], ReadAll(lines));
        Assert.Equal(3, lines.TakeCounts().Lines);
    }

    [Fact]
    public void Entries_of_one_microsecond_get_timestamps_of_their_own_in_their_order()
    {
        foreach (var time in new[] { 1, 1, 1, 2, 1 }) _files.Add(time, "MESSAGE=same");
        using var lines = new JournalLines(_files.Open(), "");

        var read = ReadAll(lines);

        // The last one is older: the clock was set back, and it keeps its time.
        Assert.Equal(["1000 same", "1001 same", "1002 same", "2000 same", "1000 same"], read);
    }

    [Fact]
    public void An_entry_without_a_message_is_counted_and_nothing_else_is_lost()
    {
        _files.Add(1, "PRIORITY=3");
        _files.Add(2, "MESSAGE=kept", "MESSAGES=no");
        _files.Add(3, "=MESSAGE", "MESSAGE");
        using var lines = new JournalLines(_files.Open(), "");

        Assert.Equal(["2000 kept"], ReadAll(lines));
        Assert.Equal(new EntryCounts { Lines = 1, WithoutMessage = 2 }, lines.TakeCounts());
    }

    [Fact]
    public void Bytes_that_are_no_text_are_replaced_and_counted()
    {
        _files.AddBytes(1, [.. "MESSAGE=a"u8, 0xff, 0xc3, .. "b\nc\0d"u8]);
        using var lines = new JournalLines(_files.Open(), "");

        Assert.Equal(["1000 a\ufffd\ufffdb\nc\0d"], ReadAll(lines));
        Assert.Equal(2, lines.TakeCounts().InvalidBytes);
    }

    [Fact]
    public void A_message_longer_than_a_line_comes_in_parts_that_cut_no_character()
    {
        var message = new string('x', JournalLines.LineBytesMax - 1) + "é" + new string('y', 10);
        _files.Add(1, "MESSAGE=" + message);
        _files.Add(1, "MESSAGE=next");
        using var lines = new JournalLines(_files.Open(), "");

        var read = ReadAll(lines);

        Assert.Equal(["1000", "1001", "1002"], read.Select(line => line.Split(' ')[0]));
        Assert.Equal(message, read[0][5..] + read[1][5..]);
        Assert.Equal(1, lines.TakeCounts().Split);
    }

    [Fact]
    public void Reading_goes_on_behind_the_cursor()
    {
        for (var i = 1; i <= 5; i++) _files.Add(i, $"MESSAGE={i}");
        using var before = new JournalLines(_files.Open(), "");
        using (var batch = new LogBatch()) before.Fill(batch, Labels(), asJson: false);
        var place = before.Place!;
        _files.Add(5, "MESSAGE=5");
        _files.Add(6, "MESSAGE=6");

        using var after = new JournalLines(_files.Open(), "");
        Assert.True(after.TryResume(Parsed(place), place.Index));

        // The sixth entry is as old as the fifth: it gets the same timestamp as if there had been no restart.
        Assert.Equal(["5001 5", "6000 6"], ReadAll(after));
        Assert.Null(after.TakeGap());
        Assert.Equal(7, after.Place!.Index);
    }

    [Fact]
    public void A_place_without_new_entries_stays()
    {
        _files.Add(1, "MESSAGE=1");
        using var before = new JournalLines(_files.Open(), "");
        ReadAll(before);
        using var after = new JournalLines(_files.Open(), "");
        Assert.True(after.TryResume(before.Place!, 1));

        Assert.Empty(ReadAll(after));

        Assert.Equal(before.Place, after.Place);
    }

    [Fact]
    public void Lines_that_stages_held_are_read_again_with_the_timestamps_they_had()
    {
        foreach (var time in new[] { 1, 2, 2, 2, 2, 3 }) _files.Add(time, $"MESSAGE=at {time}");
        using var before = new JournalLines(_files.Open(), "");
        var first = ReadAll(before);
        var place = before.Place!;

        for (var offset = 0; offset <= 6; offset++)
        {
            using var after = new JournalLines(_files.Open(), "");
            Assert.True(after.TryResume(place, offset));

            Assert.Equal(first[offset..], ReadAll(after));
            Assert.Null(after.TakeGap());
            Assert.Equal(place, after.Place);
        }
    }

    [Fact]
    public void Entries_before_the_first_one_read_are_no_gap_and_are_not_read()
    {
        _files.Add(0, "MESSAGE=older than max_age");
        _files.Add(10, "MESSAGE=read");
        var journal = _files.Open();
        journal.SeekTime(FakeFiles.Base + 5);
        using var before = new JournalLines(journal, "");
        Assert.Equal(["10000 read"], ReadAll(before));

        using var after = new JournalLines(_files.Open(), "");
        Assert.True(after.TryResume(before.Place!, 0));

        Assert.Equal(["10000 read"], ReadAll(after));
        Assert.Null(after.TakeGap());
    }

    [Theory]
    [InlineData(2, 3L, false)] // entries 3, 4 and 5 had not been read
    [InlineData(4, 1L, false)]
    [InlineData(5, 0L, false)] // only entries that had been read are gone
    [InlineData(2, null, true)]
    public void A_cursor_that_is_gone_goes_on_at_the_nearest_and_says_what_is_missing(
        int read, long? missing, bool otherMatches)
    {
        for (var i = 1; i <= 8; i++) _files.Add(i, $"MESSAGE={i}");
        var cursor = _files.Entries[read - 1].Cursor;
        _files.Vacuum(5);
        using var lines = new JournalLines(_files.Open(), otherMatches ? "A=b" : "");
        Assert.True(lines.TryResume(new JournalPlace(read, 0, cursor, ""), read));

        var texts = ReadAll(lines);

        Assert.Equal(["6000 6", "7000 7", "8000 8"], texts);
        Assert.Equal(missing, lines.TakeGap()?.Count);
        Assert.Null(lines.TakeGap());
    }

    [Fact]
    public void Held_lines_that_are_gone_are_a_gap()
    {
        for (var i = 1; i <= 6; i++) _files.Add(i, $"MESSAGE={i}");
        using var before = new JournalLines(_files.Open(), "");
        ReadAll(before);
        _files.Vacuum(3);
        using var after = new JournalLines(_files.Open(), "");
        Assert.True(after.TryResume(before.Place!, 1));

        var read = ReadAll(after);

        Assert.Equal(["4000 4", "5000 5", "6000 6"], read);
        // Entries 2 and 3; the first one was delivered.
        Assert.Equal(2, after.TakeGap()!.Count);
        Assert.Equal(6, after.Place!.Index);
    }

    [Fact]
    public void What_is_no_cursor_is_refused()
    {
        using var lines = new JournalLines(_files.Open(), "");

        Assert.False(lines.TryResume(new JournalPlace(3, 0, "nonsense", ""), 3));
        Assert.Null(lines.Place);
    }

    [Fact]
    public void Lines_cost_no_memory_once_their_labels_are_known()
    {
        for (var i = 0; i < 2000; i++) _files.Add(i, $"MESSAGE=line {i}", "PRIORITY=6", $"_SYSTEMD_UNIT=u{i % 7}");
        var labels = Labels(new JournalSourceOptions
        {
            RelabelRules = Copying("__journal__systemd_unit", "unit", "__journal_priority_keyword", "level"),
        });
        var journal = new ReplayedJournal(_files.Entries);
        using var lines = new JournalLines(journal, "");
        using var batch = new LogBatch(LogBatch.ArenaDefault, 4096);
        lines.Fill(batch, labels, asJson: false);
        batch.Keep([]);
        journal.Rewind();

        var before = GC.GetAllocatedBytesForCurrentThread();
        lines.Fill(batch, labels, asJson: false);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.Equal(2000, batch.Count);
        Assert.Equal(0, allocated);
        Assert.Equal(7, labels.Misses);
    }

    private static JournalPlace Parsed(JournalPlace place)
    {
        Assert.True(JournalPlace.TryParse(place.ToPosition(new("c", "k")).Context, out var parsed));
        return parsed;
    }

    /// <summary>The same entries again and again, without a search.</summary>
    private sealed class ReplayedJournal(FakeEntry[] entries) : IJournal
    {
        private int _at = -1;
        private int _field;

        public bool IsDamaged => false;

        public void Rewind() => _at = -1;

        public bool TryNext()
        {
            _field = 0;
            return ++_at < entries.Length;
        }

        public bool TryTimestamp(out long microseconds)
        {
            microseconds = entries[_at].Microseconds;
            return true;
        }

        public bool TryField(out ReadOnlySpan<byte> field)
        {
            var fields = entries[_at].Fields;
            field = _field < fields.Length ? fields[_field++] : default;
            return !field.IsEmpty;
        }

        public int Back(int entries) => 0;

        public void SeekTime(long microseconds)
        {
        }

        public bool TrySeek(string cursor) => false;

        public bool IsAt(string cursor) => false;

        public bool TryCursor(out string cursor)
        {
            cursor = "";
            return false;
        }

        public string CheckAccess() => "";

        public ValueTask WaitAsync(TimeSpan limit, CancellationToken cancel) => ValueTask.CompletedTask;

        public void Dispose()
        {
        }
    }
}
