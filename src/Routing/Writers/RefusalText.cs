using System.Globalization;
using System.Text;
using Weir.Protocol.Loki;

namespace Weir.Routing.Writers;

/// <summary>Reads from Loki's 400 which entries it refused, where the text says enough to be sure.</summary>
/// <remarks>
/// Known: an entry that is too old or too new (the text names the stream and the limit), a line that is too long, and a
/// stream whose labels break a limit. Several refusals in one answer, or any other text, leave it to a search.
/// </remarks>
internal static class RefusalText
{
    private const string ManyErrors = " errors like: ";

    // Loki cuts its text at 1,024 characters: what is nearly as long may name only some of the refusals.
    private const int DetailMax = 1000;

    /// <returns>Ranges of entries (first, count) within the given range; empty when the text does not tell.</returns>
    public static IReadOnlyList<(int First, int Count)> Find(string detail, byte[] request, int first, int count)
    {
        if (detail.Length > DetailMax || StreamIn(detail) is not { } stream) return [];
        var refused = Rule(detail);
        if (refused is null) return [];

        var ranges = new List<(int First, int Count)>();
        var total = 0;
        var reader = new PushRequestReader(request);
        var isNamed = false;
        var index = 0;
        for (var token = reader.Read(); token is PushToken.Stream or PushToken.Entry; token = reader.Read())
        {
            if (token == PushToken.Stream)
            {
                isNamed = reader.Labels.SequenceEqual(stream);
                continue;
            }

            var isInRange = index >= first && index - first < count;
            if (isNamed && isInRange && refused(reader.Timestamp, reader.Line.Length))
            {
                total++;
                if (ranges.Count > 0 && ranges[^1].First + ranges[^1].Count == index)
                    ranges[^1] = (ranges[^1].First, ranges[^1].Count + 1);
                else ranges.Add((index, 1));
            }

            index++;
        }

        // Loki groups equal texts and states how many; a different number means that the text is not the whole story.
        var stated = StatedCount(detail);
        return stated is null || stated == total ? ranges : [];
    }

    private static Func<long, int, bool>? Rule(string detail)
    {
        if (detail.Contains("timestamp too old", StringComparison.Ordinal)
            && TimeAfter(detail, "oldest acceptable timestamp is: ") is { } oldest)
            return (timestamp, _) => timestamp < oldest;
        if (TimeAfter(detail, "timestamp too new: ") is { } tooNew)
            return (timestamp, _) => timestamp >= tooNew;
        if (detail.Contains("ax entry size '", StringComparison.Ordinal)
            && NumberAfter(detail, "ax entry size '") is { } longest)
            return (_, length) => length > longest;
        if (detail.Contains("label name too long", StringComparison.Ordinal)
            || detail.Contains("label value too long", StringComparison.Ordinal)
            || detail.Contains("label names; limit", StringComparison.Ordinal))
            return (_, _) => true;
        return null;
    }

    private static byte[]? StreamIn(string detail)
    {
        var start = detail.IndexOf("stream '{", StringComparison.Ordinal);
        if (start < 0) return null;
        start += "stream '".Length;
        var end = detail.IndexOf("}'", start, StringComparison.Ordinal);
        // Two streams named: the text speaks of more than one refusal.
        if (end < 0 || detail.IndexOf("stream '{", end, StringComparison.Ordinal) >= 0) return null;
        return Encoding.UTF8.GetBytes(detail[start..(end + 1)]);
    }

    private static long? StatedCount(string detail)
    {
        var at = detail.IndexOf(ManyErrors, StringComparison.Ordinal);
        if (at < 0) return null;
        var start = at;
        while (start > 0 && char.IsAsciiDigit(detail[start - 1])) start--;
        return long.TryParse(detail.AsSpan(start, at - start), CultureInfo.InvariantCulture,
            out var count) ? count : -1;
    }

    private static long? NumberAfter(string detail, string word)
    {
        var start = detail.IndexOf(word, StringComparison.Ordinal) + word.Length;
        var end = start;
        while (end < detail.Length && char.IsAsciiDigit(detail[end])) end++;
        return long.TryParse(detail.AsSpan(start, end - start), CultureInfo.InvariantCulture,
            out var number) ? number : null;
    }

    /// <summary>A time as Loki writes it, RFC 3339 to the second.</summary>
    private static long? TimeAfter(string detail, string word)
    {
        var at = detail.IndexOf(word, StringComparison.Ordinal);
        if (at < 0) return null;
        var text = detail.AsSpan(at + word.Length);
        var end = text.IndexOfAny(" ,'\n)");
        if (end >= 0) text = text[..end];
        return DateTimeOffset.TryParse(
            text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? (time - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick : null;
    }
}
