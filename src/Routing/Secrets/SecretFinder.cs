using Weir.Routing.Patterns;

namespace Weir.Routing.Secrets;

/// <param name="Rule">Index of the rule that has found it.</param>
/// <param name="Start">Of the secret in the line.</param>
internal readonly record struct FoundSecret(int Rule, int Start, int Length);

/// <summary>When work on a line has to end.</summary>
/// <param name="Time">Null: never.</param>
internal readonly record struct Deadline(TimeProvider? Time, long Started, TimeSpan Limit)
{
    public bool IsOver => Time is not null && Time.GetElapsedTime(Started) > Limit;

    /// <param name="limit">0 for none.</param>
    public static Deadline In(TimeSpan limit, TimeProvider time) =>
        limit > TimeSpan.Zero ? new Deadline(time, time.GetTimestamp(), limit) : default;
}

/// <summary>Finds secrets in lines. Any number of threads; a line without keywords is gone through once.</summary>
internal sealed class SecretFinder
{
    /// <summary>Gitleaks has some 200.</summary>
    public const int RulesMax = 1_000;

    /// <summary>More in one line are not looked for: the rest of it would be no text for anybody to read.</summary>
    public const int FoundMax = 1_000;

    private readonly IReadOnlyList<SecretRule> _rules;
    private readonly IReadOnlyList<SecretException> _exceptions;
    private readonly KeywordScan _keywords;
    private readonly bool _needsKeyword;

    /// <param name="rules">At most <see cref="RulesMax"/>.</param>
    /// <param name="exceptions">For all rules.</param>
    public SecretFinder(IReadOnlyList<SecretRule> rules, IReadOnlyList<SecretException> exceptions)
    {
        (_rules, _exceptions) = (rules, exceptions);
        _keywords = new KeywordScan([.. rules.Select(rule => rule.Keywords)]);
        _needsKeyword = rules.All(rule => rule.Keywords.Count > 0);
        BoundsMax = rules.Count == 0 ? 0 : rules.Max(rule => rule.Pattern.BoundsEach);
    }

    public IReadOnlyList<SecretRule> Rules => _rules;

    /// <summary>How long the work space of <see cref="Find"/> is.</summary>
    public int BoundsMax { get; }

    /// <summary>A pattern that any of some words matches, in whatever case; null for no words.</summary>
    public static GoRegex? AnyOf(IReadOnlyList<string> words) => words.Count == 0 ? null
        : GoRegex.Compile($"(?i)(?:{string.Join('|', words.Distinct(StringComparer.Ordinal).Select(Quoted))})");

    /// <summary>Finds what rules say is a secret, rule by rule.</summary>
    /// <param name="bounds">Work space.</param>
    /// <param name="found">Emptied, then filled.</param>
    /// <param name="deadline">Looked at after each rule.</param>
    /// <returns>False when the time was up.</returns>
    public bool Find(ReadOnlySpan<byte> line, Span<int> bounds, List<FoundSecret> found, Deadline deadline)
    {
        found.Clear();
        Span<bool> tried = stackalloc bool[RulesMax];
        tried = tried[.._rules.Count];
        tried.Clear();
        if (!_keywords.Mark(line, tried) && _needsKeyword) return true;
        for (var i = 0; i < _rules.Count && found.Count < FoundMax; i++)
        {
            if (!tried[i] && _rules[i].Keywords.Count > 0) continue;
            FindByRule(i, line, bounds[.._rules[i].Pattern.BoundsEach], found);
            if (deadline.IsOver) return false;
        }

        return true;
    }

    private void FindByRule(int index, ReadOnlySpan<byte> line, Span<int> bounds, List<FoundSecret> found)
    {
        var rule = _rules[index];
        var group = rule.SecretGroup * 2;
        using var search = rule.Pattern.Search(line);
        while (found.Count < FoundMax && search.TryNext(bounds))
        {
            var (start, length) = (bounds[group], bounds[group + 1] - bounds[group]);
            if (start < 0 || length == 0) continue;
            var match = line[bounds[0]..bounds[1]];
            var secret = line.Slice(start, length);
            if (rule.Entropy > 0 && EntropyOf(secret) <= rule.Entropy) continue;
            if (IsExcepted(rule.Exceptions, line, match, secret) || IsExcepted(_exceptions, line, match, secret))
                continue;
            found.Add(new FoundSecret(index, start, length));
        }
    }

    private static bool IsExcepted(
        IReadOnlyList<SecretException> exceptions, ReadOnlySpan<byte> line, ReadOnlySpan<byte> match,
        ReadOnlySpan<byte> secret)
    {
        for (var i = 0; i < exceptions.Count; i++)
            if (exceptions[i].Covers(line, match, secret)) return true;
        return false;
    }

    /// <summary>Shannon's entropy in bits a byte.</summary>
    public static double EntropyOf(ReadOnlySpan<byte> text)
    {
        Span<int> counts = stackalloc int[256];
        counts.Clear();
        foreach (var one in text) counts[one]++;
        var entropy = 0.0;
        foreach (var count in counts)
        {
            if (count == 0) continue;
            var part = (double)count / text.Length;
            entropy -= part * Math.Log2(part);
        }

        return entropy;
    }

    private static string Quoted(string word) => string.Concat(word.Select(character =>
        char.IsAsciiLetterOrDigit(character) || character is '_' || !char.IsAscii(character)
            ? character.ToString() : $@"\x{{{(int)character:x}}}"));
}
