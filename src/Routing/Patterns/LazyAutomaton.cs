using System.Diagnostics.CodeAnalysis;

namespace Weir.Routing.Patterns;

/// <summary>A deterministic automaton made as the texts need it: one table look-up a character once warm.</summary>
/// <remarks>
/// A state is the ordered list of instructions that wait for a character. Whether a place ends a match is known one
/// character later, when assertions can look at it; so transitions, not states, carry the match. One user at a time.
/// </remarks>
internal sealed class LazyAutomaton
{
    /// <summary>
    /// Table cells and remembered instructions kept, 4 bytes each; past it the automaton starts anew.
    /// </summary>
    public const int CellsMax = 256 * 1024;

    private const int Dead = 0;

    private readonly PatternProgram _program;
    private readonly bool _isUnanchored;
    private readonly bool _isLongest;
    private readonly int _stride;
    private readonly Dictionary<int[], int> _ids = new(StateEquality.Instance);
    private readonly List<int[]> _states = [];
    private readonly int[] _pending;
    private readonly int[] _seen;
    private readonly int[] _listed;
    private readonly List<int> _seeds = [];
    private int[] _next;
    private int _generation;
    private int _cells;

    /// <param name="program">Forwards or reversed.</param>
    /// <param name="isUnanchored">A match may begin anywhere.</param>
    /// <param name="isLongest">Of the matches from one place the longest, not the preferred one.</param>
    public LazyAutomaton(PatternProgram program, bool isUnanchored, bool isLongest)
    {
        _program = program;
        _isUnanchored = isUnanchored;
        _isLongest = isLongest;
        _stride = program.Alphabet.Count + 1;
        _next = new int[_stride * 16];
        _pending = new int[program.Instructions.Length * 2 + 2];
        _seen = new int[program.Instructions.Length];
        _listed = new int[program.Instructions.Length];
        Reset();
    }

    // The kinds of the character before a state, as far as assertions tell them apart; each by a code point of it.
    private static ReadOnlySpan<int> Kinds => [PatternText.None, '\n', 'a', ' '];

    /// <summary>Reads forwards from <paramref name="from"/>; finds where the leftmost match ends.</summary>
    /// <param name="text">Valid UTF-8.</param>
    /// <param name="from">What lies before it is seen by assertions only.</param>
    /// <param name="isAnyEnough">Stop at the first sign of a match: only whether there is one is asked.</param>
    /// <returns>The end, or -1.</returns>
    public int FindEnd(ReadOnlySpan<byte> text, int from, bool isAnyEnough)
    {
        var state = StartAfter(from > 0 ? PatternText.RuneBefore(text, from, out _) : PatternText.None);
        var ascii = _program.Alphabet.Ascii;
        var found = -1;
        for (var at = from; at < text.Length;)
        {
            var length = 1;
            int lead = text[at];
            var runeClass = lead < 0x80
                ? ascii[lead] : _program.Alphabet.ClassOf(PatternText.RuneAt(text, at, out length));
            var step = _next[state * _stride + runeClass];
            if (step == 0) step = Build(ref state, runeClass);
            if ((step & 1) != 0)
            {
                found = at;
                if (isAnyEnough) return found;
            }

            state = (step >> 1) - 1;
            if (state == Dead) return found;
            at += length;
        }

        return (EndStep(ref state) & 1) != 0 ? text.Length : found;
    }

    /// <summary>
    /// Reads backwards from <paramref name="end"/>; finds the leftmost start of a match that ends there.
    /// </summary>
    public int FindStart(ReadOnlySpan<byte> text, int from, int end)
    {
        var state = StartAfter(end < text.Length ? PatternText.RuneAt(text, end, out _) : PatternText.None);
        var ascii = _program.Alphabet.Ascii;
        var found = -1;
        for (var at = end; at > from;)
        {
            var length = 1;
            int last = text[at - 1];
            var runeClass = last < 0x80
                ? ascii[last] : _program.Alphabet.ClassOf(PatternText.RuneBefore(text, at, out length));
            var step = _next[state * _stride + runeClass];
            if (step == 0) step = Build(ref state, runeClass);
            if ((step & 1) != 0) found = at;
            state = (step >> 1) - 1;
            if (state == Dead) return found;
            at -= length;
        }

        // The text may go on before the place from which it was searched; assertions must see that.
        var before = from > 0 ? _program.Alphabet.ClassOf(PatternText.RuneBefore(text, from, out _)) : _stride - 1;
        var lastStep = _next[state * _stride + before];
        if (lastStep == 0) lastStep = Build(ref state, before);
        return (lastStep & 1) != 0 ? from : found;
    }

    private int EndStep(ref int state)
    {
        var step = _next[state * _stride + _stride - 1];
        return step != 0 ? step : Build(ref state, _stride - 1);
    }

