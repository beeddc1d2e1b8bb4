using System.Text;

namespace Weir.Routing.Templates;

/// <summary>Sprig's functions of addresses: taken apart into a map, and put together again.</summary>
internal static class TemplateUrl
{
    private const string Unreserved = "-_.~";

    public static TemplateFunction[] All =>
    [
        new("urlParse", 1, 1, call => Parse(call, call.Text(0))),
        new("urlJoin", 1, 1, Join),
    ];

    private static SortedDictionary<string, object?> Parse(TemplateCall call, string text)
    {
        if (text.Any(char.IsControl)) throw Fault(call, text, "a control character");
        var (rest, fragment) = CutAt(text, '#');
        var scheme = SchemeOf(rest);
        if (scheme.Length == 0 && rest.StartsWith(':')) throw Fault(call, text, "missing protocol scheme");
        if (scheme.Length > 0) rest = rest[(scheme.Length + 1)..];
        (rest, var query) = CutAt(rest, '?');
        var map = new SortedDictionary<string, object?>(StringComparer.Ordinal)
        {
            ["scheme"] = scheme.ToLowerInvariant(), ["query"] = query, ["fragment"] = Unescape(call, fragment),
            ["host"] = "", ["hostname"] = "", ["userinfo"] = "", ["opaque"] = "", ["path"] = "",
        };
        if (scheme.Length > 0 && !rest.StartsWith('/'))
        {
            map["opaque"] = rest;
            return map;
        }

        if (rest.StartsWith("//", StringComparison.Ordinal))
        {
            var end = rest.IndexOf('/', 2);
            ReadAuthority(call, map, end < 0 ? rest[2..] : rest[2..end]);
            rest = end < 0 ? "" : rest[end..];
        }

        map["path"] = Unescape(call, rest);
        return map;
    }

    private static void ReadAuthority(TemplateCall call, SortedDictionary<string, object?> map, string authority)
    {
        var at = authority.LastIndexOf('@');
        if (at >= 0) map["userinfo"] = authority[..at];
        var host = Unescape(call, authority[(at + 1)..]);
        var close = host.StartsWith('[') ? host.IndexOf(']', StringComparison.Ordinal) : -1;
        if (host.StartsWith('[') && close < 0) throw Fault(call, authority, "missing ']' in host");
        var colon = host.IndexOf(':', Math.Max(close, 0));
        if (colon >= 0 && !host.AsSpan(colon + 1).ContainsAnyExceptInRange('0', '9')) map["hostname"] = host[..colon];
        else if (colon >= 0) throw Fault(call, authority, "invalid port after host");
        else map["hostname"] = host;
        if (close >= 0) map["hostname"] = host[1..close];
        map["host"] = host;
    }

    private static string Join(TemplateCall call)
    {
        var map = call.Map(0);
        string Part(string name) => map.GetValueOrDefault(name) switch
        {
            null => "",
            string text => text,
            _ => throw new TemplateException($"error calling urlJoin: {name} is no string"),
        };
        var (scheme, host, path, user) = (Part("scheme"), Part("host"), Part("path"), Part("userinfo"));
        var joined = new StringBuilder(scheme.Length > 0 ? scheme + ":" : "");
        if (Part("opaque").Length > 0) joined.Append(Part("opaque"));
        else
        {
            if (scheme.Length + host.Length + user.Length > 0 && (host + path + user).Length > 0)
            {
                var hasAuthority = host.Length + user.Length > 0 || path.StartsWith("//", StringComparison.Ordinal);
                if (hasAuthority) joined.Append("//");
                if (user.Length > 0) joined.Append(user).Append('@');
                joined.Append(host);
            }

            if (path.Length > 0 && path[0] != '/' && host.Length > 0) joined.Append('/');
            joined.Append(Escape(path, "$&+,/:;=@"));
        }

        if (Part("query").Length > 0) joined.Append('?').Append(Part("query"));
        if (Part("fragment").Length > 0) joined.Append('#').Append(Escape(Part("fragment"), "$&+,/:;=?@!()*"));
        return joined.ToString();
    }

    private static (string Before, string After) CutAt(string text, char sign)
    {
        var at = text.IndexOf(sign, StringComparison.Ordinal);
        return at < 0 ? (text, "") : (text[..at], text[(at + 1)..]);
    }

    private static string SchemeOf(string text)
    {
        var end = 0;
        while (end < text.Length && (char.IsAsciiLetter(text[end])
            || (end > 0 && (char.IsAsciiDigit(text[end]) || text[end] is '+' or '-' or '.')))) end++;
        return end < text.Length && text[end] == ':' ? text[..end] : "";
    }

    private static string Unescape(TemplateCall call, string text)
    {
        for (var at = text.IndexOf('%', StringComparison.Ordinal); at >= 0; at = text.IndexOf('%', at + 1))
            if (at + 2 >= text.Length || !char.IsAsciiHexDigit(text[at + 1]) || !char.IsAsciiHexDigit(text[at + 2]))
                throw Fault(call, text, "invalid URL escape");
        return Uri.UnescapeDataString(text);
    }

    private static string Escape(string text, string kept)
    {
        var escaped = new StringBuilder();
        foreach (var unit in Encoding.UTF8.GetBytes(text))
        {
            var plain = char.IsAsciiLetterOrDigit((char)unit) || Unreserved.Contains((char)unit)
                || kept.Contains((char)unit);
            if (plain) escaped.Append((char)unit);
            else escaped.Append('%').Append(unit.ToString("X2", System.Globalization.CultureInfo.InvariantCulture));
        }

        return escaped.ToString();
    }

    private static TemplateException Fault(TemplateCall call, string text, string problem) =>
        new($"error calling {call.Name}: parse \"{text}\": {problem}");
}
