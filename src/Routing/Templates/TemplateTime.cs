using System.Buffers;
using System.Collections.Concurrent;
using System.Text;
using Weir.Protocol.Time;
using Weir.Routing.Time;

namespace Weir.Routing.Templates;

/// <summary>A time in a template, and where it is written.</summary>
/// <param name="Seconds">Since the epoch, in years 0 to 9999.</param>
/// <param name="Nanosecond">Of the second.</param>
/// <param name="Offset">Seconds east of UTC.</param>
internal sealed record TemplateTime(long Seconds, int Nanosecond, int Offset) : ITemplateObject
{
    /// <summary>Characters of a layout.</summary>
    public const int LayoutMax = 1024;

    /// <summary>What Go's zero time is: the first second of year 1.</summary>
    public static readonly TemplateTime Zero = new(-62_135_596_800, 0, 0);

    private const long NanosecondsPerSecond = 1_000_000_000;

    public string Type => "time.Time";

    public string Kind => "struct";

    public string Json => Format("2006-01-02T15:04:05.999999999Z07:00");

    /// <exception cref="TemplateException">Outside the years that can be written.</exception>
    public static TemplateTime At(long seconds, int nanosecond, TimeZoneInfo zone) =>
        At(seconds, nanosecond, GoTimeFields.OffsetOf(zone, seconds));

    public static TemplateTime OfNanoseconds(long nanoseconds, TimeZoneInfo zone)
    {
        var nanosecond = (nanoseconds % NanosecondsPerSecond + NanosecondsPerSecond) % NanosecondsPerSecond;
        return At((nanoseconds - nanosecond) / NanosecondsPerSecond, (int)nanosecond, zone);
    }

    /// <summary>Reads a text by a layout, as Go does: without a year, it is year 0.</summary>
    /// <exception cref="TemplateException">The layout is too long.</exception>
    public static bool TryParse(string layout, string text, TimeZoneInfo zone, out TemplateTime time)
    {
        time = Zero;
        var parts = Cut(layout);
        var reader = new GoTimeReader(Encoding.UTF8.GetBytes(text));
        if (!reader.TryRead(parts, [.. parts.Select(part => Encoding.UTF8.GetBytes(part.Text))], out _)) return false;
        var fields = reader.Fields;
        var seconds = fields.SecondsIn(fields.Year == GoTimeFields.Unsaid ? 0 : fields.Year, zone);
        if (seconds is < GoTimeFields.SecondsMin or > GoTimeFields.SecondsMax) return false;
        time = fields.Offset == GoTimeFields.Unsaid ? At(seconds, fields.Nanosecond, zone)
            : new TemplateTime(seconds, fields.Nanosecond, fields.Offset);
        return true;
    }

    public TemplateTime In(TimeZoneInfo zone) => At(Seconds, Nanosecond, zone);

    /// <exception cref="TemplateException">Outside the years that can be written.</exception>
    public TemplateTime Add(TimeSpan span)
    {
        var nanosecond = Nanosecond + span.Ticks % TimeSpan.TicksPerSecond * TimeSpan.NanosecondsPerTick;
        var seconds = Seconds + span.Ticks / TimeSpan.TicksPerSecond;
        if (nanosecond < 0) seconds--;
        if (nanosecond >= NanosecondsPerSecond) seconds++;
        return At(seconds, (int)((nanosecond + NanosecondsPerSecond) % NanosecondsPerSecond), Offset);
    }

    /// <summary>What has passed since another time, to the 100 ns.</summary>
    public TimeSpan Since(TemplateTime other) => new((Seconds - other.Seconds) * TimeSpan.TicksPerSecond
        + (Nanosecond - other.Nanosecond) / TimeSpan.NanosecondsPerTick);

    /// <exception cref="TemplateException">The layout is too long.</exception>
    public string Format(string layout)
    {
        var text = new ArrayBufferWriter<byte>();
        GoTimeWriter.Write(Cut(layout), GoTimeFields.Of(Seconds, Nanosecond, Offset), text);
        return Encoding.UTF8.GetString(text.WrittenSpan);
    }

    public override string ToString() => Format("2006-01-02 15:04:05.999999999 -0700 MST");

