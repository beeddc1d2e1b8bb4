using System.Globalization;
using System.Text;
using Weir.Node.Sources.Journal;
using Weir.Support;

namespace Weir.Node.Tests.Sources.Journal;

/// <summary>What a fake journal holds: it outlives those that have it open.</summary>
internal sealed class FakeFiles
{
    private readonly Signals _signals = new();
    private readonly List<FakeEntry> _entries = [];
    private long _number;

    /// <summary>Why it cannot be opened; null: it can.</summary>
    public string? Fault { get; set; }

    /// <summary>Why not all of it is read.</summary>
    public string Problem { get; set; } = "";

    public int Opened { get; set; }

    public FakeEntry[] Entries
    {
        get
        {
            lock (_entries) return [.. _entries];
        }
    }

    /// <summary>Stores an entry.</summary>
    /// <param name="microseconds">Since 2023-11-14.</param>
    public void Add(long microseconds, params string[] fields) =>
        AddBytes(microseconds, [.. fields.Select(Encoding.UTF8.GetBytes)]);

    public void AddBytes(long microseconds, params byte[][] fields)
    {
        lock (_entries) _entries.Add(new FakeEntry(++_number, Base + microseconds, fields));
        _signals.Raise();
    }

    /// <summary>journald removes the oldest entries.</summary>
    public void Vacuum(int entries)
    {
        lock (_entries) _entries.RemoveRange(0, entries);
    }

    /// <summary>Waits until there is more than this many entries were ever stored.</summary>
    public Task ChangedAsync(long known, CancellationToken cancel) =>
        _signals.UntilAsync(() => Volatile.Read(ref _number) > known ? this : null, cancel);

    public FakeJournal Open()
    {
        if (Fault is { } fault) throw new JournalException(fault);
        Opened++;
        return new FakeJournal(this);
    }

    /// <summary>Microseconds of the first moment.</summary>
    public const long Base = 1_700_000_000_000_000;
}

internal sealed record FakeEntry(long Number, long Microseconds, byte[][] Fields)
{
    public bool IsDamaged { get; init; }

    public string Cursor { get; } = string.Create(CultureInfo.InvariantCulture, $"s=fake;i={Number:x};x=1");
}

/// <summary>A journal in memory that moves among its entries as libsystemd does.</summary>
internal sealed class FakeJournal(FakeFiles files) : IJournal
{
    // Of the current entry, or the one before the next after a seek; entries may vanish meanwhile.
    private long _at;
    private FakeEntry? _current;
    private int _field;

    public bool IsDamaged => _current is { IsDamaged: true };

    public bool TryNext()
    {
        if (files.Entries.FirstOrDefault(entry => entry.Number > _at) is not { } next) return false;
        Stand(next);
        return true;
    }

    public int Back(int entries)
    {
        var before = files.Entries.Where(entry => entry.Number < _at).ToArray();
        var moved = Math.Min(entries, before.Length);
        if (moved > 0) Stand(before[^moved]);
        return moved;
    }

    public void SeekTime(long microseconds) =>
        _at = (files.Entries.FirstOrDefault(entry => entry.Microseconds >= microseconds)?.Number ?? long.MaxValue) - 1;

    public bool TrySeek(string cursor)
    {
        var number = cursor.Split(";i=") is [_, var rest] ? rest.Split(';')[0] : "";
        if (!long.TryParse(number, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var at))
            return false;
        _at = at - 1;
        return true;
    }

    public bool IsAt(string cursor) => _current!.Cursor == cursor;

    public bool TryCursor(out string cursor)
    {
        cursor = _current!.Cursor;
        return true;
    }

    public bool TryTimestamp(out long microseconds)
    {
        microseconds = _current!.Microseconds;
        return true;
    }

    public bool TryField(out ReadOnlySpan<byte> field)
    {
        field = default;
        if (_field == _current!.Fields.Length) return false;
        field = _current.Fields[_field++];
        return true;
    }

    public string CheckAccess() => files.Problem;

    public async ValueTask WaitAsync(TimeSpan limit, CancellationToken cancel) =>
        await files.ChangedAsync(_at, cancel);

    public void Dispose() => _current = null;

    private void Stand(FakeEntry entry) => (_at, _current, _field) = (entry.Number, entry, 0);
}
