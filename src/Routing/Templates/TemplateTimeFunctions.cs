using System.Globalization;
using Weir.Routing.Language;

namespace Weir.Routing.Templates;

/// <summary>Sprig's functions of time. A date is a time, or a number of seconds since the epoch; of anything else
/// Sprig makes the present.</summary>
internal static class TemplateTimeFunctions
{
    private const string Day = "2006-01-02";

    public static TemplateFunction[] All =>
    [
        new("now", 0, 0, call => Now(call)),
        new("date", 2, 2, call => Write(call, call.Text(0), 1, Local(call))),
        new("dateInZone", 3, 3, call => Write(call, call.Text(0), 1, Zone(call, 2))),
        new("date_in_zone", 3, 3, call => Write(call, call.Text(0), 1, Zone(call, 2))),
        new("htmlDate", 1, 1, call => Write(call, Day, 0, Local(call))),
        new("htmlDateInZone", 2, 2, call => Write(call, Day, 0, Zone(call, 1))),
        new("dateModify", 2, 2, call => Modify(call, isStrict: false)),
        new("date_modify", 2, 2, call => Modify(call, isStrict: false)),
        new("mustDateModify", 2, 2, call => Modify(call, isStrict: true)),
        new("must_date_modify", 2, 2, call => Modify(call, isStrict: true)),
        new("toDate", 2, 2, call => Read(call, isStrict: false)),
        new("mustToDate", 2, 2, call => Read(call, isStrict: true)),
        new("unixEpoch", 1, 1, call => Time(call, 0).Seconds.ToString(CultureInfo.InvariantCulture)),
        new("ago", 1, 1, call => GoDuration.Format(TimeSpan.FromSeconds(
            Math.Round(Now(call).Since(Date(call, 0)).TotalSeconds, MidpointRounding.AwayFromZero)))),
        new("duration", 1, 1, call => GoDuration.Format(TimeSpan.FromSeconds(Seconds(call)))),
        new("durationRound", 1, 1, Round),
    ];

    private static TimeZoneInfo Local(TemplateCall call) => call.Run.Surroundings.Zone;

    private static TimeZoneInfo Zone(TemplateCall call, int argument) =>
        call.Run.Zones.Find(call.Text(argument), Local(call));

    private static TemplateTime Now(TemplateCall call) =>
        TemplateTime.OfNanoseconds(call.Run.Surroundings.Now, Local(call));

    private static TemplateTime Time(TemplateCall call, int argument) =>
        call[argument] as TemplateTime ?? throw call.Misfit(argument, "time.Time");

    private static TemplateTime Date(TemplateCall call, int argument) => call[argument] switch
    {
        TemplateTime time => time,
        long seconds => TemplateTime.At(seconds, 0, Local(call)),
        _ => Now(call),
    };

    private static string Write(TemplateCall call, string layout, int date, TimeZoneInfo zone) =>
        Date(call, date).In(zone).Format(layout);

    private static TemplateTime Modify(TemplateCall call, bool isStrict)
    {
        if (GoDuration.TryParse(call.Text(0), out var span, out var problem)) return Time(call, 1).Add(span);
        return isStrict ? throw new TemplateException($"error calling {call.Name}: {problem}") : Time(call, 1);
    }

    private static TemplateTime Read(TemplateCall call, bool isStrict) =>
        TemplateTime.TryParse(call.Text(0), call.Text(1), Local(call), out var time) || !isStrict ? time
            : throw new TemplateException($"error calling {call.Name}: parsing time \"{call.Text(1)}\" as "
                + $"\"{call.Text(0)}\"");

    // A text that is no number is 0, as in Sprig.
    private static long Seconds(TemplateCall call)
    {
        var seconds = call[0] switch
        {
            long number => number,
            string text when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture,
                out var number) => number,
            _ => 0,
        };
        // Go's durations end there, at 292 years.
        const long Most = long.MaxValue / 1_000_000_000;
        return Math.Clamp(seconds, -Most, Most);
    }

    // The greatest unit of which more than one has passed.
    private static string Round(TemplateCall call)
    {
        var span = call[0] switch
        {
            string text when GoDuration.TryParse(text, out var parsed, out _) => parsed,
            long nanoseconds => new TimeSpan(nanoseconds / TimeSpan.NanosecondsPerTick),
            TemplateTime time => Now(call).Since(time),
            _ => TimeSpan.Zero,
        };
        var ticks = Math.Abs((decimal)span.Ticks);
        foreach (var (unit, length) in Units)
            if (ticks > length) return $"{(long)(ticks / length)}{unit}";
        return "0s";
    }

    private static (string Unit, long Ticks)[] Units =>
    [
        ("y", 365 * TimeSpan.TicksPerDay), ("mo", 30 * TimeSpan.TicksPerDay), ("d", TimeSpan.TicksPerDay),
        ("h", TimeSpan.TicksPerHour), ("m", TimeSpan.TicksPerMinute), ("s", TimeSpan.TicksPerSecond),
    ];
}
