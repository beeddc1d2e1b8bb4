using System.Buffers;
using System.Globalization;

namespace Weir.Routing.Language;

/// <summary>A size in bytes; written <c>1MiB</c>, <c>1MB</c> or <c>8kb</c>, all with powers of 1024.</summary>
/// <param name="Bytes">Not negative.</param>
public readonly record struct ByteSize(long Bytes)
{
    private const string Units = "BKMGTPE";
    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789.");

    /// <summary>Reads a size: numbers with a unit each, or one number of bytes.</summary>
    /// <param name="text">As the configuration has it.</param>
    /// <param name="value">The size; zero when false is returned.</param>
    /// <param name="problem">What a size looks like; empty when true is returned.</param>
    public static bool TryParse(string text, out ByteSize value, out string problem)
    {
        value = default;
        problem = "expected a size such as \"1MiB\", \"512KB\" or \"100B\"";
        var rest = text.AsSpan().Trim();
        if (rest.IsEmpty) return false;
        var total = 0.0;
        while (!rest.IsEmpty)
        {
            var digits = rest.IndexOfAnyExcept(Digits);
            if (digits < 0) digits = rest.Length;
            if (!double.TryParse(rest[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture,
                out var number))
                return false;
            rest = rest[digits..].TrimStart();
            if (!TryTakeUnit(ref rest, out var factor)) return false;
            total += number * factor;
        }
        if (total >= long.MaxValue)
        {
            problem = "size is too large";
            return false;
        }
        (value, problem) = (new ByteSize((long)total), "");
        return true;
    }

    /// <summary>In the largest unit that shows it whole: <c>1MiB</c>, <c>1500B</c>.</summary>
    public override string ToString()
    {
        var (number, power) = (Bytes, 0);
        while (number != 0 && number % 1024 == 0 && power < Units.Length - 1)
            (number, power) = (number / 1024, power + 1);
        return power == 0
            ? number.ToString(CultureInfo.InvariantCulture) + "B"
            : number.ToString(CultureInfo.InvariantCulture) + Units[power] + "iB";
    }

    private static bool TryTakeUnit(ref ReadOnlySpan<char> rest, out double factor)
    {
        factor = 1;
        if (rest.IsEmpty) return true;
        var power = Units.IndexOf(char.ToUpperInvariant(rest[0]), StringComparison.Ordinal);
        if (power < 0) return false;
        factor = Math.Pow(1024, power);
        rest = rest[1..];
        if (power > 0 && rest is ['i' or 'I', ..]) rest = rest[1..];
        if (power > 0 && rest is ['b' or 'B', ..]) rest = rest[1..];
        rest = rest.TrimStart();
        return true;
    }
}
