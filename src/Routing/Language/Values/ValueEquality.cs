namespace Weir.Routing.Language;

/// <summary>What <c>==</c> means: values of different kinds differ, numbers compare by size, lists and objects by
/// content.</summary>
public static class ValueEquality
{
    /// <summary>Whether two values are equal.</summary>
    public static bool AreEqual(Value left, Value right) => (left, right) switch
    {
        (NullValue, NullValue) => true,
        (BoolValue a, BoolValue b) => a.Value == b.Value,
        (NumberValue a, NumberValue b) => Compare(a, b) == 0,
        (StringValue a, StringValue b) => string.Equals(a.Text, b.Text, StringComparison.Ordinal),
        (SecretValue a, SecretValue b) => string.Equals(a.Reveal(), b.Reveal(), StringComparison.Ordinal),
        (ArrayValue a, ArrayValue b) => AreEqual(a, b),
        (ObjectValue a, ObjectValue b) => AreEqual(a, b),
        (CapsuleValue a, CapsuleValue b) => Equals(a.Content, b.Content),
        _ => ReferenceEquals(left, right),
    };

    /// <summary>Negative, zero or positive, as the left number is smaller, equal or larger.</summary>
    public static int Compare(NumberValue left, NumberValue right) => left.IsWhole && right.IsWhole
        ? left.Whole.CompareTo(right.Whole)
        : left.Float.CompareTo(right.Float);

    private static bool AreEqual(ArrayValue left, ArrayValue right)
    {
        if (left.Elements.Count != right.Elements.Count) return false;
        for (var i = 0; i < left.Elements.Count; i++)
            if (!AreEqual(left.Elements[i], right.Elements[i])) return false;
        return true;
    }

    private static bool AreEqual(ObjectValue left, ObjectValue right)
    {
        if (left.Names.Count != right.Names.Count) return false;
        foreach (var (name, value) in left.Fields)
            if (!right.TryGet(name, out var other) || !AreEqual(value, other)) return false;
        return true;
    }
}
