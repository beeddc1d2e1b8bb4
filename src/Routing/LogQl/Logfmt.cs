using System.Text;

namespace Weir.Routing.LogQl;

/// <summary>Pairs of a logfmt line, for queries; pipelines have a scanner of their own that allocates
/// nothing.</summary>
internal static class Logfmt
{
    /// <summary><c>key=value key="quoted value" flag</c>: a key alone has an empty value.</summary>
    public static IEnumerable<(string Key, string Value)> Pairs(string line)
    {
        for (var at = 0; at < line.Length;)
        {
            if (line[at] <= ' ')
            {
                at++;
                continue;
            }

            var start = at;
            while (at < line.Length && line[at] > ' ' && line[at] != '=') at++;
            var key = line[start..at];
            if (at >= line.Length || line[at] != '=')
            {
                yield return (key, "");
                continue;
            }

            at++;
            var value = at < line.Length && line[at] == '"' ? Quoted(line, ref at) : Plain(line, ref at);
            if (key.Length > 0) yield return (key, value);
        }
    }

    private static string Plain(string line, ref int at)
    {
        var start = at;
        while (at < line.Length && line[at] > ' ') at++;
        return line[start..at];
    }

    private static string Quoted(string line, ref int at)
    {
        var text = new StringBuilder();
        for (at++; at < line.Length && line[at] != '"'; at++)
        {
            if (line[at] != '\\' || at + 1 >= line.Length) text.Append(line[at]);
            else
                text.Append(line[++at] switch
                {
                    'n' => '\n',
                    't' => '\t',
                    'r' => '\r',
                    var other => other,
                });
        }

        at++;
        return text.ToString();
    }
}
