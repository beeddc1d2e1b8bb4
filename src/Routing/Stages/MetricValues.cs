using System.Buffers;
using System.Globalization;

namespace Weir.Routing.Stages;

/// <summary>Numbers for metrics, as texts of lines have them.</summary>
internal static class MetricValues
{
    private static readonly SearchValues<byte> Digits = SearchValues.Create(".0123456789"u8);

    private const NumberStyles Number =
        NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;

    /// <summary>Reads a finite number, or a duration as Go writes it in seconds: <c>1m30s</c> is 90.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out double value)
    {
        if (double.TryParse(text, Number, CultureInfo.InvariantCulture, out value)) return double.IsFinite(value);
        return TryParseDuration(text, out value);
    }

    private static bool TryParseDuration(ReadOnlySpan<byte> text, out double seconds)
    {
        seconds = 0;
        var isNegative = text is [(byte)'-', ..];
        if (text is [(byte)'-' or (byte)'+', ..]) text = text[1..];
        if (text.IsEmpty) return false;
        var nanoseconds = 0m;
        while (!text.IsEmpty)
        {
            if (!TryTakeNumber(ref text, out var number) || !TryTakeUnit(ref text, out var unit)) return false;
            nanoseconds += decimal.Floor(number * unit);
            if (nanoseconds > long.MaxValue) return false;
        }

        seconds = (double)(isNegative ? -nanoseconds : nanoseconds) / 1e9;
        return true;
    }

    private static bool TryTakeNumber(ref ReadOnlySpan<byte> text, out decimal number)
    {
        number = 0;
        var (digits, factor, isFraction) = (0, 1m, false);
        for (; !text.IsEmpty; text = text[1..])
        {
            if (text[0] == '.' && !isFraction) isFraction = true;
            else if ((uint)(text[0] - '0') > 9) break;
            else
            {
                digits++;
                if (number > long.MaxValue) return false;
                if (!isFraction) number = number * 10 + (text[0] - '0');
                else if (factor > 1m / 1_000_000_000_000_000_000m) number += (text[0] - '0') * (factor /= 10);
            }
        }

        return digits > 0;
    }

    private static bool TryTakeUnit(ref ReadOnlySpan<byte> text, out long nanoseconds)
    {
        nanoseconds = 0;
        var length = text.IndexOfAny(Digits);
        var unit = length < 0 ? text : text[..length];
        if (unit.SequenceEqual("ns"u8)) nanoseconds = 1;
        else if (unit.SequenceEqual("us"u8) || unit.SequenceEqual("µs"u8) || unit.SequenceEqual("μs"u8))
            nanoseconds = 1_000;
        else if (unit.SequenceEqual("ms"u8)) nanoseconds = 1_000_000;
        else if (unit.SequenceEqual("s"u8)) nanoseconds = 1_000_000_000;
        else if (unit.SequenceEqual("m"u8)) nanoseconds = 60_000_000_000;
        else if (unit.SequenceEqual("h"u8)) nanoseconds = 3_600_000_000_000;
        text = text[unit.Length..];
        return nanoseconds > 0;
    }
}