    private void Reset()
    {
        _ids.Clear();
        _states.Clear();
        Array.Clear(_next);
        _cells = 0;
        Intern([-1]); // the dead state
    }

    private int StartAfter(int rune)
    {
        _seeds.Clear();
        _seeds.Add(Header(rune, isSearching: _isUnanchored));
        if (!_isUnanchored) _seeds.Add(_program.Start);
        return InternSeeds();
    }

    /// <summary>
    /// A state's first number: the kind of the character before it, and whether matches may still begin.
    /// </summary>
    private int Header(int before, bool isSearching)
    {
        var kind = before switch
        {
            _ when !_program.HasAssertions => 0,
            PatternText.None => 0,
            '\n' => 1,
            _ => PatternText.IsWord(before) ? 2 : 3,
        };
        return kind << 1 | (isSearching ? 1 : 0);
    }

    private int InternSeeds()
    {
        var lookup = _ids.GetAlternateLookup<ReadOnlySpan<int>>();
        var seeds = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_seeds);
        return lookup.TryGetValue(seeds, out var id) ? id : Intern(seeds.ToArray());
    }

    private int Intern(int[] state)
    {
        var id = _states.Count;
        _states.Add(state);
        _ids.Add(state, id);
        _cells += _stride + state.Length;
        if (_next.Length < (id + 1) * _stride) Array.Resize(ref _next, _next.Length * 2);
        return id;
    }

    /// <summary>Works out a transition and remembers it.</summary>
    /// <param name="state">Renumbered when the automaton had to start anew.</param>
    /// <param name="runeClass">The class of the character to come; the last one is the end of the text.</param>
    /// <returns>(the next state + 1) × 2, + 1 when the place before the character ends a match.</returns>
    private int Build(ref int state, int runeClass)
    {
        if (_cells > CellsMax)
        {
            var kept = _states[state];
            Reset();
            state = Intern(kept);
        }

        var header = _states[state][0];
        var before = Kinds[header >> 1];
        var after = runeClass < _stride - 1 ? _program.Alphabet.Representatives[runeClass] : PatternText.None;
        _generation++;
        _seeds.Clear();
        _seeds.Add(0);
        var isMatch = false;
        var seeds = _states[state];
        var isCut = false;
        for (var i = 1; i < seeds.Length && !isCut; i++)
            isCut = Follow(seeds[i], before, after, runeClass, ref isMatch);
        var isSearching = (header & 1) != 0 && !isCut;
        if (isSearching) isSearching = !Follow(_program.Start, before, after, runeClass, ref isMatch);
        _seeds[0] = Header(after, isSearching);
        var next = _seeds.Count == 1 && !isSearching ? Dead : InternSeeds();
        return _next[state * _stride + runeClass] = (next + 1) << 1 | (isMatch ? 1 : 0);
    }

    /// <returns>Whether a match was met that rules out all of lower priority.</returns>
    private bool Follow(int first, int before, int after, int runeClass, ref bool isMatch)
    {
        var pending = 0;
        _pending[pending++] = first;
        while (pending > 0)
        {
            var index = _pending[--pending];
            if (_seen[index] == _generation) continue;
            _seen[index] = _generation;
            ref readonly var instruction = ref _program.Instructions[index];
            switch (instruction.Operation)
            {
                case PatternOperation.Split:
                    _pending[pending++] = instruction.Other;
                    _pending[pending++] = instruction.Next;
                    break;
                case PatternOperation.Save:
                case PatternOperation.Assert when PatternText.Holds((Look)instruction.Other, before, after):
                    _pending[pending++] = instruction.Next;
                    break;
                case PatternOperation.Match:
                    isMatch = true;
                    if (!_isLongest) return true;
                    break;
                case PatternOperation.Consume when after != PatternText.None
                    && _listed[instruction.Next] != _generation && _program.Consumes(instruction, runeClass):
                    _listed[instruction.Next] = _generation;
                    _seeds.Add(instruction.Next);
                    break;
            }
        }

        return false;
    }

    private sealed class StateEquality : IEqualityComparer<int[]>, IAlternateEqualityComparer<ReadOnlySpan<int>, int[]>
    {
        public static readonly StateEquality Instance = new();

        public bool Equals(int[]? one, int[]? other) => one.AsSpan().SequenceEqual(other);

        public bool Equals(ReadOnlySpan<int> one, int[] other) => one.SequenceEqual(other);

        public int GetHashCode([DisallowNull] int[] state) => GetHashCode(state.AsSpan());

        public int GetHashCode(ReadOnlySpan<int> state)
        {
            var hash = 14695981039346656037UL;
            foreach (var number in state) hash = (hash ^ (uint)number) * 1099511628211UL;
            return (int)(hash ^ hash >> 32);
        }

        public int[] Create(ReadOnlySpan<int> state) => state.ToArray();
    }
}
