using System.Globalization;

namespace Weir.Routing.LogQl;

/// <summary>Conditions on the labels of one line, the extracted ones among them.</summary>
public static class LabelFilterEvaluation
{
    /// <param name="valueOf">A label's text; "" where it is absent.</param>
    public static bool IsMatch(this LabelFilter filter, Func<string, string> valueOf) => filter switch
    {
        BothFilter both => both.Left.IsMatch(valueOf) && both.Right.IsMatch(valueOf),
        EitherFilter either => either.Left.IsMatch(valueOf) || either.Right.IsMatch(valueOf),
        TextFilter text => text.Matcher.IsMatch(valueOf(text.Matcher.Name)),
        NumberFilter number => TryRead(valueOf(number.Label), number.Unit, out var value) && Compares(value, number),
        _ => false,
    };

    /// <summary>A text that is no such number matches nothing.</summary>
    private static bool TryRead(string text, NumberUnit unit, out double value)
    {
        switch (unit)
        {
            case NumberUnit.Duration when LogQlQuantity.TryDuration(text, out var duration):
                value = duration.TotalSeconds;
                return true;
            case NumberUnit.Bytes when LogQlQuantity.TryBytes(text, out value):
                return true;
            default:
                return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value);
        }
    }

    private static bool Compares(double value, NumberFilter filter) => filter.Comparison switch
    {
        ">" => value > filter.Value,
        ">=" => value >= filter.Value,
        "<" => value < filter.Value,
        "<=" => value <= filter.Value,
        "!=" => !value.Equals(filter.Value),
        _ => value.Equals(filter.Value),
    };
}
