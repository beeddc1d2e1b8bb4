using System.Globalization;

namespace Weir.Routing.Language;

/// <summary>Writes doubles as Go does.</summary>
internal static class GoNumber
{
    /// <summary>The shortest text that reads back to the same number: <c>0.5</c>, <c>1e+21</c>, <c>1e-07</c>.</summary>
    public static string Shortest(double number)
    {
        if (double.IsNaN(number)) return "NaN";
        if (double.IsInfinity(number)) return number > 0 ? "+Inf" : "-Inf";
        var (digits, exponent) = Digits(Math.Abs(number));
        var sign = double.IsNegative(number) ? "-" : "";
        // Go's %v switches to an exponent below 1e-4 and from 1e21 on.
        return number != 0 && exponent is < -4 or >= 21
            ? sign + WithExponent(digits, exponent)
            : sign + Plain(digits, exponent);
    }

    // The significant digits without point, and the power of ten of the first one.
    private static (string Digits, int Exponent) Digits(double number)
    {
        var text = number.ToString("R", CultureInfo.InvariantCulture);
        var mark = text.IndexOf('E');
        var exponent = mark < 0 ? 0
            : int.Parse(text.AsSpan(mark + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        var mantissa = mark < 0 ? text : text[..mark];
        var point = mantissa.IndexOf('.');
        exponent += (point < 0 ? mantissa.Length : point) - 1;
        var all = mantissa.Replace(".", "", StringComparison.Ordinal);
        var digits = all.TrimStart('0');
        exponent -= all.Length - digits.Length;
        digits = digits.TrimEnd('0');
        return digits.Length == 0 ? ("0", 0) : (digits, exponent);
    }

    private static string Plain(string digits, int exponent)
    {
        if (exponent < 0) return "0." + new string('0', -exponent - 1) + digits;
        if (digits.Length <= exponent + 1) return digits.PadRight(exponent + 1, '0');
        return digits[..(exponent + 1)] + "." + digits[(exponent + 1)..];
    }

    private static string WithExponent(string digits, int exponent)
    {
        var fraction = digits.Length > 1 ? "." + digits[1..] : "";
        var power = Math.Abs(exponent).ToString("00", CultureInfo.InvariantCulture);
        return $"{digits[0]}{fraction}e{(exponent < 0 ? '-' : '+')}{power}";
    }
}
