namespace Weir.Protocol.Time;

/// <summary>The proleptic Gregorian calendar.</summary>
public static class Calendar
{
    /// <param name="month">1 to 12.</param>
    public static int DaysIn(int year, int month) => month switch
    {
        2 => year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28,
        4 or 6 or 9 or 11 => 30,
        _ => 31,
    };

    /// <summary>Days since 1970-01-01, counted in eras of 400 years that begin in March, so that the leap day is a
    /// year's last.</summary>
    public static long DaysFromEpoch(int year, int month, int day)
    {
        long shifted = month <= 2 ? year - 1 : year;
        var era = (shifted >= 0 ? shifted : shifted - 399) / 400;
        var yearOfEra = shifted - era * 400;
        var dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
        var dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear;
        return era * 146_097 + dayOfEra - 719_468;
    }
}
