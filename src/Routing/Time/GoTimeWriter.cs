using System.Buffers;
using System.Globalization;
using System.Text;

namespace Weir.Routing.Time;

/// <summary>Writes a time by the parts of a layout.</summary>
internal static class GoTimeWriter
{
    public static void Write(GoTimePart[] parts, in GoTimeFields time, IBufferWriter<byte> target)
    {
        foreach (var part in parts) Encoding.UTF8.GetBytes(TextOf(part, time), target);
    }

    private static string TextOf(GoTimePart part, in GoTimeFields time)
    {
        var hour12 = time.Hour % 12 == 0 ? 12 : time.Hour % 12;
        return part.Element switch
        {
            GoTimeElement.YearLong => Padded(time.Year, 4),
            GoTimeElement.YearShort => Padded(time.Year % 100, 2),
            GoTimeElement.MonthShort => GoTimeNames.Months[time.Month - 1][..3],
            GoTimeElement.MonthLong => GoTimeNames.Months[time.Month - 1],
            GoTimeElement.MonthNumber => Padded(time.Month, 1),
            GoTimeElement.MonthPadded => Padded(time.Month, 2),
            GoTimeElement.WeekdayShort => GoTimeNames.Weekdays[time.Weekday][..3],
            GoTimeElement.WeekdayLong => GoTimeNames.Weekdays[time.Weekday],
            GoTimeElement.Day => Padded(time.Day, 1),
            GoTimeElement.DaySpaced => Padded(time.Day, 1).PadLeft(2),
            GoTimeElement.DayPadded => Padded(time.Day, 2),
            GoTimeElement.YearDaySpaced => Padded(time.YearDay, 1).PadLeft(3),
            GoTimeElement.YearDayPadded => Padded(time.YearDay, 3),
            GoTimeElement.Hour => Padded(time.Hour, 2),
            GoTimeElement.Hour12 => Padded(hour12, 1),
            GoTimeElement.Hour12Padded => Padded(hour12, 2),
            GoTimeElement.Minute => Padded(time.Minute, 1),
            GoTimeElement.MinutePadded => Padded(time.Minute, 2),
            GoTimeElement.Second => Padded(time.Second, 1),
            GoTimeElement.SecondPadded => Padded(time.Second, 2),
            GoTimeElement.HalfUpper => time.Hour >= 12 ? "PM" : "AM",
            GoTimeElement.HalfLower => time.Hour >= 12 ? "pm" : "am",
            GoTimeElement.ZoneName => time.Offset == 0 ? "UTC" : Offset(time.Offset, time.Offset % 3600 == 0 ? 0 : 1),
            GoTimeElement.FractionFixed => part.Text[0] + Fraction(time, part.Text.Length - 1),
            GoTimeElement.FractionOptional => OptionalFraction(part, time),
            GoTimeElement.Text => part.Text,
            _ => OffsetOf(part.Element, time.Offset),
        };
    }

    private static string Padded(int number, int digits) => number.ToString("D" + digits, CultureInfo.InvariantCulture);

    private static string Fraction(in GoTimeFields time, int digits) =>
        Padded(time.Nanosecond, 9).PadRight(digits, '0')[..digits];

    private static string OptionalFraction(GoTimePart part, in GoTimeFields time)
    {
        var digits = Fraction(time, part.Text.Length - 1).TrimEnd('0');
        return digits.Length == 0 ? "" : part.Text[0] + digits;
    }

    private static string OffsetOf(GoTimeElement element, int offset)
    {
        var isZ = element >= GoTimeElement.ZOffsetHours;
        if (isZ && offset == 0) return "Z";
        return Offset(offset, isZ ? element - GoTimeElement.ZOffsetHours : element - GoTimeElement.OffsetHours);
    }

    /// <param name="offset">Seconds east.</param>
    /// <param name="form">0: hours, 1: and minutes, 2: with a colon, 3: and seconds, 4: with colons.</param>
    private static string Offset(int offset, int form)
    {
        var seconds = Math.Abs(offset);
        var colon = form is 2 or 4 ? ":" : "";
        var text = (offset < 0 ? "-" : "+") + Padded(seconds / 3600, 2);
        if (form >= 1) text += colon + Padded(seconds / 60 % 60, 2);
        if (form >= 3) text += colon + Padded(seconds % 60, 2);
        return text;
    }
}
