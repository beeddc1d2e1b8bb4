using System.Globalization;
using Weir.Protocol.Batches;

namespace Weir.Node.Sources.Journal;

/// <summary>Where reading stands in a journal. The position's context holds it; its offset is
/// <see cref="Index"/>.</summary>
/// <remarks>
/// A cursor names an entry and nothing else; the index, a count of entries read, gives stages that hold lines back
/// something to count by: a position whose offset is three less resumes three entries before the cursor.
/// </remarks>
/// <param name="Index">Entries read since this journal was first read.</param>
/// <param name="Given">The last timestamp given to a line, in Unix nanoseconds; 0: none was.</param>
/// <param name="Cursor">The last entry that was read, in systemd's own form.</param>
/// <param name="Matches">What selected the entries: under other matches the last entry may be none.</param>
internal sealed record JournalPlace(long Index, long Given, string Cursor, string Matches)
{
    private const string Version = "1";

    public SourcePosition ToPosition(SourceKey source) => new(source, Index, string.Create(
        CultureInfo.InvariantCulture, $"{Version} {Index} {Given} {Cursor} {Matches}"));

    /// <returns>False: no version of Weir wrote it.</returns>
    public static bool TryParse(string context, out JournalPlace place)
    {
        var fields = context.Split(' ', 5);
        if (fields is [Version, var index, var given, { Length: > 0 } cursor, var matches]
            && long.TryParse(index, NumberStyles.None, CultureInfo.InvariantCulture, out var entries)
            && long.TryParse(given, NumberStyles.None, CultureInfo.InvariantCulture, out var timestamp))
        {
            place = new JournalPlace(entries, timestamp, cursor, matches);
            return true;
        }

        place = new JournalPlace(0, 0, "", "");
        return false;
    }

    /// <summary>How many entries were stored between those of two cursors.</summary>
    /// <returns>Null: they were not written by one journald, or in this order, so nobody knows.</returns>
    public static long? EntriesBetween(string before, string after)
    {
        var writer = Part(before, "s=");
        if (writer.IsEmpty || !writer.SequenceEqual(Part(after, "s="))) return null;
        var isNumbered = long.TryParse(
            Part(before, "i="), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var from);
        isNumbered &= long.TryParse(
            Part(after, "i="), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var to);
        return isNumbered && to > from ? to - from - 1 : null;
    }

    private static ReadOnlySpan<char> Part(string cursor, string mark)
    {
        foreach (var range in cursor.AsSpan().Split(';'))
        {
            var part = cursor.AsSpan()[range];
            if (part.StartsWith(mark, StringComparison.Ordinal)) return part[mark.Length..];
        }

        return default;
    }
}
