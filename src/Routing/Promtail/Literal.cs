using Weir.Routing.Language;

namespace Weir.Routing.Promtail;

/// <summary>Writes values as expressions of the configuration language.</summary>
internal static class Literal
{
    public const string Null = "null";

    /// <summary>As a raw string when that spares escapes: regular expressions stay legible.</summary>
    public static string Text(string text) =>
        text.AsSpan().IndexOfAny('\\', '"') >= 0 && !text.Any(one => one is '`' or '\uFEFF' || char.IsControl(one))
            ? $"`{text}`" : StringLiteral.Encode(text);

    public static string Texts(IEnumerable<string> texts) => List(texts.Select(Text));

    /// <summary>On one line.</summary>
    public static string List(IEnumerable<string> expressions) => "[" + string.Join(", ", expressions) + "]";

    /// <summary>One element a line; none and one stand on one line.</summary>
    public static string Lines(IReadOnlyList<string> expressions) =>
        expressions.Count < 2 ? List(expressions) : "[\n" + string.Concat(expressions.Select(one => one + ",\n")) + "]";

    /// <summary>One field a line, empty on one.</summary>
    public static string Map(IReadOnlyCollection<(string Key, string Expression)> fields) =>
        fields.Count == 0
            ? "{}"
            : "{\n" + string.Concat(fields.Select(field => $"{Key(field.Key)} = {field.Expression},\n")) + "}";

    public static string TextMap(IEnumerable<(string Key, string Text)> fields) =>
        Map([.. fields.Select(field => (field.Key, Text(field.Text)))]);

    private static string Key(string key) =>
        StringLiteral.IsIdentifier(key) && key is not ("true" or "false" or "null") ? key : Text(key);
}
