using System.Collections;

namespace Weir.Routing.Stages;

/// <summary>Whether two option values say the same: records by their properties, lists and maps by their
/// content.</summary>
/// <remarks>For reloads only: it reflects.</remarks>
public static class OptionEquality
{
    public static bool Same(object? one, object? other)
    {
        if (ReferenceEquals(one, other)) return true;
        if (one is null || other is null || one.GetType() != other.GetType()) return false;
        if (one is string || one.GetType().IsValueType) return one.Equals(other);
        if (one is IDictionary map) return SameMap(map, (IDictionary)other);
        if (one is IEnumerable list) return SameList(list, (IEnumerable)other);
        // A setter's presence tells an option from what is computed of options.
        return one.GetType().GetProperties()
            .Where(property => property.CanWrite)
            .All(property => Same(property.GetValue(one), property.GetValue(other)));
    }

    private static bool SameMap(IDictionary one, IDictionary other)
    {
        if (one.Count != other.Count) return false;
        foreach (DictionaryEntry pair in one)
            if (!other.Contains(pair.Key) || !Same(pair.Value, other[pair.Key])) return false;
        return true;
    }

    private static bool SameList(IEnumerable one, IEnumerable other)
    {
        var (left, right) = (one.Cast<object?>().ToList(), other.Cast<object?>().ToList());
        if (left.Count != right.Count) return false;
        for (var i = 0; i < left.Count; i++)
            if (!Same(left[i], right[i])) return false;
        return true;
    }
}
