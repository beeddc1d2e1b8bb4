namespace Weir.Routing.Templates;

/// <summary>Sprig's functions of lists and maps. Lists are never changed; of maps, only by <c>set</c>, <c>unset</c> and
/// <c>merge</c>, which take copies, so that no map can come to hold itself.</summary>
internal static class TemplateListFunctions
{
    public static IEnumerable<TemplateFunction> All => [.. Lists, .. Maps, .. Kinds];

    private static TemplateFunction[] Lists =>
    [
        new("tuple", 0, TemplateFunctions.Any, call => call.Values.ToList()),
        new("append", 2, 2, call => Made(call, [.. call.List(0), call[1]])),
        new("push", 2, 2, call => Made(call, [.. call.List(0), call[1]])),
        new("prepend", 2, 2, call => Made(call, [call[1], .. call.List(0)])),
        new("concat", 0, TemplateFunctions.Any, call =>
            Made(call, [.. Enumerable.Range(0, call.Count).SelectMany(call.List)])),
        new("initial", 1, 1, call => Made(call, [.. call.List(0).SkipLast(1)])),
        new("reverse", 1, 1, call => Made(call, [.. Enumerable.Reverse(call.List(0))])),
        new("uniq", 1, 1, call => Made(call, [.. call.List(0).Distinct()])),
        new("without", 1, TemplateFunctions.Any, call =>
            Made(call, call.List(0).FindAll(item => !call.Values.AsSpan(1).ToArray().Contains(item)))),
        new("compact", 1, 1, call => Made(call, call.List(0).FindAll(TemplateValues.IsTrue))),
        new("sortAlpha", 1, 1, call => Made(call,
            [.. call.List(0).Select(TemplateValues.Print).Order(StringComparer.Ordinal)])),
        new("toStrings", 1, 1, call => Made(call, [.. call.List(0).Select(TemplateValues.Print)])),
        new("chunk", 2, 2, call => Made(call,
            [.. call.List(1).Chunk((int)Math.Clamp(call.Whole(0), 1, int.MaxValue)).Select(part => part.ToList())])),
        new("all", 0, TemplateFunctions.Any, call => Array.TrueForAll(call.Values, TemplateValues.IsTrue)),
        new("any", 0, TemplateFunctions.Any, call => Array.Exists(call.Values, TemplateValues.IsTrue)),
        new("until", 1, 1, call => Numbers(call, 0, call.Whole(0), call.Whole(0) < 0 ? -1 : 1)),
        new("untilStep", 3, 3, call => Numbers(call, call.Whole(0), call.Whole(1), call.Whole(2))),
    ];

    private static TemplateFunction[] Maps =>
    [
        new("keys", 1, TemplateFunctions.Any, call =>
            Made(call, [.. Enumerable.Range(0, call.Count).SelectMany(i => call.Map(i).Keys)])),
        new("values", 1, 1, call => Made(call, [.. call.Map(0).Values])),
        new("pick", 1, TemplateFunctions.Any, call => Chosen(call, isNamed: true)),
        new("omit", 1, TemplateFunctions.Any, call => Chosen(call, isNamed: false)),
        new("pluck", 1, TemplateFunctions.Any, call => Made(call, [.. Enumerable.Range(1, call.Count - 1)
            .Select(i => call.Map(i)).Where(map => map.ContainsKey(call.Text(0))).Select(map => map[call.Text(0)])])),
        new("set", 3, 3, Set),
        new("unset", 2, 2, call =>
        {
            call.Map(0).Remove(call.Text(1));
            return call[0];
        }),
        new("merge", 1, TemplateFunctions.Any, call => Merge(call, overwrites: false)),
        new("mergeOverwrite", 1, TemplateFunctions.Any, call => Merge(call, overwrites: true)),
        new("dig", 3, TemplateFunctions.Any, Dig),
        new("deepCopy", 1, 1, call => TemplateJson.Copy(call[0], call.Run)),
    ];

    private static TemplateFunction[] Kinds =>
    [
        new("kindIs", 2, 2, call => call.Text(0) == TemplateValues.KindOf(call[1])),
        new("typeOf", 1, 1, call => TypeOf(call[0])),
        new("typeIs", 2, 2, call => call.Text(0) == TypeOf(call[1])),
        new("typeIsLike", 2, 2, call => call.Text(0).TrimStart('*') == TypeOf(call[1])),
        new("deepEqual", 2, 2, call => AreEqual(call, call[0], call[1], 0)),
    ];

    private static string TypeOf(object? value) => value switch
    {
        ITemplateObject known => known.Type,
        null => "<nil>",
        List<object?> => "[]interface {}",
        SortedDictionary<string, object?> => "map[string]interface {}",
        _ => TemplateValues.KindOf(value),
    };

    // What is made costs as many steps as it has elements.
    private static List<object?> Made(TemplateCall call, List<object?> list)
    {
        call.Run.Spend(list.Count);
        return list;
    }

    private static List<object?> Numbers(TemplateCall call, long from, long to, long step)
    {
        var numbers = new List<object?>();
        if (step == 0) return numbers;
        for (var at = from; step > 0 ? at < to : at > to; at += step)
        {
            call.Run.Spend(1);
            numbers.Add(at);
        }

        return numbers;
    }

    private static SortedDictionary<string, object?> Chosen(TemplateCall call, bool isNamed)
    {
        var names = Enumerable.Range(1, call.Count - 1).Select(call.Text).ToHashSet(StringComparer.Ordinal);
        var map = call.Map(0);
        call.Run.Spend(map.Count);
        return new SortedDictionary<string, object?>(map.Where(pair => names.Contains(pair.Key) == isNamed)
            .ToDictionary(pair => pair.Key, pair => pair.Value), StringComparer.Ordinal);
    }

    private static object? Set(TemplateCall call)
    {
        call.Map(0)[call.Text(1)] = TemplateJson.Copy(call[2], call.Run);
        return call[0];
    }

    private static object? Merge(TemplateCall call, bool overwrites)
    {
        var merged = call.Map(0);
        for (var i = 1; i < call.Count; i++)
        {
            var other = (SortedDictionary<string, object?>)TemplateJson.Copy(call.Map(i), call.Run)!;
            foreach (var (name, value) in other)
                if (overwrites || !merged.ContainsKey(name)) merged[name] = value;
        }

        return merged;
    }

    // dig "a" "b" DEFAULT map
    private static object? Dig(TemplateCall call)
    {
        object? value = call.Map(call.Count - 1);
        for (var i = 0; i < call.Count - 2; i++)
            if (value is not SortedDictionary<string, object?> map || !map.TryGetValue(call.Text(i), out value))
                return call[call.Count - 2];
        return value;
    }

    private static bool AreEqual(TemplateCall call, object? one, object? other, int depth)
    {
        if (depth > TemplateValues.DepthMax) throw new TemplateException("values are nested too deeply to compare");
        call.Run.Spend(1);
        return (one, other) switch
        {
            (List<object?> left, List<object?> right) => left.Count == right.Count
                && !left.Where((item, index) => !AreEqual(call, item, right[index], depth + 1)).Any(),
            (SortedDictionary<string, object?> left, SortedDictionary<string, object?> right) =>
                left.Count == right.Count && left.All(pair =>
                    right.TryGetValue(pair.Key, out var value) && AreEqual(call, pair.Value, value, depth + 1)),
            _ => Equals(one, other),
        };
    }
}
