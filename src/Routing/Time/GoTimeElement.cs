namespace Weir.Routing.Time;

/// <summary>What a place of a Go layout stands for.</summary>
internal enum GoTimeElement : byte
{
    Text, MonthShort, MonthLong, MonthNumber, MonthPadded, WeekdayShort, WeekdayLong,
    Day, DaySpaced, DayPadded, YearDaySpaced, YearDayPadded, Hour, Hour12, Hour12Padded,
    Minute, MinutePadded, Second, SecondPadded, YearLong, YearShort, HalfUpper, HalfLower, ZoneName,
    OffsetHours, Offset, OffsetColon, OffsetSeconds, OffsetColonSeconds,
    ZOffsetHours, ZOffset, ZOffsetColon, ZOffsetSeconds, ZOffsetColonSeconds,
    FractionFixed, FractionOptional,
}

/// <param name="Element">What it stands for.</param>
/// <param name="Text">As written in the layout.</param>
internal readonly record struct GoTimePart(GoTimeElement Element, string Text)
{
    // In the order in which they must be tried: a longer one before its own beginning.
    private static readonly (string Text, GoTimeElement Element)[] Words =
    [
        ("January", GoTimeElement.MonthLong), ("Jan", GoTimeElement.MonthShort),
        ("Monday", GoTimeElement.WeekdayLong), ("Mon", GoTimeElement.WeekdayShort), ("MST", GoTimeElement.ZoneName),
        ("002", GoTimeElement.YearDayPadded), ("01", GoTimeElement.MonthPadded), ("02", GoTimeElement.DayPadded),
        ("03", GoTimeElement.Hour12Padded), ("04", GoTimeElement.MinutePadded), ("05", GoTimeElement.SecondPadded),
        ("06", GoTimeElement.YearShort), ("15", GoTimeElement.Hour), ("1", GoTimeElement.MonthNumber),
        ("2006", GoTimeElement.YearLong), ("2", GoTimeElement.Day), ("__2", GoTimeElement.YearDaySpaced),
        ("_2", GoTimeElement.DaySpaced), ("3", GoTimeElement.Hour12), ("4", GoTimeElement.Minute),
        ("5", GoTimeElement.Second), ("PM", GoTimeElement.HalfUpper), ("pm", GoTimeElement.HalfLower),
        ("-070000", GoTimeElement.OffsetSeconds), ("-07:00:00", GoTimeElement.OffsetColonSeconds),
        ("-0700", GoTimeElement.Offset), ("-07:00", GoTimeElement.OffsetColon), ("-07", GoTimeElement.OffsetHours),
        ("Z070000", GoTimeElement.ZOffsetSeconds), ("Z07:00:00", GoTimeElement.ZOffsetColonSeconds),
        ("Z0700", GoTimeElement.ZOffset), ("Z07:00", GoTimeElement.ZOffsetColon), ("Z07", GoTimeElement.ZOffsetHours),
    ];

    /// <summary>Cuts a layout into its parts, as Go does.</summary>
    public static GoTimePart[] Cut(string layout)
    {
        var parts = new List<GoTimePart>();
        var kept = 0;
        for (var at = 0; at < layout.Length;)
        {
            if (!TryRead(layout, at, out var part))
            {
                at++;
                continue;
            }

            if (at > kept) parts.Add(new GoTimePart(GoTimeElement.Text, layout[kept..at]));
            parts.Add(part);
            at = kept = at + part.Text.Length;
        }

        if (kept < layout.Length) parts.Add(new GoTimePart(GoTimeElement.Text, layout[kept..]));
        return [.. parts];
    }

    private static bool TryRead(string layout, int at, out GoTimePart part)
    {
        part = default;
        var rest = layout.AsSpan(at);
        if (rest[0] is '.' or ',') return TryReadFraction(layout, at, out part);
        if (rest.StartsWith("_2006")) return false; // an underscore, then the year
        foreach (var (text, element) in Words)
        {
            if (!rest.StartsWith(text)) continue;
            // "Month" and "Janet" are words of the text.
            var isShortName = element is GoTimeElement.MonthShort or GoTimeElement.WeekdayShort;
            if (isShortName && rest.Length > 3 && char.IsAsciiLetterLower(rest[3])) continue;
            part = new GoTimePart(element, text);
            return true;
        }

        return false;
    }

    private static bool TryReadFraction(string layout, int at, out GoTimePart part)
    {
        part = default;
        if (at + 1 >= layout.Length || layout[at + 1] is not ('0' or '9')) return false;
        var digit = layout[at + 1];
        var end = at + 1;
        while (end < layout.Length && layout[end] == digit) end++;
        if (end < layout.Length && char.IsAsciiDigit(layout[end])) return false;
        var element = digit == '0' ? GoTimeElement.FractionFixed : GoTimeElement.FractionOptional;
        part = new GoTimePart(element, layout[at..end]);
        return true;
    }
}
