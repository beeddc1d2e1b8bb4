using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Unicode;

namespace Weir.Routing.Patterns;

/// <summary>
/// A regular expression as Go's <c>regexp</c> compiles it: RE2's syntax, leftmost-first, linear in the text.
/// </summary>
/// <remarks>
/// Works on UTF-8 as it stands; bytes that are none read as U+FFFD, one each. Any number of threads; warm calls
/// allocate nothing. No text makes it slower than <see cref="PatternCompiler.InstructionsMax"/> steps a character.
/// </remarks>
public sealed class GoRegex
{
    private const int SpareMax = 16;

    private readonly PatternPlan _plan;
    private readonly PatternScratch?[] _spare = new PatternScratch?[SpareMax];

    private GoRegex(string pattern, PatternNode node, IReadOnlyList<string> groupNames)
    {
        Pattern = pattern;
        GroupNames = groupNames;
        _plan = new PatternPlan(node, BoundsEach);
    }

    /// <summary>As its author wrote it, without what anchors it.</summary>
    public string Pattern { get; }

    /// <summary>The name of each group, "" where it has none; index 0 stands for the whole match.</summary>
    public IReadOnlyList<string> GroupNames { get; }

    /// <summary>Length of the span that <see cref="TryMatch(ReadOnlySpan{byte}, Span{int})"/> fills.</summary>
    public int BoundsEach => GroupNames.Count * 2;

    /// <param name="pattern">Go's syntax.</param>
    /// <param name="regex">Null when refused.</param>
    /// <param name="error">What Go would say, and the offset.</param>
    public static bool TryCompile(string pattern, [NotNullWhen(true)] out GoRegex? regex, out string error) =>
        TryCompile(pattern, isAnchored: false, out regex, out error);

    /// <summary>
    /// For relabelling and matchers: the pattern must match the whole text, and <c>.</c> takes newlines too.
    /// </summary>
    public static bool TryCompileAnchored(string pattern, [NotNullWhen(true)] out GoRegex? regex, out string error) =>
        TryCompile(pattern, isAnchored: true, out regex, out error);

    /// <summary>For patterns of the program itself.</summary>
    /// <exception cref="ArgumentException">Refused.</exception>
    public static GoRegex Compile(string pattern) =>
        TryCompile(pattern, out var regex, out var error) ? regex : throw new ArgumentException(error, nameof(pattern));

    public bool IsMatch(ReadOnlySpan<byte> text)
    {
        if (_plan.IsPlainText) return text.IndexOf(_plan.Required) >= 0;
        if (text.IndexOf(_plan.Required) < 0) return false;
        using var search = new PatternSearch(this, text);
        return search.TryNext([]);
    }

    public bool IsMatch(string text) => IsMatch(Encoding.UTF8.GetBytes(text));

    /// <summary>Finds the leftmost match.</summary>
    /// <param name="text">Any bytes.</param>
    /// <param name="bounds">
    /// <see cref="BoundsEach"/> long, or 2 where groups do not matter: start and end of the match, then of each group,
    /// as offsets into the text; -1 where a group took no part.
    /// </param>
    public bool TryMatch(ReadOnlySpan<byte> text, Span<int> bounds)
    {
        if (text.IndexOf(_plan.Required) < 0) return false;
        using var search = new PatternSearch(this, text);
        return search.TryNext(bounds);
    }

    /// <summary>Goes through all matches that do not overlap, as Go's <c>FindAll</c> does. Dispose it.</summary>
    public PatternSearch Search(ReadOnlySpan<byte> text) => new(this, text);

    /// <summary>Replaces each match by what the template makes of it.</summary>
    public string ReplaceAll(string text, GoReplacement replacement)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var bounds = new int[BoundsEach];
        var replaced = new StringBuilder();
        var kept = 0;
        using var search = Search(bytes);
        while (search.TryNext(bounds))
        {
            replaced.Append(Encoding.UTF8.GetString(bytes.AsSpan(kept, bounds[0] - kept)));
            replacement.Append(this, bytes, bounds, replaced);
            kept = bounds[1];
        }

        if (kept == 0 && replaced.Length == 0) return text;
        return replaced.Append(Encoding.UTF8.GetString(bytes.AsSpan(kept))).ToString();
    }

    /// <summary>Fills the template from the leftmost match.</summary>
    /// <returns>False when there is none.</returns>
    public bool TryExpand(string text, GoReplacement replacement, out string expanded)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var bounds = new int[BoundsEach];
        expanded = "";
        if (!TryMatch(bytes, bounds)) return false;
        var built = new StringBuilder();
        replacement.Append(this, bytes, bounds, built);
        expanded = built.ToString();
        return true;
    }

    public override string ToString() => Pattern;

    internal PatternScratch Rent()
    {
        foreach (ref var slot in _spare.AsSpan())
            if (slot != null && Interlocked.Exchange(ref slot, null) is { } spare) return spare;
        return new PatternScratch(_plan);
    }

    internal void Return(PatternScratch scratch)
    {
        foreach (ref var slot in _spare.AsSpan())
            if (slot == null && Interlocked.CompareExchange(ref slot, scratch, null) == null) return;
    }

    private static bool TryCompile(string pattern, bool isAnchored, out GoRegex? regex, out string error)
    {
        regex = null;
        error = "";
        try
        {
            var node = PatternParser.Parse(pattern, isAnchored ? PatternFlags.DotNewline : PatternFlags.None,
                out var names);
            if (isAnchored)
            {
                node = new PatternNode.Sequence([
                    new PatternNode.Assertion(Look.TextStart), node, new PatternNode.Assertion(Look.TextEnd)]);
            }

            regex = new GoRegex(pattern, node, names);
            return true;
        }
        catch (PatternException refused)
        {
            error = refused.Message;
            return false;
        }
    }
}
