namespace Weir.Routing.Patterns;

internal enum PatternOperation : byte { Fail, Match, Consume, Split, Save, Assert }

/// <summary>One step of a compiled pattern.</summary>
/// <param name="Operation">What to do.</param>
/// <param name="Next">The next instruction; of a split, the preferred one.</param>
/// <param name="Other">
/// Split: the second choice. Consume: the set's index. Save: the bound's index. Assert: the look.
/// </param>
internal readonly record struct Instruction(PatternOperation Operation, int Next, int Other);

/// <summary>
/// A compiled pattern: instructions over classes of code points that the pattern does not tell apart.
/// </summary>
internal sealed class PatternProgram
{
    public PatternProgram(Instruction[] instructions, int start, IReadOnlyList<RuneRanges> sets, bool isReversed)
    {
        Instructions = instructions;
        Start = start;
        IsReversed = isReversed;
        foreach (var instruction in instructions)
            if (instruction.Operation == PatternOperation.Assert) HasAssertions = true;
        Alphabet = new RuneAlphabet(sets, HasAssertions);
    }

    public Instruction[] Instructions { get; }

    public int Start { get; }

    /// <summary>Reads the text from its end; assertions are turned round already.</summary>
    public bool IsReversed { get; }

    public bool HasAssertions { get; }

    public RuneAlphabet Alphabet { get; }

    public bool Consumes(in Instruction instruction, int runeClass) => Alphabet.Contains(instruction.Other, runeClass);
}

/// <summary>The code points of a pattern, in classes: members of one class are in the same sets.</summary>
internal sealed class RuneAlphabet
{
    private readonly int[] _starts;
    private readonly int[] _classes;
    private readonly ulong[] _members;
    private readonly ulong[] _asciiMembers;
    private readonly int _wordsPerSet;

    /// <param name="sets">The sets of the pattern's instructions, by index.</param>
    /// <param name="forAssertions">Newlines and word characters are told apart too.</param>
    public RuneAlphabet(IReadOnlyList<RuneRanges> sets, bool forAssertions)
    {
        var all = new List<RuneRanges>(sets);
        if (forAssertions) all.AddRange([RuneRanges.Of(('\n', '\n')), RuneClasses.Word]);
        _starts = StartsOf(all);
        _classes = new int[_starts.Length];
        var known = new Dictionary<string, int>(StringComparer.Ordinal);
        var representatives = new List<int>();
        var signature = new char[all.Count];
        for (var i = 0; i < _starts.Length; i++)
        {
            for (var set = 0; set < all.Count; set++) signature[set] = all[set].Contains(_starts[i]) ? '1' : '0';
            var key = new string(signature);
            if (!known.TryGetValue(key, out var runeClass))
            {
                known.Add(key, runeClass = known.Count);
                representatives.Add(_starts[i]);
            }

            _classes[i] = runeClass;
        }

        Count = representatives.Count;
        Representatives = [.. representatives];
        _wordsPerSet = (Count + 63) / 64;
        _members = new ulong[sets.Count * _wordsPerSet];
        for (var set = 0; set < sets.Count; set++)
            for (var runeClass = 0; runeClass < Count; runeClass++)
                if (sets[set].Contains(representatives[runeClass]))
                    _members[set * _wordsPerSet + (runeClass >> 6)] |= 1UL << (runeClass & 63);
        for (var rune = 0; rune < Ascii.Length; rune++) Ascii[rune] = Search(rune);
        _asciiMembers = new ulong[sets.Count * 2];
        for (var set = 0; set < sets.Count; set++)
            for (var rune = 0; rune < Ascii.Length; rune++)
                if (Contains(set, Ascii[rune])) _asciiMembers[set * 2 + (rune >> 6)] |= 1UL << (rune & 63);
    }

    public int Count { get; }

    /// <summary>The class of each ASCII character.</summary>
    public int[] Ascii { get; } = new int[128];

    /// <summary>A member of each class.</summary>
    public int[] Representatives { get; }

    public bool Contains(int set, int runeClass) =>
        (_members[set * _wordsPerSet + (runeClass >> 6)] >> (runeClass & 63) & 1) != 0;

    public bool ContainsAscii(int set, int rune) => (_asciiMembers[set * 2 + (rune >> 6)] >> (rune & 63) & 1) != 0;

    public int ClassOf(int rune) => rune < 128 ? Ascii[rune] : Search(rune);

    private static int[] StartsOf(List<RuneRanges> sets)
    {
        var starts = new SortedSet<int> { 0 };
        foreach (var set in sets)
        {
            foreach (var (low, high) in set.Ranges)
            {
                starts.Add(low);
                if (high < RuneRanges.RuneMax) starts.Add(high + 1);
            }
        }

        return [.. starts];
    }

    private int Search(int rune)
    {
        var at = Array.BinarySearch(_starts, rune);
        return _classes[at >= 0 ? at : ~at - 1];
    }
}
