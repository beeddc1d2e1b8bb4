using Weir.Protocol.Time;

namespace Weir.Routing.Time;

/// <summary>A time taken apart.</summary>
internal struct GoTimeFields
{
    /// <summary>What a text did not say.</summary>
    public const int Unsaid = int.MinValue;

    private const long SecondsPerDay = 86_400;
    private const long NanosecondsPerSecond = 1_000_000_000;

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
        var fields = new GoTimeFields { Offset = 0 };
        var seconds = Math.DivRem(nanoseconds, NanosecondsPerSecond, out var rest);
        if (rest < 0)
        {
            rest += NanosecondsPerSecond;
            seconds--;
        }

        if (location != null)
        {
            fields.Offset = (int)location.GetUtcOffset(DateTimeOffset.FromUnixTimeSeconds(seconds)).TotalSeconds;
            seconds += fields.Offset;
        }

        var date = DateTimeOffset.FromUnixTimeSeconds(seconds);
        (fields.Year, fields.Month, fields.Day) = (date.Year, date.Month, date.Day);
        (fields.Hour, fields.Minute, fields.Second) = (date.Hour, date.Minute, date.Second);
        fields.YearDay = date.DayOfYear;
        fields.Nanosecond = (int)rest;
        return fields;
    }

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

    private readonly bool TryAt(int year, TimeZoneInfo? location, out long nanoseconds)
    {
        nanoseconds = 0;
        var seconds = Calendar.DaysFromEpoch(year, Month, Day) * SecondsPerDay + Hour * 3600 + Minute * 60 + Second;
        if (Offset != Unsaid) seconds -= Offset;
        else if (location != null && year is >= 1 and <= 9998) seconds -= OffsetAt(location, seconds);
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
