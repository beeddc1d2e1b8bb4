namespace Weir.Protocol.Time;

/// <summary>RFC 3339 times in UTF-8 to and from nanoseconds since the Unix epoch. Allocates nothing.</summary>
public static class Rfc3339
{
    /// <summary>Longest text written: <c>2024-01-02T03:04:05.123456789Z</c>.</summary>
    public const int BytesMax = 30;

    private const long NanosecondsPerSecond = 1_000_000_000;
    private const int SecondsPerDay = 86_400;
    private const int FractionDigits = 9;
    private const int DateTimeBytes = 19; // 2024-01-02T03:04:05
    private const int EpochDayNumber = 719_162; // DateOnly's number of 1970-01-01

    /// <summary>Reads a whole text: date, <c>T</c> (or a space), time, any fraction, <c>Z</c> or an offset.</summary>
    /// <returns>False when it is anything else, a date that does not exist, or outside 1677 to 2262.</returns>
    public static bool TryParse(ReadOnlySpan<byte> text, out long timestamp) =>
        TryParse(text, out timestamp, out var consumed) && consumed == text.Length;

    /// <summary>Reads the time that the text begins with.</summary>
    /// <param name="timestamp">Nanoseconds since the Unix epoch; further digits of the fraction are cut off.</param>
    /// <param name="consumed">Bytes of the time, its zone included.</param>
    public static bool TryParse(ReadOnlySpan<byte> text, out long timestamp, out int consumed)
    {
        timestamp = 0;
        consumed = 0;
        if (text.Length <= DateTimeBytes || !TryParseSeconds(text, out var seconds)) return false;

        var at = DateTimeBytes;
        if (!TryParseFraction(text, ref at, out var nanos)) return false;
        if (!TryParseZone(text, ref at, out var offset)) return false;

        Int128 exact = (Int128)(seconds - offset) * NanosecondsPerSecond + nanos;
        if (exact < long.MinValue || exact > long.MaxValue) return false;

        timestamp = (long)exact;
        consumed = at;
        return true;
    }

    /// <summary>Writes the time in UTC as Go's RFC3339Nano does: trailing zeros of the fraction are left out.</summary>
    /// <param name="destination">At least <see cref="BytesMax"/> bytes.</param>
    /// <returns>Bytes written.</returns>
    public static int Write(Span<byte> destination, long timestamp)
    {
        var written = WriteSeconds(destination, timestamp, out var nanos);
        if (nanos != 0)
        {
            destination[written++] = (byte)'.';
            WriteDigits(destination, ref written, nanos, FractionDigits);
            while (destination[written - 1] == '0') written--;
        }

        destination[written++] = (byte)'Z';
        return written;
    }

    /// <summary>Writes the time in UTC with all nine digits, so that texts sort as times do.</summary>
    /// <param name="destination">At least <see cref="BytesMax"/> bytes.</param>
    /// <returns>Bytes written: always <see cref="BytesMax"/>.</returns>
    public static int WriteFixed(Span<byte> destination, long timestamp)
    {
        var written = WriteSeconds(destination, timestamp, out var nanos);
        destination[written++] = (byte)'.';
        WriteDigits(destination, ref written, nanos, FractionDigits);
        destination[written++] = (byte)'Z';
        return written;
    }

    private static bool TryParseSeconds(ReadOnlySpan<byte> text, out long seconds)
    {
        seconds = 0;
        if (text[4] != '-' || text[7] != '-' || text[13] != ':' || text[16] != ':') return false;
        if (text[10] is not ((byte)'T' or (byte)'t' or (byte)' ')) return false;
        if (!TryParseDigits(text[..4], out var year) || !TryParseDigits(text.Slice(5, 2), out var month)
            || !TryParseDigits(text.Slice(8, 2), out var day) || !TryParseDigits(text.Slice(11, 2), out var hour)
            || !TryParseDigits(text.Slice(14, 2), out var minute) || !TryParseDigits(text.Slice(17, 2), out var second))
            return false;

        if (month is < 1 or > 12 || day < 1 || day > Calendar.DaysIn(year, month)) return false;
        if (hour > 23 || minute > 59 || second > 60) return false; // 60: a leap second reads as the next second

        seconds = Calendar.DaysFromEpoch(year, month, day) * SecondsPerDay + hour * 3600 + minute * 60 + second;
        return true;
    }

    private static bool TryParseFraction(ReadOnlySpan<byte> text, ref int at, out int nanos)
    {
        nanos = 0;
        if (text[at] is not ((byte)'.' or (byte)',')) return true;

        var digits = 0;
        for (at++; at < text.Length && (uint)(text[at] - '0') <= 9; at++, digits++)
        {
            if (digits < FractionDigits) nanos = nanos * 10 + (text[at] - '0');
        }

        for (var missing = digits; missing < FractionDigits; missing++) nanos *= 10;
        return digits > 0;
    }

    private static bool TryParseZone(ReadOnlySpan<byte> text, ref int at, out int offset)
    {
        offset = 0;
        if (at >= text.Length) return false;

        var sign = text[at++];
        if (sign is (byte)'Z' or (byte)'z') return true;
        if (sign is not ((byte)'+' or (byte)'-') || text.Length - at < 5 || text[at + 2] != ':') return false;
        if (!TryParseDigits(text.Slice(at, 2), out var hours)) return false;
        if (!TryParseDigits(text.Slice(at + 3, 2), out var minutes) || hours > 23 || minutes > 59) return false;

        at += 5;
        offset = (hours * 3600 + minutes * 60) * (sign == '-' ? -1 : 1);
        return true;
    }

    private static bool TryParseDigits(ReadOnlySpan<byte> text, out int number)
    {
        number = 0;
        foreach (var digit in text)
        {
            if ((uint)(digit - '0') > 9) return false;
            number = number * 10 + (digit - '0');
        }

        return true;
    }

    private static int WriteSeconds(Span<byte> destination, long timestamp, out int nanos)
    {
        var seconds = Math.DivRem(timestamp, NanosecondsPerSecond, out var rest);
        if (rest < 0)
        {
            rest += NanosecondsPerSecond;
            seconds--;
        }

        nanos = (int)rest;
        var days = Math.DivRem(seconds, SecondsPerDay, out var ofDay);
        if (ofDay < 0)
        {
            ofDay += SecondsPerDay;
            days--;
        }

        var date = DateOnly.FromDayNumber((int)days + EpochDayNumber);
        var written = 0;
        WriteDigits(destination, ref written, date.Year, 4);
        destination[written++] = (byte)'-';
        WriteDigits(destination, ref written, date.Month, 2);
        destination[written++] = (byte)'-';
        WriteDigits(destination, ref written, date.Day, 2);
        destination[written++] = (byte)'T';
        WriteDigits(destination, ref written, (int)(ofDay / 3600), 2);
        destination[written++] = (byte)':';
        WriteDigits(destination, ref written, (int)(ofDay / 60 % 60), 2);
        destination[written++] = (byte)':';
        WriteDigits(destination, ref written, (int)(ofDay % 60), 2);
        return written;
    }

    private static void WriteDigits(Span<byte> destination, ref int written, int number, int digits)
    {
        for (var i = digits - 1; i >= 0; i--)
        {
            destination[written + i] = (byte)('0' + number % 10);
            number /= 10;
        }

        written += digits;
    }
}
