using Weir.Protocol.Time;

namespace Weir.Routing.Time;

/// <summary>A time taken apart.</summary>
internal struct GoTimeFields
{
    /// <summary>What a text did not say.</summary>
    public const int Unsaid = int.MinValue;

    private const long SecondsPerDay = 86_400;
    private const long NanosecondsPerSecond = 1_000_000_000;
    private const long SecondsPerEra = 146_097 * SecondsPerDay;
    private const long RuntimeSecondsMin = -62_135_596_800;

    // A written offset may be a little more than a day: with it, a time must still be one of the calendar's.
    private const long OffsetsSeconds = 2 * SecondsPerDay;

    /// <summary>The first second that can be taken apart: of year 0, for times whose text says no year.</summary>
    public const long SecondsMin = RuntimeSecondsMin - 366 * SecondsPerDay;

    /// <summary>The last one: two days before the end of year 9999.</summary>
    public const long SecondsMax = 253_402_300_799 - OffsetsSeconds;

    public GoTimeFields()
    {
    }

    public int Year = Unsaid;
    public int Month = Unsaid;
    public int Day = Unsaid;
    public int YearDay = Unsaid;
    public int Hour;
    public int Minute;
    public int Second;
    public int Nanosecond;
    public bool IsAfternoon;
    public bool IsMorning;

    /// <summary>Seconds east of UTC.</summary>
    public int Offset = Unsaid;

    public static GoTimeFields Of(long nanoseconds, TimeZoneInfo? location)
    {
        var seconds = Math.DivRem(nanoseconds, NanosecondsPerSecond, out var rest);
        if (rest < 0)
        {
            rest += NanosecondsPerSecond;
            seconds--;
        }

        return Of(seconds, (int)rest, location == null ? 0 : OffsetOf(location, seconds));
    }

    /// <param name="seconds">Since the epoch, within <see cref="SecondsMin"/> and <see cref="SecondsMax"/>.</param>
    /// <param name="nanosecond">Of the second.</param>
    /// <param name="offset">Seconds east of UTC, as <see cref="GoTimeReader"/> reads them.</param>
    public static GoTimeFields Of(long seconds, int nanosecond, int offset)
    {
        // The runtime's calendar begins with year 1; years repeat after 400.
        var shift = seconds < RuntimeSecondsMin + OffsetsSeconds ? SecondsPerEra : 0;
        var date = DateTimeOffset.FromUnixTimeSeconds(seconds + shift + offset);
        return new GoTimeFields
        {
            Year = date.Year - (shift > 0 ? 400 : 0), Month = date.Month, Day = date.Day, YearDay = date.DayOfYear,
            Hour = date.Hour, Minute = date.Minute, Second = date.Second, Nanosecond = nanosecond, Offset = offset,
        };
    }

    /// <param name="location">Where.</param>
    /// <param name="seconds">When, since the epoch.</param>
    /// <returns>Seconds east of UTC.</returns>
    public static int OffsetOf(TimeZoneInfo location, long seconds) => (int)location.GetUtcOffset(
        DateTimeOffset.FromUnixTimeSeconds(Math.Clamp(seconds, RuntimeSecondsMin, SecondsMax))).TotalSeconds;

    /// <summary>Sunday is 0.</summary>
    public readonly int Weekday => (int)((Calendar.DaysFromEpoch(Year, Month, Day) % 7 + 11) % 7);

    /// <summary>Works out what the text left open and checks the day, as Go does.</summary>
    public bool TryComplete()
    {
        if (IsAfternoon && Hour < 12) Hour += 12;
        else if (IsMorning && Hour == 12) Hour = 0;
        // A year left open counts as a leap year until it is known.
        var year = Year == Unsaid ? 0 : Year;
        if (YearDay != Unsaid && !TryTakeYearDay(year)) return false;
        if (Month == Unsaid) Month = 1;
        if (Day == Unsaid) Day = 1;
        return Day >= 1 && Day <= Calendar.DaysIn(year, Month);
    }

    /// <param name="hasYear">Else the year that brings the time nearest to now.</param>
    /// <param name="now">Nanoseconds since the epoch.</param>
    /// <param name="location">Where a time without an offset is meant; null is UTC.</param>
    /// <param name="nanoseconds">Since the epoch.</param>
    public readonly bool TryToNanoseconds(bool hasYear, long now, TimeZoneInfo? location, out long nanoseconds)
    {
        if (hasYear) return TryAt(Year, location, out nanoseconds);
        var thisYear = DateTimeOffset.FromUnixTimeSeconds(now / NanosecondsPerSecond).Year;
        nanoseconds = 0;
        var isFound = false;
        for (var year = thisYear - 1; year <= thisYear + 1; year++)
        {
            if (!TryAt(year, location, out var candidate)) continue;
            if (isFound && Distance(candidate, now) >= Distance(nanoseconds, now)) continue;
            nanoseconds = candidate;
            isFound = true;
        }

        return isFound;
    }

    private static UInt128 Distance(long one, long other) => (UInt128)Int128.Abs((Int128)one - other);

    private bool TryTakeYearDay(int year)
    {
        var month = 1;
        var day = YearDay;
        if (day < 1) return false;
        while (month <= 12 && day > Calendar.DaysIn(year, month)) day -= Calendar.DaysIn(year, month++);
        if (month > 12 || (Month != Unsaid && Month != month) || (Day != Unsaid && Day != day)) return false;
        (Month, Day) = (month, day);
        return true;
    }

    /// <summary>The time in a year, in seconds since the epoch.</summary>
    /// <param name="location">Where a time without an offset is meant; null is UTC.</param>
    public readonly long SecondsIn(int year, TimeZoneInfo? location)
    {
        var seconds = Calendar.DaysFromEpoch(year, Month, Day) * SecondsPerDay + Hour * 3600 + Minute * 60 + Second;
        if (Offset != Unsaid) seconds -= Offset;
        else if (location != null && year is >= 1 and <= 9998) seconds -= OffsetAt(location, seconds);
        return seconds;
    }

    private readonly bool TryAt(int year, TimeZoneInfo? location, out long nanoseconds)
    {
        nanoseconds = 0;
        var seconds = SecondsIn(year, location);
        var exact = (Int128)seconds * NanosecondsPerSecond + Nanosecond;
        if (exact < long.MinValue || exact > long.MaxValue) return false;
        nanoseconds = (long)exact;
        return true;
    }

    /// <summary>
    /// The offset of a wall time. Of one that occurs twice the standard time is meant, as of one that does not occur.
    /// </summary>
    private static long OffsetAt(TimeZoneInfo location, long wallSeconds)
    {
        var wall = DateTimeOffset.FromUnixTimeSeconds(wallSeconds).DateTime;
        return (long)location.GetUtcOffset(DateTime.SpecifyKind(wall, DateTimeKind.Unspecified)).TotalSeconds;
    }
}