    public object? Member(string name)
    {
        var fields = GoTimeFields.Of(Seconds, Nanosecond, Offset);
        return name switch
        {
            "Year" => (long)fields.Year,
            "Month" => Format("January"),
            "Day" => (long)fields.Day,
            "YearDay" => (long)fields.YearDay,
            "Weekday" => Format("Monday"),
            "Hour" => (long)fields.Hour,
            "Minute" => (long)fields.Minute,
            "Second" => (long)fields.Second,
            "Nanosecond" => (long)Nanosecond,
            "Unix" => Seconds,
            "UnixMilli" => Seconds * 1_000 + Nanosecond / 1_000_000,
            "UnixMicro" => Seconds * 1_000_000 + Nanosecond / 1_000,
            "UnixNano" => unchecked(Seconds * NanosecondsPerSecond + Nanosecond),
            "UTC" => this with { Offset = 0 },
            "IsZero" => Seconds == Zero.Seconds && Nanosecond == 0,
            "String" => ToString(),
            _ => throw TemplateMethods.Unknown(this, name),
        };
    }

    public object? Call(TemplateCall call)
    {
        TemplateMethods.CheckCount(call, call.Name == "AddDate" ? 3 : 1);
        return call.Name switch
        {
            "Format" => Format(call.Text(0)),
            "AddDate" => AddDate(call.Whole(0), call.Whole(1), call.Whole(2)),
            "Before" => Order(call) < 0,
            "After" => Order(call) > 0,
            "Equal" => Order(call) == 0,
            "Compare" => (long)Order(call),
            _ => throw TemplateMethods.Unknown(this, call.Name),
        };
    }

    private static GoTimePart[] Cut(string layout) => layout.Length <= LayoutMax ? GoTimePart.Cut(layout)
        : throw new TemplateException($"a time layout has at most {LayoutMax} characters");

    private static TemplateTime At(long seconds, int nanosecond, int offset) =>
        seconds is >= GoTimeFields.SecondsMin and <= GoTimeFields.SecondsMax
            ? new TemplateTime(seconds, nanosecond, offset)
            : throw new TemplateException("a time is outside the years 0 to 9999");

    // As Go normalizes: the 31st of a month with 30 days is the first of the next.
    private TemplateTime AddDate(long years, long months, long days)
    {
        var fields = GoTimeFields.Of(Seconds, Nanosecond, Offset);
        const long Most = 10_000 * 366L;
        if (Math.Max(Distance(years), Math.Max(Distance(months), Distance(days))) > Most)
            throw new TemplateException("a time is outside the years 0 to 9999");
        var month = (fields.Year + years) * 12 + fields.Month - 1 + months;
        var inYear = (int)((month % 12 + 12) % 12);
        var first = Calendar.DaysFromEpoch((int)((month - inYear) / 12), inYear + 1, 1);
        var day = (first + fields.Day - 1 + days) * 86_400;
        return At(day + fields.Hour * 3600 + fields.Minute * 60 + fields.Second - Offset, Nanosecond, Offset);
    }

    private static ulong Distance(long number) => number < 0 ? (ulong)-(number + 1) + 1 : (ulong)number;

    private int Order(TemplateCall call) => call[0] is TemplateTime other
        ? (Seconds, Nanosecond).CompareTo((other.Seconds, other.Nanosecond)) : throw call.Misfit(0, "time.Time");
}

/// <summary>The places that a template's functions were called with, also those that are none.</summary>
internal sealed class TemplateZones
{
    /// <summary>Names kept; they are constants as a rule. Others are UTC, so that no line makes the node read
    /// files again and again.</summary>
    public const int CountMax = 256;

    private readonly ConcurrentDictionary<string, TimeZoneInfo> _known = new(StringComparer.Ordinal);

    /// <summary>The place of a name; UTC for one that is none, as Sprig does.</summary>
    /// <param name="name">An IANA name, <c>Local</c> or <c>UTC</c>.</param>
    /// <param name="local">What <c>Local</c> is.</param>
    public TimeZoneInfo Find(string name, TimeZoneInfo local)
    {
        if (name == "Local") return local;
        if (name is "" or "UTC") return TimeZoneInfo.Utc;
        if (_known.TryGetValue(name, out var known)) return known;
        if (_known.Count >= CountMax) return TimeZoneInfo.Utc;
        var zone = IsName(name) && TimeZoneInfo.TryFindSystemTimeZoneById(name, out var found)
            ? found : TimeZoneInfo.Utc;
        _known.TryAdd(name, zone);
        return zone;
    }

    // The name becomes a path below the time zone database.
    private static bool IsName(string name) => name[0] != '/' && name.Length <= 64
        && name.All(unit => char.IsAsciiLetterOrDigit(unit) || unit is '/' or '_' or '-' or '+');
}
