namespace Weir.Routing.Language;

/// <summary>The functions of <c>string</c>.</summary>
internal static class StringFunctions
{
    public static IReadOnlyList<FunctionValue> All { get; } =
    [
        StandardLibrary.Function("string.format", 1, int.MaxValue,
            arguments => new StringValue(GoFormat.Format(Arguments.Text(arguments, 0), arguments))),
        StandardLibrary.Function("string.join", 2, 2,
            arguments => new StringValue(string.Join(Arguments.Text(arguments, 1), Arguments.Texts(arguments, 0)))),
        StandardLibrary.Function("string.replace", 3, 3, Replace),
        StandardLibrary.Function("string.split", 2, 2, Split),
        OfText("string.to_lower", text => text.ToLowerInvariant()),
        OfText("string.to_upper", text => text.ToUpperInvariant()),
        OfText("string.trim_space", text => text.Trim()),
        OfTexts("string.trim",
            (text, characters) => characters.Length == 0 ? text : text.Trim(characters.ToCharArray())),
        OfTexts("string.trim_prefix",
            (text, prefix) => text.StartsWith(prefix, StringComparison.Ordinal) ? text[prefix.Length..] : text),
        OfTexts("string.trim_suffix",
            (text, suffix) => text.EndsWith(suffix, StringComparison.Ordinal) ? text[..^suffix.Length] : text),
    ];

    private static FunctionValue OfText(string name, Func<string, string> call) =>
        StandardLibrary.Function(name, 1, 1, arguments => new StringValue(call(Arguments.Text(arguments, 0))));

    private static FunctionValue OfTexts(string name, Func<string, string, string> call) => StandardLibrary.Function(
        name, 2, 2, arguments => new StringValue(call(Arguments.Text(arguments, 0), Arguments.Text(arguments, 1))));

    private static StringValue Replace(IReadOnlyList<Value> arguments)
    {
        var (text, old) = (Arguments.Text(arguments, 0), Arguments.Text(arguments, 1));
        var by = Arguments.Text(arguments, 2);
        // As in Go, an empty text is found before every character and at the end.
        return new StringValue(old.Length == 0
            ? by + string.Concat(Characters(text).Select(character => character + by))
            : text.Replace(old, by, StringComparison.Ordinal));
    }

    private static ArrayValue Split(IReadOnlyList<Value> arguments)
    {
        var (text, separator) = (Arguments.Text(arguments, 0), Arguments.Text(arguments, 1));
        var parts = separator.Length == 0 ? Characters(text) : text.Split(separator);
        return new ArrayValue([.. parts.Select(part => new StringValue(part))]);
    }

    private static IEnumerable<string> Characters(string text) => text.EnumerateRunes().Select(rune => rune.ToString());
}
