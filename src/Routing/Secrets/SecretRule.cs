using Weir.Routing.Patterns;

namespace Weir.Routing.Secrets;

/// <summary>What an exception is tried on.</summary>
internal enum ExceptionTarget : byte { Secret, Match, Line }

/// <summary>What a rule finds and is no secret all the same.</summary>
/// <param name="Patterns">Any of them matches.</param>
/// <param name="StopWords">Any of them is in the secret, in whatever case; in UTF-8.</param>
/// <param name="NeedsAll">A pattern and a stop word have to be there, where both are given.</param>
internal sealed record SecretException(
    ExceptionTarget Target, IReadOnlyList<GoRegex> Patterns, IReadOnlyList<GoRegex> StopWords, bool NeedsAll)
{
    public bool Covers(ReadOnlySpan<byte> line, ReadOnlySpan<byte> match, ReadOnlySpan<byte> secret)
    {
        var tried = Target switch
        {
            ExceptionTarget.Match => match,
            ExceptionTarget.Line => line,
            _ => secret,
        };
        var byPattern = AnyMatches(Patterns, tried);
        var byWord = AnyMatches(StopWords, secret);
        return NeedsAll
            ? (byPattern || Patterns.Count == 0) && (byWord || StopWords.Count == 0)
            : byPattern || byWord;
    }

    private static bool AnyMatches(IReadOnlyList<GoRegex> patterns, ReadOnlySpan<byte> text)
    {
        for (var i = 0; i < patterns.Count; i++)
            if (patterns[i].IsMatch(text)) return true;
        return false;
    }
}

/// <summary>How one kind of secret looks.</summary>
/// <param name="Id">Stands in what takes the secret's place, and in metrics.</param>
/// <param name="Pattern">Finds it.</param>
/// <param name="Group">The group that is the secret; 0: the only group, or the whole match.</param>
/// <param name="Keywords">One of them is in every line that has such a secret, in whatever case; empty: none is
/// known.</param>
/// <param name="Entropy">Bits a byte that a secret has at the least; what has fewer is a word.</param>
internal sealed record SecretRule(
    string Id, GoRegex Pattern, int Group, IReadOnlyList<string> Keywords, double Entropy,
    IReadOnlyList<SecretException> Exceptions)
{
    /// <summary>The group that is the secret.</summary>
    public int SecretGroup => Group > 0 && Group * 2 < Pattern.BoundsEach ? Group : Pattern.BoundsEach == 4 ? 1 : 0;
}
