namespace Weir.Node.Sources.Journal;

/// <summary>An open journal: entries of all its files in order, and a place among them.</summary>
/// <remarks>One user at a time. Before the first entry, and at the end, there is no current one.</remarks>
internal interface IJournal : IDisposable
{
    /// <summary>Moves to the next entry.</summary>
    /// <returns>False: there is none yet; the place stays.</returns>
    /// <exception cref="JournalException">The journal cannot be read.</exception>
    bool TryNext();

    /// <summary>Moves back.</summary>
    /// <returns>By how many entries: fewer than asked for where the journal begins.</returns>
    int Back(int entries);

    /// <summary>The next entry is the first one at or after this time.</summary>
    /// <param name="microseconds">Since the Unix epoch.</param>
    void SeekTime(long microseconds);

    /// <summary>The next entry is the one of this cursor or, where that is gone, the nearest after it.</summary>
    /// <returns>False: that is no cursor.</returns>
    bool TrySeek(string cursor);

    /// <summary>Whether the current entry is the one of this cursor.</summary>
    bool IsAt(string cursor);

    /// <summary>Of the current entry.</summary>
    /// <returns>False: the entry is damaged.</returns>
    bool TryCursor(out string cursor);

    /// <summary>When the current entry was stored, in microseconds since the Unix epoch.</summary>
    /// <returns>False: the entry is damaged.</returns>
    bool TryTimestamp(out long microseconds);

    /// <summary>The current entry's next field as NAME=value, in no particular order; valid until the next
    /// call.</summary>
    /// <returns>False after the last one.</returns>
    bool TryField(out ReadOnlySpan<byte> field);

    /// <summary>Fields of the current entry cannot be read.</summary>
    bool IsDamaged { get; }

    /// <returns>"": all files of the journal are read; else which are not and what to do about it.</returns>
    /// <exception cref="JournalException">None is there any more.</exception>
    string CheckAccess();

    /// <summary>Waits until there may be more entries, or the time is up.</summary>
    ValueTask WaitAsync(TimeSpan limit, CancellationToken cancel);
}

/// <summary>The journal cannot be read now; the message says what to do about it.</summary>
public sealed class JournalException(string message) : IOException(message);
