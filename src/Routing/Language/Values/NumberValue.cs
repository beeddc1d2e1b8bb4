using System.Globalization;

namespace Weir.Routing.Language;

/// <summary>A number: a signed or unsigned 64-bit integer, or a double. Whole results stay whole where they
/// fit.</summary>
public sealed class NumberValue : Value
{
    private readonly double _float;
    private readonly Int128 _whole;

    private NumberValue(Int128 whole) => (_whole, IsWhole) = (whole, true);

    private NumberValue(double number) => _float = number;

    /// <inheritdoc/>
    public override ValueKind Kind => ValueKind.Number;

    /// <summary>Whether it is an integer, between <see cref="long.MinValue"/> and
    /// <see cref="ulong.MaxValue"/>.</summary>
    public bool IsWhole { get; }

    /// <summary>The integer; meaningful only when <see cref="IsWhole"/>.</summary>
    public Int128 Whole => _whole;

    /// <summary>The nearest double.</summary>
    public double Float => IsWhole ? (double)_whole : _float;

    /// <summary>A floating-point number.</summary>
    public static NumberValue Of(double number) => new(number);

    /// <summary>An integer, or the nearest double when 64 bits do not hold it.</summary>
    public static NumberValue Of(Int128 whole) =>
        whole < long.MinValue || whole > ulong.MaxValue ? new NumberValue((double)whole) : new NumberValue(whole);

    /// <summary>
    /// Reads a number as the language writes it; a leading minus sign is accepted, as strings that stand for numbers
    /// have one.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<char> text, out NumberValue number)
    {
        const NumberStyles wholeStyle = NumberStyles.AllowLeadingSign;
        const NumberStyles floatStyle =
            NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        number = new NumberValue(default(Int128));
        if (text.IsEmpty) return false;
        if (text.IndexOfAny('.', 'e', 'E') < 0
            && Int128.TryParse(text, wholeStyle, CultureInfo.InvariantCulture, out var whole))
        {
            number = Of(whole);
            return true;
        }
        if (!char.IsAsciiDigit(text[^1]) && text[^1] != '.') return false; // "Infinity", "NaN"
        if (!double.TryParse(text, floatStyle, CultureInfo.InvariantCulture, out var value)) return false;
        number = new NumberValue(value);
        return double.IsFinite(value);
    }

    /// <summary>Whole numbers as digits; others in the shortest form that reads back to the same number.</summary>
    public string ToText() => IsWhole
        ? _whole.ToString(CultureInfo.InvariantCulture)
        : GoNumber.Shortest(_float);
}
