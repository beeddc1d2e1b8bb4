using System.Text;

namespace Weir.Routing.Secrets;

/// <summary>
/// Finds which rules have a keyword in a line, all in one pass: Aho and Corasick's automaton over bytes, letters of
/// ASCII in whatever case. Immutable.
/// </summary>
internal sealed class KeywordScan
{
    private readonly byte[] _classes = new byte[256];
    private readonly int _classCount;
    private readonly int[] _next;
    private readonly int[][] _rules;

    /// <param name="keywords">By rule; a rule without any is not found.</param>
    public KeywordScan(IReadOnlyList<IReadOnlyList<string>> keywords)
    {
        var words = keywords.SelectMany((list, rule) => list.Where(word => word.Length > 0)
            .Select(word => (Rule: rule, Bytes: Encoding.UTF8.GetBytes(word.ToLowerInvariant())))).ToList();
        _classCount = Classify(words.SelectMany(word => word.Bytes));
        var trie = new List<int[]> { NewState() };
        var rules = new List<HashSet<int>> { new() };
        foreach (var (rule, bytes) in words)
        {
            var state = 0;
            foreach (var one in bytes)
            {
                ref var next = ref trie[state][_classes[one]];
                if (next < 0)
                {
                    next = trie.Count;
                    trie.Add(NewState());
                    rules.Add([]);
                }

                state = next;
            }

            rules[state].Add(rule);
        }

        Complete(trie, rules);
        _next = [.. trie.SelectMany(state => state)];
        _rules = [.. rules.Select(found => found.ToArray())];
    }

    /// <summary>Marks the rules that have a keyword in the line.</summary>
    /// <param name="found">By rule; marks that are there stay.</param>
    /// <returns>Whether there is any.</returns>
    public bool Mark(ReadOnlySpan<byte> line, Span<bool> found)
    {
        var (state, isAny) = (0, false);
        foreach (var one in line)
        {
            state = _next[state * _classCount + _classes[one]];
            var rules = _rules[state];
            if (rules.Length == 0) continue;
            isAny = true;
            foreach (var rule in rules) found[rule] = true;
        }

        return isAny;
    }

    /// <summary>Bytes that stand in no keyword are one class, 0.</summary>
    private int Classify(IEnumerable<byte> bytes)
    {
        var count = 1;
        foreach (var one in bytes.Distinct().Order())
        {
            _classes[one] = (byte)count;
            if (char.IsAsciiLetterLower((char)one)) _classes[one - 'a' + 'A'] = (byte)count;
            count++;
        }

        return count;
    }

    private int[] NewState()
    {
        var state = new int[_classCount];
        Array.Fill(state, -1);
        return state;
    }

    /// <summary>Gives every state a next one for every class: where a word ends, the longest end of it that begins
    /// another goes on.</summary>
    private void Complete(List<int[]> trie, List<HashSet<int>> rules)
    {
        var back = new int[trie.Count];
        var waiting = new Queue<int>([0]);
        while (waiting.TryDequeue(out var state))
        {
            for (var one = 0; one < _classCount; one++)
            {
                var otherwise = state == 0 ? 0 : trie[back[state]][one];
                var next = trie[state][one];
                if (next < 0)
                {
                    trie[state][one] = otherwise;
                    continue;
                }

                back[next] = otherwise;
                rules[next].UnionWith(rules[otherwise]);
                waiting.Enqueue(next);
            }
        }
    }
}
