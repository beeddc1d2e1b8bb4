namespace Weir.Routing.Patterns;

/// <summary>What an assertion of no width looks at.</summary>
internal enum Look : byte { TextStart, TextEnd, LineStart, LineEnd, WordBoundary, NoWordBoundary }

/// <summary>A pattern as parsed, its flags already resolved into sets and greediness.</summary>
internal abstract record PatternNode
{
    /// <summary>Matches the empty text everywhere.</summary>
    public sealed record Empty : PatternNode;

    /// <summary>One code point of a set; an empty set never matches.</summary>
    public sealed record Set(RuneRanges Ranges) : PatternNode;

    public sealed record Assertion(Look Look) : PatternNode;

    public sealed record Sequence(IReadOnlyList<PatternNode> Items) : PatternNode;

    /// <summary>The first that matches wins.</summary>
    public sealed record Choice(IReadOnlyList<PatternNode> Items) : PatternNode;

    /// <param name="Most">-1: without end.</param>
    public sealed record Repeat(PatternNode Item, int Least, int Most, bool IsGreedy) : PatternNode;

    /// <param name="Index">From 1, by opening parenthesis.</param>
    public sealed record Group(PatternNode Item, int Index) : PatternNode;
}

/// <summary>Where and why a pattern is refused.</summary>
internal sealed class PatternException(string reason, string excerpt, int offset)
    : Exception($"error parsing regexp: {reason}: `{excerpt}` at offset {offset}");
