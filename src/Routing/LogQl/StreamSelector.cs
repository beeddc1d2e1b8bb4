using Weir.Protocol.Batches;
using Weir.Routing.Patterns;

namespace Weir.Routing.LogQl;

public enum MatchKind : byte { Equal, NotEqual, Regex, NotRegex }

/// <summary>One condition on a label's text; a label that is absent is the empty string.</summary>
/// <param name="Pattern">Anchored; null unless the kind is a regex one.</param>
public sealed record LabelMatcher(string Name, MatchKind Kind, string Value, GoRegex? Pattern)
{
    public bool IsMatch(string value) => Kind switch
    {
        MatchKind.Equal => value == Value,
        MatchKind.NotEqual => value != Value,
        MatchKind.Regex => Pattern!.IsMatch(value),
        _ => !Pattern!.IsMatch(value),
    };
}

/// <summary><c>{app="x", level!~"debug|trace"}</c></summary>
public sealed record StreamSelector(IReadOnlyList<LabelMatcher> Matchers)
{
    /// <summary>Costs a regex match a regex matcher: remember the answer for a label set.</summary>
    public bool IsMatch(LabelSet labels)
    {
        foreach (var matcher in Matchers)
        {
            labels.TryGet(matcher.Name, out var value);
            if (!matcher.IsMatch(value)) return false;
        }

        return true;
    }
}
