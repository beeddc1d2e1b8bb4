namespace Weir.Routing.Language;

/// <summary>Whether a value that is known by its type alone can become an argument: the static check of
/// references.</summary>
internal static class TypeCompatibility
{
    /// <param name="source">The type of an export, or null when nothing is known about it.</param>
    /// <param name="target">The type of an argument.</param>
    public static bool Fits(Type? source, Type target)
    {
        if (source is null) return true;
        source = Nullable.GetUnderlyingType(source) ?? source;
        target = Nullable.GetUnderlyingType(target) ?? target;
        if (source == typeof(Value) || typeof(Value).IsAssignableFrom(target)) return true;
        if (target.IsAssignableFrom(source)) return true;
        if (target == typeof(Secret)) return IsText(source);
        if (source == typeof(Secret)) return false;
        if (IsText(target) || ValueTypes.IsNumber(target)) return IsText(source) || ValueTypes.IsNumber(source);
        if (ValueTypes.MapElement(target) is { } value)
            return ValueTypes.MapElement(source) is { } sourceValue && Fits(sourceValue, value);
        if (ValueTypes.ListElement(target) is { } element)
            return ValueTypes.MapElement(source) is null
                && ValueTypes.ListElement(source) is { } sourceElement && Fits(sourceElement, element);
        return false;
    }

    private static bool IsText(Type type) => type == typeof(string) || type.IsEnum || TextConversion.IsTextual(type);
}
