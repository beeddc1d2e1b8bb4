using Weir.Routing.Patterns;

namespace Weir.Routing.Doctor;

/// <summary>Patterns for the beginning of a block of lines that match within a line as well.</summary>
internal sealed class UnanchoredCheck : IConfigurationCheck
{
    public void Examine(ConfigurationView configuration, Findings findings)
    {
        foreach (var stage in configuration.Bodies)
        {
            if (stage.Name != "stage.multiline" || !stage.Gives("firstline")) continue;
            var pattern = stage.Text("firstline");
            // What matches behind any beginning of a line is not bound to it.
            if (pattern.Length == 0 || pattern.Contains("(?m", StringComparison.Ordinal)
                || !PatternReach.CanMatch($"(?s:.)(?:{pattern})(?s:.*)", isAnchored: true)) continue;
            findings.Add("regex-unanchored", stage.PlaceOf("firstline"),
                "this pattern is not anchored: a line that only mentions what it looks for begins a new entry",
                $"begin it with ^: `^{(pattern.Contains('|', StringComparison.Ordinal) ? $"({pattern})" : pattern)}`");
        }
    }
}
