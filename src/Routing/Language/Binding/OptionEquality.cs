using System.Collections;

namespace Weir.Routing.Language;

/// <summary>
/// Compares option and exports records by content, lists and maps in them too (which records alone compare by
/// reference), so that a reload knows what changed.
/// </summary>
public static class OptionEquality
{
    /// <summary>Whether two records, lists, maps or plain values have the same content.</summary>
    public static bool AreEqual(object? left, object? right)
    {
        if (ReferenceEquals(left, right)) return true;
        if (left is null || right is null) return false;
        if (left is Value leftValue && right is Value rightValue) return ValueEquality.AreEqual(leftValue, rightValue);
        if (left is IDictionary leftMap && right is IDictionary rightMap) return AreEqual(leftMap, rightMap);
        if (left is IList leftList && right is IList rightList) return AreEqual(leftList, rightList);
        if (left.GetType() != right.GetType()) return false;
        return AreEqualRecords(left, right) ?? left.Equals(right);
    }

    private static bool AreEqual(IDictionary left, IDictionary right)
    {
        if (left.Count != right.Count) return false;
        foreach (DictionaryEntry entry in left)
            if (!right.Contains(entry.Key) || !AreEqual(entry.Value, right[entry.Key])) return false;
        return true;
    }

    private static bool AreEqual(IList left, IList right)
    {
        if (left.Count != right.Count) return false;
        for (var i = 0; i < left.Count; i++)
            if (!AreEqual(left[i], right[i])) return false;
        return true;
    }

    // Null when the type is no option or exports record.
    private static bool? AreEqualRecords(object left, object right)
    {
        var type = left.GetType();
        if (type.IsPrimitive || type.IsEnum || type == typeof(string)) return null;
        var exports = ExportsSchema.Of(type).Properties;
        var options = RecordSchema.Of(type).Slots;
        if (exports.Count == 0 && options.Count == 0) return null;
        return exports.All(export => AreEqual(export.Property.GetValue(left), export.Property.GetValue(right)))
            && options.All(slot => AreEqual(slot.Get(left), slot.Get(right)));
    }
}
