using System.Text;
using Weir.Routing.Patterns;

namespace Weir.Routing.LogQl;

/// <summary>A condition on a line: it has, or has not, any of these texts or patterns. Allocates nothing.</summary>
public sealed class LineFilter
{
    private readonly byte[][] _texts;
    private readonly GoRegex[] _patterns;

    /// <param name="isNegated">True for <c>!=</c> and <c>!~</c>.</param>
    internal LineFilter(bool isNegated, IEnumerable<string> texts, IEnumerable<GoRegex> patterns)
    {
        IsNegated = isNegated;
        _texts = [.. texts.Select(Encoding.UTF8.GetBytes)];
        _patterns = [.. patterns];
    }

    public bool IsNegated { get; }

    public bool IsMatch(ReadOnlySpan<byte> line) => HasAny(line) != IsNegated;

    private bool HasAny(ReadOnlySpan<byte> line)
    {
        foreach (var text in _texts)
            if (line.IndexOf(text) >= 0) return true;
        foreach (var pattern in _patterns)
            if (pattern.IsMatch(line)) return true;
        return false;
    }
}
