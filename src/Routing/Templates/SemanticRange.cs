namespace Weir.Routing.Templates;

/// <summary>Which versions are meant: <c>>= 1.2, &lt; 3 || ~4.1</c>.</summary>
/// <remarks>Commas and spaces mean and, bars mean or.</remarks>
internal sealed class SemanticRange
{
    private static readonly string[] Operators =
        ["!=", ">=", "=>", "<=", "=<", "~>", "=", ">", "<", "~", "^"];

    private readonly List<List<Bound>> _choices = [];

    private SemanticRange()
    {
    }

    /// <exception cref="TemplateException">No range.</exception>
    public static SemanticRange Parse(TemplateCall call, string text)
    {
        var range = new SemanticRange();
        foreach (var choice in text.Split("||"))
        {
            call.Run.Spend(1);
            var bounds = new List<Bound>();
            // "1.2 - 1.4" is a range where the dash stands alone.
            var words = choice.Replace(",", " ", StringComparison.Ordinal)
                .Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            for (var i = 0; i < words.Length; i++)
            {
                call.Run.Spend(1);
                if (i + 2 < words.Length && words[i + 1] == "-")
                {
                    bounds.Add(Read(call, ">=", words[i]));
                    bounds.Add(Read(call, "<=", words[i += 2]));
                    continue;
                }

                var sign = Array.Find(Operators, known => words[i].StartsWith(known, StringComparison.Ordinal)) ?? "";
                // The version may stand behind a space.
                var version = words[i][sign.Length..];
                if (version.Length == 0 && i + 1 < words.Length) version = words[++i];
                bounds.Add(Read(call, sign, version));
            }

            if (bounds.Count == 0)
                throw new TemplateException($"error calling {call.Name}: \"{text}\" is no range of versions");
            range._choices.Add(bounds);
        }

        return range;
    }

    public bool Holds(SemanticVersion version) =>
        _choices.Exists(bounds => bounds.TrueForAll(bound => bound.Holds(version)));

    private static Bound Read(TemplateCall call, string sign, string text)
    {
        var dash = text.AsSpan().IndexOfAny('-', '+');
        var parts = (dash < 0 ? text : text[..dash]).Split('.');
        var known = parts.TakeWhile(part => part is not ("x" or "X" or "*")).Take(3).ToArray();
        var numbers = string.Join('.', known.Length == 0 || text == "v" ? ["0"] : known);
        if (parts.Length > 3 || text.Length == 0
            || !SemanticVersion.TryParse(dash < 0 ? numbers : numbers + text[dash..], out var version))
            throw new TemplateException($"error calling {call.Name}: \"{sign}{text}\" is no range of versions");
        return new Bound(sign, version!, known.Length);
    }

    /// <param name="Sign">As written; "" is equality.</param>
    /// <param name="Version">What was left open is 0.</param>
    /// <param name="Parts">Numbers that were given, 0 to 3.</param>
    private sealed record Bound(string Sign, SemanticVersion Version, int Parts)
    {
        public bool Holds(SemanticVersion version)
        {
            // A pre-release is meant only where one is named.
            if (version.Prerelease.Length > 0 && Version.Prerelease.Length == 0) return false;
            var order = version.CompareTo(Version);
            return Sign switch
            {
                "" or "=" => Parts < 3 ? Agrees(version, Parts) : order == 0,
                "!=" => Parts < 3 ? !Agrees(version, Parts) : order != 0,
                ">" => order > 0 && (Parts == 3 || !Agrees(version, Parts)),
                ">=" or "=>" => order >= 0,
                "<" => order < 0,
                "<=" or "=<" => order <= 0 || (Parts < 3 && Agrees(version, Parts)),
                "~" or "~>" => order >= 0 && Agrees(version, Math.Min(Parts, 2)),
                _ => order >= 0 && Agrees(version, CaretParts()),
            };
        }

        private bool Agrees(SemanticVersion version, int parts) => (parts < 1 || version.Major == Version.Major)
            && (parts < 2 || version.Minor == Version.Minor) && (parts < 3 || version.Patch == Version.Patch);

        // Up to the first number that is not 0, or that was left open.
        private int CaretParts() => Version.Major > 0 ? Math.Min(Parts, 1) : Version.Minor > 0 ? Math.Min(Parts, 2)
            : Parts;
    }
}
