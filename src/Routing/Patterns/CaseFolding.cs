using System.Text;

namespace Weir.Routing.Patterns;

/// <summary>Which code points differ in case only: Unicode's simple folding, which Go's <c>(?i)</c> uses.</summary>
internal static class CaseFolding
{
    /// <summary>No code point above it has a case.</summary>
    public const int RuneMax = 0x1E943;

    // Simple foldings that the runtime's invariant mapping leaves out: long s, and the two capital forms of sharp s
    // and K.
    private static readonly (int, int)[] Additional = [('s', 0x17F), (0xDF, 0x1E9E), ('k', 0x212A), (0xE5, 0x212B)];

    private static readonly Lazy<Dictionary<int, int[]>> Orbits = new(Build);

    /// <summary>The others of a code point's orbit; empty where it has no case.</summary>
    public static int[] Orbit(int rune) => Orbits.Value.TryGetValue(rune, out var orbit) ? orbit : [];

    private static Dictionary<int, int[]> Build()
    {
        var groups = new Dictionary<int, HashSet<int>>();
        for (var rune = 0; rune <= RuneMax; rune++)
        {
            if (!Rune.IsValid(rune)) continue;
            var value = new Rune(rune);
            Join(groups, rune, Rune.ToLowerInvariant(value).Value);
            Join(groups, rune, Rune.ToUpperInvariant(value).Value);
        }

        foreach (var (one, other) in Additional) Join(groups, one, other);
        return groups.ToDictionary(pair => pair.Key, pair => pair.Value.Where(rune => rune != pair.Key).ToArray());
    }

    private static void Join(Dictionary<int, HashSet<int>> groups, int one, int other)
    {
        // The dotted capital and the dotless small i fold to nothing in Go.
        if (one == other || one is 0x130 or 0x131 || other is 0x130 or 0x131) return;
        var joined = groups.TryGetValue(one, out var known) ? known : [one];
        joined.UnionWith(groups.TryGetValue(other, out var others) ? others : [other]);
        foreach (var rune in joined) groups[rune] = joined;
    }
}
