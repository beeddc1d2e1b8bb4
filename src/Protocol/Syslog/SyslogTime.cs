using Weir.Protocol.Time;

namespace Weir.Protocol.Syslog;

/// <summary>The times of RFC 3164, <c>Jan  2 03:04:05</c>, which name neither year nor zone.</summary>
internal static class SyslogTime
{
    private const long NanosecondsPerSecond = 1_000_000_000;
    private const long HalfYear = 183L * 86_400 * NanosecondsPerSecond;
    private const int FractionDigits = 9;

    /// <param name="now">Nanoseconds since the epoch: the year is chosen so that the time is nearest to it.</param>
    /// <param name="fractions">Whether a fraction of the second may follow.</param>
    /// <param name="length">Bytes of the time.</param>
    public static bool TryParse(
        ReadOnlySpan<byte> text, long now, bool fractions, out long timestamp, out int length)
    {
        if (Rfc3339.TryParse(text, out timestamp, out length)) return true;
        var rest = text;
        if (!TryReadMonth(ref rest, out var month) || !TryReadNumber(ref rest, 2, out var day)) return false;
        var year = 0;
        if (rest.Length > 4 && rest[4] == ' ' && !TryReadNumber(ref rest, 4, out year)) return false;
        if (!TryReadClock(ref rest, out var ofDay)) return false;
        if (fractions && rest.Length > 1 && rest[0] == '.') ofDay += ReadFraction(ref rest);
        length = text.Length - rest.Length;
        return year > 0
            ? TryMake(year, month, day, ofDay, out timestamp)
            : TryNearest(now, month, day, ofDay, out timestamp);
    }

    private static bool TryNearest(long now, int month, int day, long ofDay, out long timestamp)
    {
        var thisYear = DateTime.UnixEpoch.AddTicks(now / 100).Year;
        for (var year = thisYear + 1; year >= thisYear - 1; year--)
            if (TryMake(year, month, day, ofDay, out timestamp) && timestamp - now <= HalfYear) return true;
        // The 29th of February, in none of these years: the last one that had it.
        for (var year = thisYear - 2; year >= thisYear - 8; year--)
            if (TryMake(year, month, day, ofDay, out timestamp)) return true;
        timestamp = 0;
        return false;
    }

    private static bool TryMake(int year, int month, int day, long ofDay, out long timestamp)
    {
        timestamp = 0;
        if (day < 1 || day > Calendar.DaysIn(year, month) || year is < 1970 or > 2200) return false;
        timestamp = Calendar.DaysFromEpoch(year, month, day) * 86_400 * NanosecondsPerSecond + ofDay;
        return true;
    }

    private static bool TryReadMonth(scoped ref ReadOnlySpan<byte> rest, out int month)
    {
        month = 0;
        if (rest.Length < 4 || rest[3] != ' ') return false;
        var at = "JanFebMarAprMayJunJulAugSepOctNovDec"u8.IndexOf(rest[..3]);
        if (at < 0 || at % 3 != 0) return false;
        month = at / 3 + 1;
        rest = rest[4..].TrimStart((byte)' ');
        return true;
    }

    /// <summary>Digits and the space behind them.</summary>
    private static bool TryReadNumber(scoped ref ReadOnlySpan<byte> rest, int digitsMax, out int number)
    {
        number = 0;
        var end = rest.IndexOf((byte)' ');
        if (end < 1 || end > digitsMax) return false;
        foreach (var digit in rest[..end])
        {
            if ((uint)(digit - '0') > 9) return false;
            number = number * 10 + (digit - '0');
        }

        rest = rest[(end + 1)..];
        return true;
    }

    private static bool TryReadClock(scoped ref ReadOnlySpan<byte> rest, out long ofDay)
    {
        ofDay = 0;
        if (rest.Length < 8 || rest[2] != ':' || rest[5] != ':') return false;
        Span<int> parts = stackalloc int[3];
        for (var i = 0; i < 3; i++)
        {
            int tens = rest[i * 3] - '0', ones = rest[i * 3 + 1] - '0';
            if ((uint)tens > 9 || (uint)ones > 9) return false;
            parts[i] = tens * 10 + ones;
        }

        if (parts[0] > 23 || parts[1] > 59 || parts[2] > 60) return false;
        ofDay = (parts[0] * 3600 + parts[1] * 60 + parts[2]) * NanosecondsPerSecond;
        rest = rest[8..];
        return true;
    }

    private static long ReadFraction(scoped ref ReadOnlySpan<byte> rest)
    {
        var (nanos, digits, at) = (0L, 0, 1);
        for (; at < rest.Length && (uint)(rest[at] - '0') <= 9; at++, digits++)
            if (digits < FractionDigits) nanos = nanos * 10 + (rest[at] - '0');
        for (; digits < FractionDigits; digits++) nanos *= 10;
        rest = rest[at..];
        return nanos;
    }
}
