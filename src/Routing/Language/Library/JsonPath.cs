namespace Weir.Routing.Language;

/// <summary>
/// A JSONPath: <c>$</c>, names, <c>*</c>, <c>..</c>, indexes, slices, unions, and filters that compare a relative path
/// with a literal, joined by <c>&amp;&amp;</c> and <c>||</c>.
/// </summary>
internal sealed class JsonPath
{
    private readonly List<IStep> _steps;

    private JsonPath(List<IStep> steps) => _steps = steps;

    /// <summary>One step of the path.</summary>
    internal interface IStep
    {
        IEnumerable<Value> Apply(Value value);
    }

    /// <exception cref="FunctionException">It is no such path.</exception>
    public static JsonPath Parse(string text)
    {
        var reader = new JsonPathReader(text);
        var path = new JsonPath(reader.ReadSteps());
        reader.ExpectEnd();
        return path;
    }

    internal static JsonPath Of(List<IStep> steps) => new(steps);

    /// <summary>All matches, in document order.</summary>
    public IReadOnlyList<Value> Select(Value document)
    {
        IEnumerable<Value> found = [document];
        foreach (var step in _steps) found = [.. found.SelectMany(step.Apply)];
        return [.. found];
    }

    internal static IEnumerable<Value> Children(Value value) => value switch
    {
        ArrayValue array => array.Elements,
        ObjectValue fields => fields.Fields.Select(field => field.Value),
        _ => [],
    };

    internal sealed record NameStep(string Name) : IStep
    {
        public IEnumerable<Value> Apply(Value value) =>
            value is ObjectValue fields && fields.TryGet(Name, out var field) ? [field] : [];
    }

    internal sealed record IndexStep(int Index) : IStep
    {
        public IEnumerable<Value> Apply(Value value)
        {
            if (value is not ArrayValue { Elements: var elements }) return [];
            var index = Index < 0 ? elements.Count + Index : Index;
            return index >= 0 && index < elements.Count ? [elements[index]] : [];
        }
    }

    internal sealed record SliceStep(int? From, int? To, int Step) : IStep
    {
        public IEnumerable<Value> Apply(Value value)
        {
            if (value is not ArrayValue { Elements: var elements } || Step == 0) yield break;
            var last = elements.Count - 1;
            var from = Clamp(From ?? (Step > 0 ? 0 : last), last + 1);
            var to = To is { } end ? Clamp(end, last + 1) : Step > 0 ? last + 1 : -1;
            for (long at = Math.Min(from, Step > 0 ? last + 1 : last); Step > 0 ? at < to : at > to; at += Step)
                yield return elements[(int)at];
        }

        private static int Clamp(int index, int count) => Math.Clamp(index < 0 ? count + index : index, 0, count);
    }

    internal sealed record AllStep : IStep
    {
        public IEnumerable<Value> Apply(Value value) => Children(value);
    }

    /// <summary><c>..</c>: the value itself and everything below it.</summary>
    internal sealed record DescendantsStep : IStep
    {
        public IEnumerable<Value> Apply(Value value) => [value, .. Children(value).SelectMany(Apply)];
    }

    internal sealed record UnionStep(IReadOnlyList<IStep> Parts) : IStep
    {
        public IEnumerable<Value> Apply(Value value) => Parts.SelectMany(part => part.Apply(value));
    }

    internal sealed record FilterStep(Func<Value, bool> Condition) : IStep
    {
        public IEnumerable<Value> Apply(Value value) => Children(value).Where(Condition);
    }
}
