using System.Globalization;
using System.Text.Json;

namespace Weir.Routing.Json;

internal enum JmesTokenKind : byte
{
    End, Identifier, Quoted, Literal, Number, Dot, Star, Current, Reference, Not, And, Or, Pipe, Comparison,
    Comma, Colon,
    OpenBracket, CloseBracket, OpenFilter, Flatten, OpenParenthesis, CloseParenthesis, OpenBrace, CloseBrace,
}

/// <param name="Kind">What it is.</param>
/// <param name="Text">As written; of a quoted identifier, what it names.</param>
/// <param name="Value">Of a literal.</param>
/// <param name="At">Its offset.</param>
internal readonly record struct JmesToken(JmesTokenKind Kind, string Text, JmesValue Value, int At);

/// <summary>Cuts an expression into tokens.</summary>
internal sealed class JmesLexer(string text)
{
    private static readonly (string Text, JmesTokenKind Kind)[] Signs =
    [
        ("[?", JmesTokenKind.OpenFilter), ("[]", JmesTokenKind.Flatten), ("[", JmesTokenKind.OpenBracket),
        ("]", JmesTokenKind.CloseBracket), ("||", JmesTokenKind.Or), ("|", JmesTokenKind.Pipe),
        ("&&", JmesTokenKind.And), ("&", JmesTokenKind.Reference), ("==", JmesTokenKind.Comparison),
        ("!=", JmesTokenKind.Comparison), ("<=", JmesTokenKind.Comparison), (">=", JmesTokenKind.Comparison),
        ("<", JmesTokenKind.Comparison), (">", JmesTokenKind.Comparison), ("!", JmesTokenKind.Not),
        (".", JmesTokenKind.Dot), ("*", JmesTokenKind.Star), ("@", JmesTokenKind.Current),
        (",", JmesTokenKind.Comma), (":", JmesTokenKind.Colon), ("(", JmesTokenKind.OpenParenthesis),
        (")", JmesTokenKind.CloseParenthesis), ("{", JmesTokenKind.OpenBrace), ("}", JmesTokenKind.CloseBrace),
    ];

    private int _at;

    /// <exception cref="JmesException">A character that begins nothing, a quote that does not close.</exception>
    public List<JmesToken> Read()
    {
        var tokens = new List<JmesToken>();
        while (true)
        {
            while (_at < text.Length && text[_at] is ' ' or '\t' or '\r' or '\n') _at++;
            if (_at >= text.Length) break;
            tokens.Add(Next());
        }

        tokens.Add(new JmesToken(JmesTokenKind.End, "", default, text.Length));
        return tokens;
    }

    private JmesToken Next()
    {
        var start = _at;
        var first = text[_at];
        if (char.IsAsciiLetter(first) || first == '_')
        {
            while (_at < text.Length && (char.IsAsciiLetterOrDigit(text[_at]) || text[_at] == '_')) _at++;
            return new JmesToken(JmesTokenKind.Identifier, text[start.._at], default, start);
        }

        if (char.IsAsciiDigit(first) || first == '-') return Number(start);
        switch (first)
        {
            case '"':
                var name = Json(Quoted('"', keepsQuotes: true), start);
                return new JmesToken(JmesTokenKind.Quoted, name.Text, default, start);
            case '\'':
                var raw = Quoted('\'', keepsQuotes: false).Replace("\\'", "'", StringComparison.Ordinal);
                return new JmesToken(JmesTokenKind.Literal, "", JmesValue.Of(raw), start);
            case '`':
                var literal = Quoted('`', keepsQuotes: false).Replace("\\`", "`", StringComparison.Ordinal);
                return new JmesToken(JmesTokenKind.Literal, "", Json(literal, start), start);
        }

        foreach (var (sign, kind) in Signs)
        {
            if (string.CompareOrdinal(text, start, sign, 0, sign.Length) != 0) continue;
            _at += sign.Length;
            return new JmesToken(kind, sign, default, start);
        }

        throw new JmesException($"unknown character '{first}' at offset {start}");
    }

    private JmesToken Number(int start)
    {
        _at++;
        while (_at < text.Length && char.IsAsciiDigit(text[_at])) _at++;
        if (!int.TryParse(text.AsSpan(start, _at - start), NumberStyles.AllowLeadingSign,
            CultureInfo.InvariantCulture, out _))
            throw new JmesException($"not a number: \"{text[start.._at]}\" at offset {start}");
        return new JmesToken(JmesTokenKind.Number, text[start.._at], default, start);
    }

    private string Quoted(char quote, bool keepsQuotes)
    {
        var start = _at++;
        while (_at < text.Length && text[_at] != quote) _at += text[_at] == '\\' ? 2 : 1;
        if (_at >= text.Length) throw new JmesException($"unclosed {quote} at offset {start}");
        _at++;
        return keepsQuotes ? text[start.._at] : text[(start + 1)..(_at - 1)];
    }

    private static JmesValue Json(string json, int at)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return new JmesValue(document.RootElement.Clone());
        }
        catch (JsonException)
        {
            throw new JmesException($"not JSON: {json} at offset {at}");
        }
        catch (InvalidOperationException) // half a surrogate pair
        {
            throw new JmesException($"not a text: {json} at offset {at}");
        }
    }
}
