using System.Text;

namespace Weir.Routing.Patterns;

/// <summary>How a pattern is best matched: decided once, shared by all who use it.</summary>
internal sealed class PatternPlan
{
    public PatternPlan(PatternNode node, int boundsEach)
    {
        BoundsEach = boundsEach;
        Forward = PatternCompiler.Compile(node, isReversed: false);
        Reversed = PatternCompiler.Compile(node, isReversed: true);
        var items = Flatten(node).ToArray();
        IsAnchored = items is [PatternNode.Assertion { Look: Look.TextStart }, ..];
        Required = LongestText(items, out var isFirst, out var length);
        IsPlainText = length == items.Length && items.Length > 0;
        Prefix = isFirst ? Required : [];
        OnePass = OnePassMatcher.TryCreate(Forward, boundsEach, out var onePass) ? onePass : null;
    }

    public PatternProgram Forward { get; }

    public PatternProgram Reversed { get; }

    public int BoundsEach { get; }

    /// <summary>A match begins at the start of the text or not at all.</summary>
    public bool IsAnchored { get; }

    /// <summary>A text, in UTF-8, that every match contains; empty where there is none.</summary>
    public byte[] Required { get; }

    /// <summary>The required text, where every match begins with it; else empty.</summary>
    public byte[] Prefix { get; }

    /// <summary>Nothing but the required text: finding that is the match.</summary>
    public bool IsPlainText { get; }

    public OnePassMatcher? OnePass { get; }

    /// <summary>What every match passes through, in order; repeated and chosen parts as they are.</summary>
    private static IEnumerable<PatternNode> Flatten(PatternNode node) => node switch
    {
        PatternNode.Sequence sequence => sequence.Items.SelectMany(Flatten),
        PatternNode.Group group => Flatten(group.Item),
        PatternNode.Empty => [],
        _ => [node],
    };

    private static byte[] LongestText(PatternNode[] items, out bool isFirst, out int length)
    {
        var best = 0;
        length = 0;
        for (var start = 0; start < items.Length;)
        {
            var end = start;
            while (end < items.Length && SingleOf(items[end]) >= 0) end++;
            if (end - start > length) (best, length) = (start, end - start);
            start = end + 1;
        }

        isFirst = best == 0 && length > 0;
        return Encoding.UTF8.GetBytes(string.Concat(items.Skip(best).Take(length)
            .Select(item => char.ConvertFromUtf32(SingleOf(item)))));
    }

    /// <summary>The one code point a node stands for, or -1. U+FFFD may also be a byte that is no UTF-8.</summary>
    private static int SingleOf(PatternNode node) =>
        node is PatternNode.Set { Ranges.Single: var single } && single != 0xFFFD && Rune.IsValid(single) ? single : -1;
}

/// <summary>What matching needs for one user at a time: the automata as far as built, and work space.</summary>
internal sealed class PatternScratch(PatternPlan plan)
{
    private LazyAutomaton? _ends;
    private LazyAutomaton? _starts;
    private BacktrackMatcher? _backtrack;
    private ThreadMatcher? _threads;

    public Utf8Repair Repair { get; } = new();

    public PatternPlan Plan => plan;

    /// <param name="text">Valid UTF-8.</param>
    /// <param name="from">A match begins here at the earliest; what lies before is seen by assertions only.</param>
    /// <param name="bounds">Empty, 2 long, or as long as the pattern has bounds.</param>
    public bool TryMatch(ReadOnlySpan<byte> text, int from, Span<int> bounds)
    {
        if (plan.IsAnchored)
        {
            if (from > 0) return false;
            if (bounds.Length > 0 && plan.OnePass != null) return plan.OnePass.TryMatch(text, 0, text.Length, bounds);
        }
        else if (plan.Prefix.Length > 0)
        {
            var at = text[from..].IndexOf(plan.Prefix);
            if (at < 0) return false;
            from += at;
        }

        _ends ??= new LazyAutomaton(plan.Forward, isUnanchored: !plan.IsAnchored, isLongest: false);
        var end = _ends.FindEnd(text, from, isAnyEnough: bounds.Length == 0);
        if (end < 0 || bounds.Length == 0) return end >= 0;
        var start = from;
        if (!plan.IsAnchored)
        {
            _starts ??= new LazyAutomaton(plan.Reversed, isUnanchored: false, isLongest: true);
            start = _starts.FindStart(text, from, end);
        }

        bounds[0] = start;
        bounds[1] = end;
        if (bounds.Length == 2) return true;
        if (plan.OnePass != null) return plan.OnePass.TryMatch(text, start, end, bounds);
        if (BacktrackMatcher.Suits(plan.Forward, end - start))
            return (_backtrack ??= new BacktrackMatcher(plan.Forward)).TryMatch(text, start, end, bounds);
        return (_threads ??= new ThreadMatcher(plan.Forward, plan.BoundsEach)).TryMatch(text, start, end, bounds);
    }
}
