using System.Buffers;
using System.Globalization;
using System.Text;

namespace Weir.Routing.Language;

/// <summary>Durations as Go writes them: <c>1h30m</c>, <c>250ms</c>, <c>1.5s</c>. Resolution is 100 ns.</summary>
public static class GoDuration
{
    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789.");

    /// <summary>Reads a duration.</summary>
    /// <param name="text">As the configuration has it.</param>
    /// <param name="value">The duration; zero when false is returned.</param>
    /// <param name="problem">What is wrong; empty when true is returned.</param>
    public static bool TryParse(string text, out TimeSpan value, out string problem)
    {
        value = default;
        problem = "expected a duration such as \"500ms\", \"10s\" or \"1h30m\"";
        var rest = text.AsSpan();
        var negative = rest is ['-', ..];
        if (rest is ['-' or '+', ..]) rest = rest[1..];
        if (rest.IsEmpty) return false;
        var ticks = 0.0;
        while (!rest.IsEmpty && rest is not "0")
        {
            var digits = rest.IndexOfAnyExcept(Digits);
            if (digits < 0) problem = "a duration needs a unit: \"10s\", not \"10\"";
            if (digits <= 0
                || !double.TryParse(rest[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture,
                    out var number))
                return false;
            rest = rest[digits..];
            var unit = rest.IndexOfAny(Digits);
            if (unit < 0) unit = rest.Length;
            if (!TryTicksOf(rest[..unit], out var factor))
            {
                problem = UnknownUnit(rest[..unit], number);
                return false;
            }
            ticks += number * factor;
            rest = rest[unit..];
        }
        if (ticks >= long.MaxValue)
        {
            problem = "duration is too long";
            return false;
        }
        (value, problem) = (TimeSpan.FromTicks((long)(negative ? -ticks : ticks)), "");
        return true;
    }

    /// <summary>Writes a duration as Go prints it: <c>1m0s</c>, <c>250ms</c>, <c>0s</c>.</summary>
    public static string Format(TimeSpan value)
    {
        if (value == TimeSpan.Zero) return "0s";
        var text = new StringBuilder(value < TimeSpan.Zero ? "-" : "");
        var ticks = (decimal)Math.Abs((double)value.Ticks);
        if (ticks < TimeSpan.TicksPerSecond)
        {
            var (unit, factor) = ticks >= TimeSpan.TicksPerMillisecond ? ("ms", TimeSpan.TicksPerMillisecond)
                : ticks >= TimeSpan.TicksPerMicrosecond ? ("µs", TimeSpan.TicksPerMicrosecond) : ("ns", 0);
            var number = factor == 0 ? ticks * TimeSpan.NanosecondsPerTick : ticks / factor;
            return text.Append(number.ToString("0.####", CultureInfo.InvariantCulture)).Append(unit).ToString();
        }
        var hours = decimal.Floor(ticks / TimeSpan.TicksPerHour);
        var minutes = decimal.Floor(ticks % TimeSpan.TicksPerHour / TimeSpan.TicksPerMinute);
        if (hours > 0) text.Append(CultureInfo.InvariantCulture, $"{hours:0}h");
        if (hours > 0 || minutes > 0) text.Append(CultureInfo.InvariantCulture, $"{minutes:0}m");
        var seconds = ticks % TimeSpan.TicksPerMinute / TimeSpan.TicksPerSecond;
        return text.Append(seconds.ToString("0.#######", CultureInfo.InvariantCulture)).Append('s').ToString();
    }

    private static bool TryTicksOf(ReadOnlySpan<char> unit, out double ticks)
    {
        ticks = unit switch
        {
            "ns" => 1.0 / TimeSpan.NanosecondsPerTick,
            "us" or "µs" or "μs" => TimeSpan.TicksPerMicrosecond,
            "ms" => TimeSpan.TicksPerMillisecond,
            "s" => TimeSpan.TicksPerSecond,
            "m" => TimeSpan.TicksPerMinute,
            "h" => TimeSpan.TicksPerHour,
            _ => 0,
        };
        return ticks > 0;
    }

    private static string UnknownUnit(ReadOnlySpan<char> unit, double number)
    {
        var hours = unit switch { "d" => 24, "w" => 7 * 24, _ => 0 };
        var problem = $"unknown unit \"{unit}\" in duration: the units are ns, us, ms, s, m and h";
        return hours == 0
            ? problem
            : problem + $"; write \"{(number * hours).ToString(CultureInfo.InvariantCulture)}h\"";
    }
}
