using System.Globalization;
using System.Text;

namespace Weir.Routing.Patterns;

/// <summary>
/// A replacement template as Go expands it: <c>$1</c>, <c>${name}</c>, <c>$$</c>; an unknown name is empty.
/// </summary>
/// <remarks><c>$1x</c> names the group <c>1x</c>: the longest run of letters, digits and underscores counts.</remarks>
public sealed class GoReplacement
{
    private readonly List<(string Text, bool IsName)> _parts = [];

    public GoReplacement(string template)
    {
        Template = template;
        var kept = 0;
        for (var at = 0; at < template.Length;)
        {
            if (template[at] != '$' || !TryReadName(template, at, out var name, out var end))
            {
                at++;
                continue;
            }

            if (at > kept) _parts.Add((template[kept..at], false));
            _parts.Add(name == "$" ? ("$", false) : (name, true));
            at = kept = end;
        }

        if (kept < template.Length) _parts.Add((template[kept..], false));
    }

    private GoReplacement(string template, bool isLiteral)
    {
        Template = template;
        _parts.Add((template, !isLiteral));
    }

    public string Template { get; }

    /// <summary>Takes the text as it is, dollars included.</summary>
    public static GoReplacement Literal(string text) => new(text, isLiteral: true);

    /// <param name="regex">Whose match it is.</param>
    /// <param name="text">What was matched.</param>
    /// <param name="bounds">The match's, as the pattern filled them.</param>
    /// <param name="target">What the template makes is added.</param>
    public void Append(GoRegex regex, ReadOnlySpan<byte> text, ReadOnlySpan<int> bounds, StringBuilder target)
    {
        foreach (var (part, isName) in _parts)
        {
            if (!isName)
            {
                target.Append(part);
                continue;
            }

            var group = GroupOf(regex, part);
            if (group < 0 || bounds[group * 2] < 0) continue;
            target.Append(Encoding.UTF8.GetString(text[bounds[group * 2]..bounds[group * 2 + 1]]));
        }
    }

    private static int GroupOf(GoRegex regex, string name)
    {
        if (int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var index))
            return index < regex.GroupNames.Count ? index : -1;
        for (var group = 1; group < regex.GroupNames.Count; group++)
            if (regex.GroupNames[group] == name) return group;
        return -1;
    }

    private static bool TryReadName(string template, int dollar, out string name, out int end)
    {
        name = "";
        end = dollar + 2;
        if (end > template.Length) return false;
        if (template[dollar + 1] == '$')
        {
            name = "$";
            return true;
        }

        var isBraced = template[dollar + 1] == '{';
        var start = isBraced ? dollar + 2 : dollar + 1;
        end = start;
        while (end < template.Length && (char.IsLetterOrDigit(template[end]) || template[end] == '_')) end++;
        name = template[start..end];
        if (name.Length == 0) return false;
        if (!isBraced) return true;
        return end < template.Length && template[end++] == '}';
    }
}
