using System.Text.Unicode;
using Weir.Protocol.Batches;

namespace Weir.Node.Sources.Journal;

/// <summary>Entries that were removed before they were read.</summary>
/// <param name="Count">Null: nobody knows how many.</param>
internal sealed record JournalGap(string Cursor, long? Count);

/// <summary>Makes lines of the entries of a journal, and knows where reading stands.</summary>
/// <remarks>Decides only; <see cref="JournalPump"/> waits and sends. Not for use from two threads at once.</remarks>
/// <param name="matches">What selects the journal's entries.</param>
internal sealed class JournalLines(IJournal journal, string matches) : IDisposable
{
    /// <summary>Longest line delivered whole: what Loki takes by default (max_line_size).</summary>
    public const int LineBytesMax = 256 * 1024;

    /// <summary>Longest message; the rest is cut. journald itself ends a service's line at 48 KiB; only programs that
    /// speak to it directly can store more.</summary>
    public const int FieldBytesMax = 1024 * 1024;

    /// <summary>Arena bytes at which a batch is full: the usual next line still fits.</summary>
    private const int BatchBytesMax = LogBatch.ArenaDefault - 16 * 1024;

    /// <summary>Entries a batch: those that are dropped count, so that a stop is seen in time.</summary>
    private const int BatchEntriesMax = 16 * 1024;

    /// <summary>Entries of one instant that are gone back over to find the first of them.</summary>
    private const int InstantEntriesMax = 10_000;

    private readonly JournalJson _json = new();
    private EntryCounts _counts;
    private JournalGap? _gap;
    private JournalPlace? _awaited;
    private int _back;
    private bool _isCurrent = true;
    private JournalPlace? _place;
    private long _index;
    private long _lastRaw;
    private long _lastGiven;

    /// <summary>Where the next run has to go on; null: nothing was read.</summary>
    public JournalPlace? Place
    {
        get
        {
            if (!_isCurrent && journal.TryCursor(out var cursor))
                _place = new JournalPlace(_index, _lastGiven, cursor, matches);
            _isCurrent = true;
            return _place;
        }
    }

    /// <summary>When the last entry that was read was stored, in microseconds since the Unix epoch.</summary>
    public long LastTimestamp => _lastRaw / 1000;

    /// <summary>Goes on behind what was read.</summary>
    /// <param name="offset">Of the position: less than the index where stages held lines back.</param>
    /// <returns>False: the cursor is none, and nothing changed.</returns>
    public bool TryResume(JournalPlace place, long offset)
    {
        if (!journal.TrySeek(place.Cursor)) return false;
        _back = (int)Math.Clamp(place.Index - offset, 0, int.MaxValue);
        (_awaited, _place) = (place, place);
        (_index, _lastGiven) = (place.Index, place.Given);
        return true;
    }

    /// <summary>Adds lines to the batch.</summary>
    /// <returns>True at the journal's end; false: there may be more.</returns>
    public bool Fill(LogBatch batch, JournalLabels labels, bool asJson)
    {
        for (var entries = 0; entries < BatchEntriesMax && batch.BytesUsed < BatchBytesMax; entries++)
        {
            if (!TryNext()) return true;
            _isCurrent = false;
            Take(batch, labels, asJson);
        }

        return false;
    }

    /// <summary>The counts so far; they begin again at zero.</summary>
    public EntryCounts TakeCounts()
    {
        var counts = _counts;
        _counts = default;
        return counts;
    }

    /// <returns>What was gone when reading went on; null for nothing. Told once.</returns>
    public JournalGap? TakeGap()
    {
        var gap = _gap;
        _gap = null;
        return gap;
    }

    public void Dispose() => _json.Dispose();

    private bool TryNext() => journal.TryNext() && (_awaited is null || Arrive());

    /// <summary>The first entry after a seek.</summary>
    private bool Arrive()
    {
        var awaited = _awaited!;
        _awaited = null;
        if (!journal.IsAt(awaited.Cursor))
        {
            if (awaited.Matches == matches && journal.TryCursor(out var found))
                _gap = new JournalGap(awaited.Cursor, JournalPlace.EntriesBetween(awaited.Cursor, found));
            return true;
        }

        if (_back > 0) return StepBack(awaited.Cursor);
        _lastRaw = journal.TryTimestamp(out var microseconds) ? microseconds * 1000 : 0;
        return journal.TryNext();
    }

