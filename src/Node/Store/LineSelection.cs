using System.Text;

namespace Weir.Node.Store;

/// <summary>A query does not fit into what one answer may hold; the message goes to the client.</summary>
internal sealed class StoreLimitException(string message) : Exception(message);

/// <summary>The newest, or oldest, entries of what it is shown: all that memory holds of a query's result.</summary>
/// <remarks>Two entries of a stream that are the same in time and text are one, as in Loki's answers. Entries of one
/// instant keep the order in which they came.</remarks>
internal sealed class LineSelection(bool isForward, int limit)
{
    /// <summary>Bytes of the lines that one answer may have.</summary>
    public const long BytesMax = 64 * 1024 * 1024;

    private readonly SortedSet<Selected> _kept = new(Comparer<Selected>.Create(
        (one, other) => (one.Rank, one.Arrival).CompareTo((other.Rank, other.Arrival))));

    private readonly HashSet<(string Stream, long Timestamp, string Line)> _seen = [];
    private readonly int _sign = isForward ? 1 : -1;
    private long _arrivals;
    private long _bytes;

    /// <exception cref="StoreLimitException">The lines are too long to be answered at once.</exception>
    public void Add(FoundEntry entry)
    {
        var rank = _sign * entry.Timestamp;
        if (_kept.Count == limit && rank > _kept.Max!.Rank) return;
        var stream = StoreSeries.KeyOf(entry.Labels);
        if (!_seen.Add((stream, entry.Timestamp, entry.Line))) return;
        _kept.Add(new Selected(entry, stream, rank, _sign * ++_arrivals));
        _bytes += Encoding.UTF8.GetByteCount(entry.Line);
        if (_kept.Count > limit) RemoveLast();
        if (_bytes > BytesMax)
            throw new StoreLimitException($"the lines found have more than {BytesMax} bytes: ask for a lower limit");
    }

    /// <summary>Streams in the order of their first entry, each with its entries in order.</summary>
    public IEnumerable<IEnumerable<FoundEntry>> Streams() => _kept
        .GroupBy(selected => selected.Stream, selected => selected.Entry, StringComparer.Ordinal);

    private void RemoveLast()
    {
        var last = _kept.Max!;
        _kept.Remove(last);
        _seen.Remove((last.Stream, last.Entry.Timestamp, last.Entry.Line));
        _bytes -= Encoding.UTF8.GetByteCount(last.Entry.Line);
    }

    private sealed record Selected(FoundEntry Entry, string Stream, long Rank, long Arrival);
}
