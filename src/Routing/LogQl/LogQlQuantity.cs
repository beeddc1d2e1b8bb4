using System.Buffers;
using System.Globalization;

namespace Weir.Routing.LogQl;

/// <summary>Durations and sizes as queries write them.</summary>
public static class LogQlQuantity
{
    /// <summary>About 126 years: sums and differences of such times, in nanoseconds, fit into 64 bits.</summary>
    private const double SecondsMax = 4e9;

    private static readonly SearchValues<char> NumberCharacters = SearchValues.Create("0123456789.");

    private static readonly (string Unit, double Seconds)[] Times =
    [
        ("ns", 1e-9), ("us", 1e-6), ("µs", 1e-6), ("ms", 1e-3), ("s", 1), ("m", 60), ("h", 3600), ("d", 86400),
        ("w", 604800), ("y", 31536000),
    ];

    private static readonly (string Unit, double Bytes)[] Sizes =
    [
        ("b", 1), ("kb", 1e3), ("mb", 1e6), ("gb", 1e9), ("tb", 1e12),
        ("kib", 1024), ("mib", 1048576), ("gib", 1073741824), ("tib", 1099511627776),
    ];

    /// <summary><c>1h30m</c>, <c>1.5s</c>: numbers and units in a row.</summary>
    public static bool TryDuration(string text, out TimeSpan duration)
    {
        var seconds = 0.0;
        duration = default;
        var rest = text.AsSpan();
        if (rest.IsEmpty) return false;
        while (!rest.IsEmpty)
        {
            if (!TryNumber(ref rest, out var number) || !TryUnit(ref rest, Times, out var factor)) return false;
            seconds += number * factor;
        }

        if (seconds > SecondsMax) return false;
        duration = TimeSpan.FromSeconds(seconds);
        return true;
    }

    /// <summary><c>10KB</c>, <c>1.5MiB</c>.</summary>
    public static bool TryBytes(string text, out double bytes)
    {
        var rest = text.ToLowerInvariant().AsSpan();
        bytes = 0;
        if (!TryNumber(ref rest, out var number) || !TryUnit(ref rest, Sizes, out var factor)) return false;
        bytes = number * factor;
        return rest.IsEmpty;
    }

    private static bool TryNumber(ref ReadOnlySpan<char> rest, out double number)
    {
        var length = rest.IndexOfAnyExcept(NumberCharacters);
        if (length < 0) length = rest.Length;
        var isNumber = double.TryParse(rest[..length], NumberStyles.Float, CultureInfo.InvariantCulture, out number);
        rest = rest[length..];
        return isNumber;
    }

    private static bool TryUnit(ref ReadOnlySpan<char> rest, (string Unit, double Factor)[] units, out double factor)
    {
        var length = rest.IndexOfAny(NumberCharacters);
        var unit = length < 0 ? rest : rest[..length];
        foreach (var (name, value) in units)
        {
            if (!unit.SequenceEqual(name)) continue;
            factor = value;
            rest = rest[unit.Length..];
            return true;
        }

        factor = 0;
        return false;
    }
}