    /// <summary>Entries before the cursor are read again, for stages held their lines.</summary>
    private bool StepBack(string awaited)
    {
        var moved = journal.Back(_back);
        _index -= moved;
        if (moved == _back)
        {
            ReplayInstant();
            return journal.TryNext();
        }

        // The journal begins here now, at the first of them or at a later one.
        var missing = _back - moved - 1;
        if (missing > 0) _gap = new JournalGap(awaited, missing);
        _index--;
        _lastGiven = 0;
        return true;
    }

    /// <summary>Lines that are read again get the timestamps they had: equal ones before them decide.</summary>
    private void ReplayInstant()
    {
        (_lastRaw, _lastGiven) = (0, 0);
        if (!journal.TryTimestamp(out var instant)) return;
        var (steps, same) = (0, 0);
        while (steps < InstantEntriesMax && journal.Back(1) == 1)
        {
            steps++;
            if (!journal.TryTimestamp(out var earlier) || earlier != instant) break;
            same++;
        }

        for (; steps > 0; steps--) journal.TryNext();
        (_lastRaw, _lastGiven) = (instant * 1000, instant * 1000 + same);
    }

    private void Take(LogBatch batch, JournalLabels labels, bool asJson)
    {
        _index++;
        if (!journal.TryTimestamp(out var microseconds))
        {
            _counts.Damaged++;
            return;
        }

        // Entries that are dropped take part in it: what follows them gets the same timestamp every time.
        var timestamp = Unique(microseconds * 1000);
        var (start, length) = Read(batch, labels, asJson);
        if (journal.IsDamaged && length < 0) _counts.Damaged++;
        else if (length < 0) _counts.WithoutMessage++;
        else if (labels.Resolve() is not { } set) _counts.Unwanted++;
        else if (set.Count == 0) _counts.WithoutLabels++;
        else AddLine(batch, timestamp, set, start, length);
    }

    /// <returns>Where the line lies in the arena; the length is negative where there is none.</returns>
    private (int Start, int Length) Read(LogBatch batch, JournalLabels labels, bool asJson)
    {
        var (start, length) = (0, -1);
        labels.Begin();
        if (asJson) _json.Begin();
        while (journal.TryField(out var field))
        {
            var name = field.IndexOf((byte)'=');
            if (name <= 0) continue;
            labels.Add(field, name);
            if (asJson) _json.Add(field, name, ref _counts);
            else if (name == 7 && field.StartsWith("MESSAGE"u8))
            {
                if (field.Length >= FieldBytesMax) _counts.Cut++;
                length = field.Length - name - 1;
                start = batch.Append(field[(name + 1)..]);
            }
        }

        if (!asJson || journal.IsDamaged) return (start, length);
        return _json.Append(batch);
    }

    private void AddLine(LogBatch batch, long timestamp, LabelSet set, int start, int length)
    {
        if (!Utf8.IsValid(batch.Bytes.Slice(start, length))) (start, length) = Clean(batch, start, length);
        if (length > LineBytesMax) _counts.Split++;
        for (; ; timestamp = ++_lastGiven)
        {
            var part = FieldText.CutAt(batch.Bytes.Slice(start, length), LineBytesMax);
            batch.Add(timestamp, set, start, part, _index - 1);
            _counts.Lines++;
            start += part;
            length -= part;
            if (length == 0) return;
        }
    }

    private (int Start, int Length) Clean(LogBatch batch, int start, int length)
    {
        var room = batch.Reserve(length * 3).Span;
        _counts.InvalidBytes += FieldText.Clean(batch.Bytes.Slice(start, length), room, out var cleaned);
        return (batch.Advance(cleaned), cleaned);
    }

    /// <summary>The timestamp to deliver: Loki keeps one of two equal lines with equal timestamps, so the second one is
    /// a nanosecond later.</summary>
    private long Unique(long timestamp)
    {
        var follows = timestamp >= _lastRaw && timestamp <= _lastGiven;
        _lastRaw = timestamp;
        return _lastGiven = follows ? _lastGiven + 1 : timestamp;
    }
}
