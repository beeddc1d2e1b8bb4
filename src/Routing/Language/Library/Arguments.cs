namespace Weir.Routing.Language;

/// <summary>Reads the arguments of a function by the conversion rules of the language.</summary>
internal static class Arguments
{
    /// <exception cref="FunctionException">There are fewer or more.</exception>
    public static void Count(IReadOnlyList<Value> arguments, int least, int most)
    {
        if (arguments.Count >= least && arguments.Count <= most) return;
        var expected = least == most ? $"{least}" : most == int.MaxValue ? $"at least {least}" : $"{least} to {most}";
        throw new FunctionException(-1, $"expected {expected} arguments, got {arguments.Count}");
    }

    public static string Text(IReadOnlyList<Value> arguments, int index) => arguments[index] switch
    {
        StringValue text => text.Text,
        NumberValue number => number.ToText(),
        NullValue => "",
        var other => throw Wrong(index, "string", other),
    };

    public static bool Bool(IReadOnlyList<Value> arguments, int index) =>
        arguments[index] is BoolValue truth ? truth.Value : throw Wrong(index, "bool", arguments[index]);

    public static IReadOnlyList<Value> List(IReadOnlyList<Value> arguments, int index) => arguments[index] switch
    {
        ArrayValue array => array.Elements,
        NullValue => [],
        var other => throw Wrong(index, "list", other),
    };

    public static IReadOnlyList<ObjectValue> Objects(IReadOnlyList<Value> arguments, int index) =>
        [.. List(arguments, index).Select(element =>
            element as ObjectValue ?? throw Wrong(index, "list(object)", element))];

    public static IReadOnlyList<string> Texts(IReadOnlyList<Value> arguments, int index)
    {
        var elements = List(arguments, index);
        return [.. elements.Select((_, at) => elements[at] switch
        {
            StringValue text => text.Text,
            NumberValue number => number.ToText(),
            var other => throw new FunctionException(index, $"expected a list of strings, got {other.TypeName} in it"),
        })];
    }

    public static FunctionException Wrong(int index, string expected, Value got) =>
        new(index, $"expected {expected}, got {got.TypeName}");
}
