using System.Globalization;

namespace Weir.Routing.Json;

/// <summary>A function of the JMESPath standard.</summary>
/// <param name="Name">As written.</param>
/// <param name="Least">Arguments at the least.</param>
/// <param name="Most">Arguments at the most.</param>
/// <param name="Body">Its arguments' number is checked, their kinds are not.</param>
internal sealed record JmesFunction(string Name, int Least, int Most, Func<JmesArguments, JmesValue> Body)
{
    private static readonly Dictionary<string, JmesFunction> Known = new JmesFunction[]
    {
        new("abs", 1, 1, call => JmesValue.Of(Math.Abs(call.Number(0)))),
        new("avg", 1, 1, call => call.Numbers(0) is { Length: > 0 } all ? JmesValue.Of(all.Average()) : JmesValue.Null),
        new("ceil", 1, 1, call => JmesValue.Of(Math.Ceiling(call.Number(0)))),
        new("contains", 2, 2, Contains),
        new("ends_with", 2, 2, call => JmesValue.Of(call.Text(0).EndsWith(call.Text(1), StringComparison.Ordinal))),
        new("floor", 1, 1, call => JmesValue.Of(Math.Floor(call.Number(0)))),
        new("join", 2, 2, Join),
        new("keys", 1, 1, call => JmesValue.Of(call.Members(0).Select(member => JmesValue.Of(member.Name)).ToList())),
        new("length", 1, 1, Length),
        new("map", 2, 2, call => JmesValue.Of(call.Items(1).Select(item => call.Apply(0, item)).ToList())),
        new("max", 1, 1, call => Extreme(call, call.Items(0), item => item, 1)),
        new("max_by", 2, 2, call => Extreme(call, call.Items(0), item => call.Apply(1, item), 1)),
        new("merge", 0, int.MaxValue, Merge),
        new("min", 1, 1, call => Extreme(call, call.Items(0), item => item, -1)),
        new("min_by", 2, 2, call => Extreme(call, call.Items(0), item => call.Apply(1, item), -1)),
        new("not_null", 1, int.MaxValue, call => call.Values.FirstOrDefault(value => !value.IsNull)),
        new("reverse", 1, 1, Reverse),
        new("sort", 1, 1, call => Sort(call, item => item)),
        new("sort_by", 2, 2, call => Sort(call, item => call.Apply(1, item))),
        new("starts_with", 2, 2, call => JmesValue.Of(call.Text(0).StartsWith(call.Text(1), StringComparison.Ordinal))),
        new("sum", 1, 1, call => JmesValue.Of(call.Numbers(0).Sum())),
        new("to_array", 1, 1, call => call.Values[0].Kind == JmesKind.Array
            ? call.Values[0] : JmesValue.Of(new List<JmesValue> { call.Values[0] })),
        new("to_number", 1, 1, ToNumber),
        new("to_string", 1, 1, call => call.Values[0].Kind == JmesKind.String
            ? call.Values[0] : ToJson(call)),
        new("type", 1, 1, call => JmesValue.Of(call.Values[0].Kind.ToString().ToLowerInvariant())),
        new("values", 1, 1, call => JmesValue.Of(call.Members(0).Select(member => member.Value).ToList())),
    }.ToDictionary(function => function.Name, StringComparer.Ordinal);

    /// <exception cref="JmesException">Unknown, or not with that many arguments.</exception>
    public static JmesFunction Find(string name, int arguments)
    {
        if (!Known.TryGetValue(name, out var function))
            throw new JmesException($"unknown function \"{name}\"; known are {string.Join(", ", Known.Keys)}");
        if (arguments >= function.Least && arguments <= function.Most) return function;
        throw new JmesException($"{name} takes {function.Least}{(function.Most > function.Least ? " or more" : "")} "
            + $"arguments, not {arguments}");
    }

    public JmesValue Invoke(JmesValue[] values, JmesBudget budget) => Body(new JmesArguments(Name, values, budget));

    private static JmesValue Contains(JmesArguments call)
    {
        if (call.Values[0].Kind == JmesKind.Array)
            return JmesValue.Of(call.Items(0).Any(item => item.Same(call.Values[1], call.Budget)));
        return JmesValue.Of(call.Values[1].Kind == JmesKind.String
            && call.Text(0).Contains(call.Text(1), StringComparison.Ordinal));
    }

    private static JmesValue Join(JmesArguments call)
    {
        var texts = call.Texts(1).ToArray();
        // Before it is made: the texts may be one text many times.
        call.Budget.Spend(texts.Sum(text => (long)text.Length + call.Text(0).Length));
        return JmesValue.Of(string.Join(call.Text(0), texts));
    }

    private static JmesValue ToJson(JmesArguments call)
    {
        if (call.Values[0].Kind == JmesKind.Expression) throw call.Misfit(0, "a value");
        call.Budget.Measure(call.Values[0]);
        return JmesValue.Of(call.Values[0].ToJson());
    }

