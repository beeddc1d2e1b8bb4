using System.Globalization;
using System.Text;

namespace Weir.Routing.LogQl;

internal enum LogQlTokenKind : byte { End, Name, Text, Number, Quantity, Sign }

/// <param name="Text">A name, a sign, a string's value, or a number as written.</param>
internal readonly record struct LogQlToken(LogQlTokenKind Kind, string Text, int Position)
{
    public bool Is(string sign) => Kind == LogQlTokenKind.Sign && Text == sign;

    public bool IsName(string name) => Kind == LogQlTokenKind.Name && Text == name;

    public override string ToString() => Kind == LogQlTokenKind.End ? "the end of the query" : $"\"{Text}\"";
}

/// <summary>Cuts a query into tokens. Linear; a query longer than <see cref="LengthMax"/> is refused.</summary>
internal static class LogQlLexer
{
    /// <summary>Characters of the longest query, as Loki has it.</summary>
    public const int LengthMax = 128 * 1024;

    // Longer signs first: "|=" must not be read as "|".
    private static readonly string[] Signs =
    [
        "|=", "|~", "|>", "!=", "!~", "!>", "=~", "==", ">=", "<=",
        "|", "=", ">", "<", "{", "}", "(", ")", "[", "]", ",", "+", "-", "*", "/", "%", "^",
    ];

    public static List<LogQlToken> Scan(string query)
    {
        if (query.Length > LengthMax)
            throw new LogQlException("", 0, $"the query has {query.Length} characters, at most {LengthMax}");
        var tokens = new List<LogQlToken>();
        for (var at = 0; at < query.Length;)
        {
            var c = query[at];
            if (char.IsWhiteSpace(c)) at++;
            else if (c == '#') at = EndOfLine(query, at);
            else if (c is '"' or '`') tokens.Add(ScanText(query, ref at));
            else if (char.IsAsciiDigit(c)) tokens.Add(ScanNumber(query, ref at));
            else if (char.IsAsciiLetter(c) || c == '_') tokens.Add(ScanName(query, ref at));
            else tokens.Add(ScanSign(query, ref at));
        }

        tokens.Add(new LogQlToken(LogQlTokenKind.End, "", query.Length));
        return tokens;
    }

    private static int EndOfLine(string query, int at)
    {
        var end = query.IndexOf('\n', at);
        return end < 0 ? query.Length : end;
    }

    private static LogQlToken ScanName(string query, ref int at)
    {
        var start = at;
        while (at < query.Length && (char.IsAsciiLetterOrDigit(query[at]) || query[at] is '_' or ':' or '.')) at++;
        return new LogQlToken(LogQlTokenKind.Name, query[start..at], start);
    }

    /// <summary>A number, or a number with a unit: <c>5m</c>, <c>1h30m</c>, <c>10KB</c>, <c>1.5s</c>.</summary>
    private static LogQlToken ScanNumber(string query, ref int at)
    {
        var start = at;
        var hasUnit = false;
        while (at < query.Length && (char.IsAsciiLetterOrDigit(query[at]) || query[at] is '.' or 'µ'))
        {
            hasUnit |= char.IsAsciiLetter(query[at]) || query[at] == 'µ';
            at++;
        }

        var text = query[start..at];
        var isNumber = !hasUnit || double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out _);
        return new LogQlToken(isNumber ? LogQlTokenKind.Number : LogQlTokenKind.Quantity, text, start);
    }

    private static LogQlToken ScanSign(string query, ref int at)
    {
        foreach (var sign in Signs)
        {
            if (string.CompareOrdinal(query, at, sign, 0, sign.Length) != 0) continue;
            at += sign.Length;
            return new LogQlToken(LogQlTokenKind.Sign, sign, at - sign.Length);
        }

        throw new LogQlException(query, at, $"unexpected character {query[at]}");
    }

    private static LogQlToken ScanText(string query, ref int at)
    {
        var start = at;
        var quote = query[at++];
        var text = new StringBuilder();
        while (true)
        {
            if (at >= query.Length || (quote == '"' && query[at] == '\n'))
                throw new LogQlException(query, start, "the string has no end");
            var c = query[at++];
            if (c == quote) return new LogQlToken(LogQlTokenKind.Text, text.ToString(), start);
            if (c == '\\' && quote == '"') ScanEscape(query, ref at, text);
            else text.Append(c);
        }
    }

    private static void ScanEscape(string query, ref int at, StringBuilder text)
    {
        var start = at - 1;
        var c = at < query.Length ? query[at++] : '\0';
        switch (c)
        {
            case 'n': text.Append('\n'); break;
            case 't': text.Append('\t'); break;
            case 'r': text.Append('\r'); break;
            case 'a': text.Append('\a'); break;
            case 'b': text.Append('\b'); break;
            case 'f': text.Append('\f'); break;
            case 'v': text.Append('\v'); break;
            case '\\' or '"' or '\'': text.Append(c); break;
            case 'x': text.Append((char)ScanHex(query, ref at, 2, start)); break;
            case 'u': text.Append((char)ScanHex(query, ref at, 4, start)); break;
            default:
                throw new LogQlException(
                    query, start, $"unknown escape \\{c}: write \\\\ for a backslash, or use `…`");
        }
    }

    private static int ScanHex(string query, ref int at, int digits, int start)
    {
        if (at + digits > query.Length || !int.TryParse(
            query.AsSpan(at, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value))
            throw new LogQlException(query, start, $"an escape needs {digits} hexadecimal digits");
        at += digits;
        return value;
    }
}
