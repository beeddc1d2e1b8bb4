using System.Diagnostics.CodeAnalysis;

namespace Weir.Routing.Stages;

/// <summary>The JMESPath expressions that are nothing but keys with dots between: <c>a</c>, <c>a.b</c>,
/// <c>a."b-c"</c>.</summary>
internal static class JsonPathText
{
    /// <returns>False when it is another expression, or none.</returns>
    public static bool TryParse(string expression, [NotNullWhen(true)] out string[]? path)
    {
        path = null;
        var keys = new List<string>();
        for (var at = 0; ;)
        {
            if (!TryKey(expression, ref at, out var key)) return false;
            keys.Add(key);
            if (at == expression.Length) break;
            if (expression[at++] != '.') return false;
        }

        path = [.. keys];
        return true;
    }

    private static bool TryKey(string text, ref int at, out string key)
    {
        key = "";
        var start = at;
        if (at < text.Length && text[at] == '"')
        {
            var end = text.IndexOf('"', at + 1);
            if (end < 0) return false;
            key = text[(at + 1)..end];
            at = end + 1;
            return key.Length > 0 && !key.Contains('\\', StringComparison.Ordinal);
        }

        while (at < text.Length
            && (char.IsAsciiLetter(text[at]) || text[at] == '_' || (at > start && char.IsAsciiDigit(text[at])))) at++;
        key = text[start..at];
        return key.Length > 0;
    }
}