    private static JmesValue Length(JmesArguments call) => JmesValue.Of(call.Values[0].Kind switch
    {
        JmesKind.String => call.Text(0).EnumerateRunes().Count(),
        JmesKind.Array => call.Values[0].Length,
        JmesKind.Object => call.Members(0).Count,
        _ => throw call.Misfit(0, "a string, array or object"),
    });

    private static JmesValue Merge(JmesArguments call)
    {
        var merged = new Dictionary<string, JmesValue>(StringComparer.Ordinal);
        for (var i = 0; i < call.Values.Length; i++)
            foreach (var (name, value) in call.Members(i)) merged[name] = value;
        return JmesValue.Of(merged);
    }

    private static JmesValue Reverse(JmesArguments call)
    {
        if (call.Values[0].Kind == JmesKind.Array)
        {
            var items = call.Items(0);
            items.Reverse();
            return JmesValue.Of(items);
        }

        var runes = call.Text(0).EnumerateRunes().ToArray();
        Array.Reverse(runes);
        return JmesValue.Of(string.Concat(runes));
    }

    private static JmesValue ToNumber(JmesArguments call)
    {
        var value = call.Values[0];
        if (value.Kind == JmesKind.Number) return value;
        const NumberStyles Style =
            NumberStyles.Float & ~NumberStyles.AllowTrailingWhite & ~NumberStyles.AllowLeadingWhite;
        return value.Kind == JmesKind.String
            && double.TryParse(value.Text, Style, CultureInfo.InvariantCulture, out var number)
                && double.IsFinite(number)
            ? JmesValue.Of(number) : JmesValue.Null;
    }

    private static JmesValue Extreme(
        JmesArguments call, List<JmesValue> items, Func<JmesValue, JmesValue> key, int direction)
    {
        var best = JmesValue.Null;
        var bestKey = JmesValue.Null;
        foreach (var item in items)
        {
            var itemKey = key(item);
            if (!bestKey.IsNull && Math.Sign(Order(call, itemKey, bestKey)) != direction) continue;
            if (bestKey.IsNull) Order(call, itemKey, itemKey);
            (best, bestKey) = (item, itemKey);
        }

        return best;
    }

    private static JmesValue Sort(JmesArguments call, Func<JmesValue, JmesValue> key)
    {
        var keyed = call.Items(0).Select(item => (Item: item, Key: key(item))).ToList();
        // LINQ's sort is stable, as the standard wants it.
        var order = Comparer<JmesValue>.Create((one, other) => Order(call, one, other));
        foreach (var pair in keyed) Order(call, keyed[0].Key, pair.Key); // one kind throughout, before sorting
        return JmesValue.Of(keyed.OrderBy(pair => pair.Key, order).Select(pair => pair.Item).ToList());
    }

    private static int Order(JmesArguments call, JmesValue one, JmesValue other)
    {
        if (one.Kind == JmesKind.Number && other.Kind == JmesKind.Number) return one.Number.CompareTo(other.Number);
        if (one.Kind == JmesKind.String && other.Kind == JmesKind.String)
            return string.CompareOrdinal(one.Text, other.Text);
        throw new JmesException($"{call.Name} orders numbers or strings, all of one kind");
    }
}

/// <summary>The arguments of a call, checked as they are taken.</summary>
internal sealed class JmesArguments(string name, JmesValue[] values, JmesBudget budget)
{
    public string Name => name;

    public JmesValue[] Values => values;

    public JmesBudget Budget => budget;

    public JmesException Misfit(int argument, string wanted) => new(
        $"{name}: argument {argument + 1} is {values[argument].Kind.ToString().ToLowerInvariant()}, not {wanted}");

    public double Number(int argument) =>
        values[argument].Kind == JmesKind.Number ? values[argument].Number : throw Misfit(argument, "a number");

    public string Text(int argument) =>
        values[argument].Kind == JmesKind.String ? values[argument].Text : throw Misfit(argument, "a string");

    public List<JmesValue> Items(int argument)
    {
        if (values[argument].Kind != JmesKind.Array) throw Misfit(argument, "an array");
        budget.Spend(values[argument].Length);
        return [.. values[argument].Items];
    }

    public List<(string Name, JmesValue Value)> Members(int argument)
    {
        if (values[argument].Kind != JmesKind.Object) throw Misfit(argument, "an object");
        List<(string, JmesValue)> members = [.. values[argument].Members];
        budget.Spend(members.Count);
        return members;
    }

    public double[] Numbers(int argument) => [.. Items(argument).Select(item =>
        item.Kind == JmesKind.Number ? item.Number : throw Misfit(argument, "an array of numbers"))];

    public IEnumerable<string> Texts(int argument) => Items(argument).Select(item =>
        item.Kind == JmesKind.String ? item.Text : throw Misfit(argument, "an array of strings"));

    public JmesValue Apply(int argument, JmesValue item) => values[argument].Kind == JmesKind.Expression
        ? values[argument].Expression.Evaluate(item, budget) : throw Misfit(argument, "an &expression");
}
