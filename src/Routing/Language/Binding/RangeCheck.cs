using System.Collections;
using System.Globalization;

namespace Weir.Routing.Language;

/// <summary>Compares a bound value with the limits that its property's attribute states.</summary>
internal static class RangeCheck
{
    /// <returns>What is wrong, or null.</returns>
    public static string? Problem(RangeAttribute range, Type type, object value)
    {
        var tooSmall = range.Min is { } min && Compare(value, Parse(type, min)) < 0;
        var tooLarge = range.Max is { } max && Compare(value, Parse(type, max)) > 0;
        if (!tooSmall && !tooLarge) return null;
        return (range.Min, range.Max) switch
        {
            ({ } least, { } most) => $"must be between {least} and {most}",
            ({ } least, null) => $"must be at least {least}",
            (_, var most) => $"must be at most {most}",
        };
    }

    private static object Parse(Type type, string limit)
    {
        if (ValueTypes.IsNumber(type)) return Convert.ChangeType(limit, type, CultureInfo.InvariantCulture);
        return TextConversion.IsTextual(type) && TextConversion.TryParse(type, limit, out var value, out _)
            ? value!
            : throw new InvalidOperationException($"\"{limit}\" is no limit for {type}");
    }

    private static int Compare(object value, object limit) => value is ByteSize size
        ? size.Bytes.CompareTo(((ByteSize)limit).Bytes)
        : Comparer.DefaultInvariant.Compare(value, limit);
}
