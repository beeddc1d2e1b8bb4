using System.Globalization;
using System.Text;

namespace Weir.Routing.Templates;

internal enum TemplateTokenKind : byte { End, Word, Field, Variable, Dot, Text, Number, Sign }

/// <param name="Kind">What it is.</param>
/// <param name="Text">
/// A word, a field without its dot, a variable with its dollar, a string's content, or a sign.
/// </param>
/// <param name="Number">Of a number: a long or a double.</param>
/// <param name="FollowsSpace">Whether a space stands before it.</param>
internal readonly record struct TemplateToken(
    TemplateTokenKind Kind, string Text, object? Number = null, bool FollowsSpace = false)
{
    public bool IsSign(string sign) => Kind == TemplateTokenKind.Sign && Text == sign;
}

/// <summary>Cuts the inside of an action into tokens.</summary>
internal static class TemplateLexer
{
    /// <exception cref="TemplateException">A character that begins nothing, a quote that does not close.</exception>
    public static List<TemplateToken> Read(string text)
    {
        var tokens = new List<TemplateToken>();
        for (var at = 0; at < text.Length;)
        {
            var hasSpace = at > 0 && char.IsWhiteSpace(text[at - 1]);
            if (char.IsWhiteSpace(text[at])) at++;
            else tokens.Add(Next(text, ref at) with { FollowsSpace = hasSpace });
        }

        tokens.Add(new TemplateToken(TemplateTokenKind.End, ""));
        return tokens;
    }

    private static bool IsWord(char unit) => char.IsLetterOrDigit(unit) || unit == '_';

    private static TemplateToken Next(string text, ref int at)
    {
        var first = text[at];
        var following = at + 1 < text.Length ? text[at + 1] : '\0';
        switch (first)
        {
            case '"': return new TemplateToken(TemplateTokenKind.Text, Quoted(text, ref at));
            case '`': return new TemplateToken(TemplateTokenKind.Text, Raw(text, ref at));
            case '\'': return Character(text, ref at);
            case '.' when IsWord(following) && !char.IsDigit(following):
                at++;
                return new TemplateToken(TemplateTokenKind.Field, Word(text, ref at));
            case '.' when !char.IsDigit(following):
                at++;
                return new TemplateToken(TemplateTokenKind.Dot, ".");
            case '$':
                at++;
                return new TemplateToken(TemplateTokenKind.Variable, "$" + Word(text, ref at));
            case ':' when following == '=':
                at += 2;
                return new TemplateToken(TemplateTokenKind.Sign, ":=");
            case '|' or '(' or ')' or ',' or '=':
                at++;
                return new TemplateToken(TemplateTokenKind.Sign, first.ToString());
        }

        if (char.IsDigit(first) || first is '.' or '+' or '-') return Number(text, ref at);
        if (IsWord(first)) return new TemplateToken(TemplateTokenKind.Word, Word(text, ref at));
        throw new TemplateException($"unexpected \"{first}\" in {{{{{text}}}}}");
    }

    private static string Word(string text, ref int at)
    {
        var start = at;
        while (at < text.Length && IsWord(text[at])) at++;
        return text[start..at];
    }

    private static string Raw(string text, ref int at)
    {
        var end = text.IndexOf('`', at + 1);
        if (end < 0) throw new TemplateException("unterminated raw quoted string");
        var content = text[(at + 1)..end];
        at = end + 1;
        return content;
    }

    private static TemplateToken Character(string text, ref int at)
    {
        var start = at++;
        var content = new StringBuilder();
        if (at < text.Length && text[at] == '\\') Escape(text, ref at, content);
        else if (Rune.TryGetRuneAt(text, Math.Min(at, text.Length - 1), out var rune))
        {
            content.Append(rune.ToString());
            at += rune.Utf16SequenceLength;
        }

        if (at >= text.Length || text[at++] != '\'' || !Rune.TryGetRuneAt(content.ToString(), 0, out var value))
            throw new TemplateException($"malformed character constant: {text[start..Math.Min(at, text.Length)]}");
        return new TemplateToken(TemplateTokenKind.Number, "", (long)value.Value);
    }

    private static string Quoted(string text, ref int at)
    {
        var content = new StringBuilder();
        for (at++; at < text.Length && text[at] != '"';)
        {
            if (text[at] == '\\') Escape(text, ref at, content);
            else content.Append(text[at++]);
        }

        if (at >= text.Length) throw new TemplateException("unterminated quoted string");
        at++;
        return content.ToString();
    }

    private static void Escape(string text, ref int at, StringBuilder content)
    {
        var letter = at + 1 < text.Length ? text[at + 1] : '\0';
        at += 2;
        var plain = "abfnrtv\\\"'".IndexOf(letter, StringComparison.Ordinal);
        if (plain >= 0)
        {
            content.Append("\a\b\f\n\r\t\v\\\"'"[plain]);
            return;
        }

        var digits = letter switch { 'x' => 2, 'u' => 4, 'U' => 8, _ => 0 };
        if (digits == 0 || at + digits > text.Length
            || !int.TryParse(text.AsSpan(at, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture,
                out var value)
            || !Rune.IsValid(value))
            throw new TemplateException($"unknown escape \"\\{letter}\" in a quoted string");
        at += digits;
        content.Append(new Rune(value).ToString());
    }

    private static TemplateToken Number(string text, ref int at)
    {
        var start = at++;
        while (at < text.Length && (IsWord(text[at]) || text[at] == '.'
            || (text[at] is '+' or '-' && text[at - 1] is 'e' or 'E'))) at++;
        var written = text[start..at].Replace("_", "", StringComparison.Ordinal);
        if (written.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
            && long.TryParse(written.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture,
                out var hex))
            return new TemplateToken(TemplateTokenKind.Number, written, hex);
        if (long.TryParse(written, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole))
            return new TemplateToken(TemplateTokenKind.Number, written, whole);
        if (double.TryParse(written, NumberStyles.Float, CultureInfo.InvariantCulture, out var real)
            && double.IsFinite(real))
            return new TemplateToken(TemplateTokenKind.Number, written, real);
        throw new TemplateException($"bad number syntax: \"{written}\"");
    }
}
