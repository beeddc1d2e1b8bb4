using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace Weir.Routing.Time;

/// <summary>Time as a number since the epoch: <c>Unix</c>, <c>UnixMs</c>, <c>UnixUs</c>, <c>UnixNs</c>.</summary>
/// <param name="Nanoseconds">In one unit.</param>
/// <param name="TakesFraction">Decimals are read, down to the nanosecond.</param>
internal readonly record struct UnixTimeUnit(long Nanoseconds, bool TakesFraction)
{
    public static bool TryFind(string name, out UnixTimeUnit unit)
    {
        unit = name switch
        {
            "Unix" => new UnixTimeUnit(1_000_000_000, true),
            "UnixMs" => new UnixTimeUnit(1_000_000, false),
            "UnixUs" => new UnixTimeUnit(1_000, false),
            "UnixNs" => new UnixTimeUnit(1, false),
            _ => default,
        };
        return unit.Nanoseconds > 0;
    }

    public bool TryParse(ReadOnlySpan<byte> text, out long nanoseconds)
    {
        nanoseconds = 0;
        var isNegative = text.StartsWith("-"u8);
        if (isNegative || text.StartsWith("+"u8)) text = text[1..];
        if (text.Length == 0 || !char.IsAsciiDigit((char)text[0])) return false;
        if (!Utf8Parser.TryParse(text, out long whole, out var consumed)) return false;
        var fraction = 0L;
        var rest = text[consumed..];
        if (rest.Length > 0 && !(TakesFraction && TryParseFraction(rest, out fraction))) return false;
        if (whole > (long.MaxValue - fraction) / Nanoseconds) return false;
        nanoseconds = whole * Nanoseconds + fraction;
        if (isNegative) nanoseconds = -nanoseconds;
        return true;
    }

    public void Format(long nanoseconds, IBufferWriter<byte> target)
    {
        var whole = nanoseconds / Nanoseconds;
        Utf8Formatter.TryFormat(whole, target.GetSpan(20), out var written);
        target.Advance(written);
        var fraction = Math.Abs(nanoseconds % Nanoseconds);
        if (!TakesFraction || fraction == 0) return;
        var digits = fraction.ToString("D9", System.Globalization.CultureInfo.InvariantCulture).TrimEnd('0');
        Encoding.UTF8.GetBytes("." + digits, target);
    }

    private static bool TryParseFraction(ReadOnlySpan<byte> text, out long nanoseconds)
    {
        nanoseconds = 0;
        if (text[0] != '.') return false;
        var unit = 100_000_000L;
        foreach (var digit in text[1..])
        {
            if (!char.IsAsciiDigit((char)digit)) return false;
            nanoseconds += (digit - '0') * unit;
            unit /= 10;
        }

        return true;
    }
}
