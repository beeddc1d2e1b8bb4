namespace Weir.Routing.Language;

/// <summary>Hides credentials in a source line before it is shown: widths stay, so that carets still fit.</summary>
internal static class SecretMask
{
    // Matched anywhere in the name to the left of '=': basic_auth's password, bearer_token, client_secret,
    // credentials, key_pem, an Authorization or X-API-Key header, WEIR_LOKI_PASSWORD.
    private static readonly string[] SecretWords =
        ["password", "passwd", "secret", "token", "credential", "key", "auth", "passphrase", "cookie"];

    // A key in a string that was not closed stands on lines of its own; no name is written in so many letters without
    // "_".
    private const int EncodedMin = 32;

    // A mistyped name is why a line is shown at all.
    private static readonly string[] MistypedWords =
        ["password", "passphrase", "credentials", "bearer_token", "client_secret"];

    // Maps all of whose values are hidden: any header may authenticate, whatever its name.
    private static readonly string[] HeaderMaps = ["headers", "http_headers", "proxy_connect_header"];

    // How far above a line the map may begin that it stands in; nobody sends more headers.
    private const int HeaderLinesMax = 64;

    public static string Mask(SourceFile source, int line)
    {
        var text = source.LineText(line).ToString().ToCharArray();
        var inHeaders = StandsInHeaders(source, line);
        var secretName = false;
        for (var at = 0; at < text.Length; at++)
        {
            var encoded = LengthOfBase64(text.AsSpan(at));
            if (encoded >= EncodedMin)
            {
                text.AsSpan(at, encoded).Fill('*');
                at += encoded - 1;
            }
            else if (text[at] is '"' or '`' or '\'')
            {
                var end = EndOfString(text, at);
                var isValue = text.AsSpan(0, at).TrimEnd() is [.., '=' or ':'];
                if (!isValue && IsName(text, end))
                    secretName = inHeaders || IsHidden(text.AsSpan(at + 1, Math.Max(0, end - at - 1)));
                else if (secretName) text.AsSpan(at + 1, Math.Max(0, end - at - 1)).Fill('*');
                else MaskCredentials(text.AsSpan(at, end - at));
                at = end;
            }
            else if (char.IsLetter(text[at]))
            {
                var end = at;
                while (end + 1 < text.Length && (char.IsLetterOrDigit(text[end + 1]) || text[end + 1] == '_')) end++;
                var name = text.AsSpan(at, end - at + 1);
                if (IsName(text, end)) secretName = inHeaders || IsHidden(name);
                inHeaders |= HeaderMaps.Contains(name.ToString());
                at = end;
                if (secretName) at = MaskPlain(text, end + 1);
            }
        }
        return new string(text);
    }

    // By how configurations are laid out: the text may be broken anywhere.
    private static bool StandsInHeaders(SourceFile source, int line)
    {
        // In YAML a map ends where the lines are indented no more.
        var (isInside, isYaml, begin) = (false, false, 0);
        for (var above = Math.Max(1, line - HeaderLinesMax); above <= line; above++)
        {
            var text = source.LineText(above);
            var trimmed = text.Trim();
            var indent = text.Length - text.TrimStart().Length;
            isInside &= trimmed.IsEmpty || (isYaml ? indent > begin : trimmed[0] != '}');
            if (above == line) break;
            var name = trimmed[..(trimmed.IndexOfAny(" \t=:") is >= 0 and var end ? end : trimmed.Length)];
            if (isInside || trimmed is not [.., '{' or ':'] || !HeaderMaps.Contains(name.ToString())) continue;
            (isInside, isYaml, begin) = (true, trimmed[^1] == ':', indent);
        }

        return isInside;
    }

    // In YAML a text needs no quotes: what follows the colon is hidden to the end of the line, as it may hold anything.
    // The name of a variable, ${NAME}, is no secret, its default may be one.
    private static int MaskPlain(char[] text, int behindName)
    {
        var colon = behindName;
        while (colon < text.Length && char.IsWhiteSpace(text[colon])) colon++;
        if (colon + 1 >= text.Length || text[colon] != ':' || !char.IsWhiteSpace(text[colon + 1]))
            return behindName - 1;
        var start = colon + 1;
        while (start < text.Length && char.IsWhiteSpace(text[start])) start++;
        var value = text.AsSpan(start);
        if (value.IsEmpty || value[0] is '"' or '\'' or '[' or '{' or '|' or '>') return start - 1;
        if (value is not ['$', '{', .., '}'] || value.Contains(':')) value.Fill('*');
        return text.Length;
    }

    /// <summary>Hides user and password of a URL, and parameters whose name suggests a credential.</summary>
    public static string MaskUrl(string text)
    {
        if (!text.Contains("://", StringComparison.Ordinal)) return text;
        var characters = text.ToCharArray();
        MaskCredentials(characters);
        return new string(characters);
    }

    // A request's body is no credential, and may hold some.
    private static bool IsHidden(ReadOnlySpan<char> name) => name is "body" || IsSecretName(name);

    /// <summary>Whether the name of an attribute or header suggests that its value is a credential.</summary>
    public static bool IsSecretName(ReadOnlySpan<char> name)
    {
        foreach (var word in SecretWords)
            if (name.Contains(word, StringComparison.OrdinalIgnoreCase)) return true;
        return Suggestion.Closest(name.ToString(), MistypedWords) is not null;
    }

    private static int LengthOfBase64(ReadOnlySpan<char> text)
    {
        var length = 0;
        while (length < text.Length
            && (char.IsAsciiLetterOrDigit(text[length]) || text[length] is '+' or '/' or '=')) length++;
        return length;
    }

    // The word or string that ends at `end` is a name when "=" (and not "==") or ":" follows.
    private static bool IsName(ReadOnlySpan<char> text, int end)
    {
        var rest = end + 1 < text.Length ? text[(end + 1)..].TrimStart() : [];
        return rest is [':', ..] or ['='] || rest is ['=', not '=', ..];
    }

    private static int EndOfString(ReadOnlySpan<char> text, int start)
    {
        var end = start + 1;
        while (end < text.Length && text[end] != text[start]) end += text[end] == '\\' && text[start] != '`' ? 2 : 1;
        return Math.Min(end, text.Length);
    }

    // http://user:password@host/path?token=…&page=1
    private static void MaskCredentials(Span<char> text)
    {
        var scheme = text.IndexOf("://", StringComparison.Ordinal);
        if (scheme < 0) return;
        var authority = text[(scheme + 3)..];
        var end = authority.IndexOfAny('/', '?', '#');
        var at = (end < 0 ? authority : authority[..end]).LastIndexOf('@');
        if (at >= 0) authority[(authority[..at].IndexOf(':') + 1)..at].Fill('*');
        for (var query = authority.IndexOf('?'); query >= 0;)
        {
            authority = authority[(query + 1)..];
            query = authority.IndexOf('&');
            var parameter = query < 0 ? authority : authority[..query];
            var equals = parameter.IndexOf('=');
            if (equals >= 0 && IsSecretName(parameter[..equals])) parameter[(equals + 1)..].Fill('*');
        }
    }
}
