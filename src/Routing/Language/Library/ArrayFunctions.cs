namespace Weir.Routing.Language;

/// <summary>The functions of <c>array</c>.</summary>
internal static class ArrayFunctions
{
    public static IReadOnlyList<FunctionValue> All { get; } =
    [
        StandardLibrary.Function("array.concat", 0, int.MaxValue, Concat),
        StandardLibrary.Function("array.combine_maps", 3, 4, CombineMaps),
        StandardLibrary.Function("array.group_by", 3, 3, GroupBy),
    ];

    private static ArrayValue Concat(IReadOnlyList<Value> arguments)
    {
        var all = new List<Value>();
        for (var i = 0; i < arguments.Count; i++) all.AddRange(Arguments.List(arguments, i));
        return new ArrayValue(all);
    }

    // A join of two lists of objects on keys that both have with equal values; the right one's fields win.
    private static ArrayValue CombineMaps(IReadOnlyList<Value> arguments)
    {
        var left = Arguments.Objects(arguments, 0);
        var right = Arguments.Objects(arguments, 1);
        var keys = Arguments.Texts(arguments, 2);
        if (keys.Count == 0) throw new FunctionException(2, "expected at least one key");
        var keepUnmatched = arguments.Count == 4 && Arguments.Bool(arguments, 3);
        var joined = new List<Value>();
        foreach (var one in left)
        {
            var matches = right.Where(other => keys.All(key => AreEqual(one, other, key))).ToList();
            joined.AddRange(matches.Select(other => new ObjectValue(one.Fields.Concat(other.Fields))));
            if (matches.Count == 0 && keepUnmatched) joined.Add(one);
        }
        return new ArrayValue(joined);
    }

    private static bool AreEqual(ObjectValue left, ObjectValue right, string key) =>
        left.TryGet(key, out var a) && right.TryGet(key, out var b) && ValueEquality.AreEqual(a, b);

    // One object a value of the key, {key = value, items = [...]}, in order of first appearance.
    private static ArrayValue GroupBy(IReadOnlyList<Value> arguments)
    {
        var key = Arguments.Text(arguments, 1);
        var dropMissing = Arguments.Bool(arguments, 2);
        var groups = new Dictionary<string, (Value Key, List<Value> Items)>(StringComparer.Ordinal);
        foreach (var item in Arguments.Objects(arguments, 0))
        {
            if (!item.TryGet(key, out var value))
            {
                if (dropMissing) continue;
                value = new StringValue("");
            }
            var text = Arguments.Text([value], 0);
            if (!groups.TryGetValue(text, out var group)) groups.Add(text, group = (value, []));
            group.Items.Add(item);
        }
        return new ArrayValue([.. groups.Values.Select(group => new ObjectValue(
        [
            KeyValuePair.Create(key, group.Key),
            KeyValuePair.Create<string, Value>("items", new ArrayValue(group.Items)),
        ]))]);
    }
}
