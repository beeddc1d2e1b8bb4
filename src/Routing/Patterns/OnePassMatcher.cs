using System.Diagnostics.CodeAnalysis;
using System.Numerics;

namespace Weir.Routing.Patterns;

/// <summary>
/// Finds groups in one pass, for patterns in which the next character always decides: most of those for log lines.
/// </summary>
/// <remarks>Immutable once made; any number of users.</remarks>
internal sealed class OnePassMatcher
{
    /// <summary>Table cells of a pattern, 12 bytes each; larger ones are matched in another way.</summary>
    public const int CellsMax = 64 * 1024;

    // An action: which assertions must hold (6 bits), whether a match met before it wins, and the bounds to save.
    private const int SaveShift = 7;
    private const ulong MatchWins = 1UL << 6;
    private const ulong Assertions = (1UL << 6) - 1;
    private const ulong NoMatch = 1UL << 63;
    private const int BoundsMax = 56;

    private readonly PatternProgram _program;
    private readonly List<int> _nodes = [];
    private readonly Dictionary<int, int> _nodeOf = [];
    private readonly int _classCount;
    private int[] _next = []; // (next node + 1), negative where the step has an action or a match to record; 0: none
    private ulong[] _actions = [];
    private ulong[] _matches = [];

    private OnePassMatcher(PatternProgram program)
    {
        _program = program;
        _classCount = program.Alphabet.Count;
    }

    public static bool TryCreate(PatternProgram program, int boundsEach,
        [NotNullWhen(true)] out OnePassMatcher? matcher)
    {
        matcher = new OnePassMatcher(program);
        if (boundsEach <= BoundsMax && matcher.TryBuild()) return true;
        matcher = null;
        return false;
    }

    /// <summary>As <see cref="BacktrackMatcher.TryMatch"/>.</summary>
    public bool TryMatch(ReadOnlySpan<byte> text, int start, int end, Span<int> bounds)
    {
        Span<int> open = stackalloc int[bounds.Length];
        open.Fill(-1);
        open[0] = start;
        var isFound = false;
        var node = 0;
        var alphabet = _program.Alphabet;
        var ascii = alphabet.Ascii;
        for (var at = start; ;)
        {
            var length = 1;
            var cell = -1;
            var next = 0;
            if (at < end)
            {
                int lead = text[at];
                cell = node * _classCount + (lead < 0x80
                    ? ascii[lead] : alphabet.ClassOf(PatternText.RuneAt(text, at, out length)));
                next = _next[cell];
                if (next > 0)
                {
                    node = next - 1;
                    at += length;
                    continue;
                }
            }

            var action = next < 0 ? _actions[cell] : 0;
            if ((_matches[node] & NoMatch) == 0 && TryRecord(_matches[node], text, at, open, bounds))
            {
                isFound = true;
                if ((action & MatchWins) != 0) return true;
            }

            if (next == 0 || !Holds(action, text, at)) return isFound;
            if (action >> SaveShift != 0) Save(action, at, open);
            node = -next - 1;
            at += length;
        }
    }

    private static bool TryRecord(ulong action, ReadOnlySpan<byte> text, int at, Span<int> open, Span<int> bounds)
    {
        if (!Holds(action, text, at)) return false;
        open.CopyTo(bounds);
        Save(action, at, bounds);
        bounds[1] = at;
        return true;
    }

    private static void Save(ulong action, int at, Span<int> bounds)
    {
        for (var saves = action >> SaveShift; saves != 0; saves &= saves - 1)
        {
            var bound = BitOperations.TrailingZeroCount(saves);
            if (bound < bounds.Length) bounds[bound] = at;
        }
    }

    private static bool Holds(ulong action, ReadOnlySpan<byte> text, int at)
    {
        for (var looks = action & Assertions; looks != 0; looks &= looks - 1)
            if (!PatternText.Holds((Look)BitOperations.TrailingZeroCount(looks), text, at)) return false;
        return true;
    }

    private bool TryBuild()
    {
        NodeOf(_program.Start);
        for (var node = 0; node < _nodes.Count; node++)
        {
            if ((node + 1) * _classCount > CellsMax) return false;
            if (_matches.Length <= node)
            {
                Array.Resize(ref _matches, (node + 1) * 2);
                Array.Resize(ref _next, (node + 1) * 2 * _classCount);
                Array.Resize(ref _actions, (node + 1) * 2 * _classCount);
            }

            if (!TryBuildNode(node)) return false;
        }

        for (var cell = 0; cell < _nodes.Count * _classCount; cell++)
            if (_next[cell] > 0 && !IsPlain(cell)) _next[cell] = -_next[cell];
        return true;
    }

    /// <summary>
    /// Nothing to do but go on: also where a match ends here and the next place certainly ends a better one.
    /// </summary>
    private bool IsPlain(int cell) => _actions[cell] == 0
        && ((_matches[cell / _classCount] & NoMatch) != 0
            || (_matches[_next[cell] - 1] & (NoMatch | Assertions)) == 0);

    private int NodeOf(int instruction)
    {
        if (_nodeOf.TryGetValue(instruction, out var node)) return node;
        _nodeOf.Add(instruction, _nodes.Count);
        _nodes.Add(instruction);
        return _nodes.Count - 1;
    }

    /// <returns>False when some character would leave a choice.</returns>
    private bool TryBuildNode(int node)
    {
        var seen = new HashSet<int>();
        var pending = new Stack<(int Instruction, ulong Action)>();
        pending.Push((_nodes[node], 0));
        _matches[node] = NoMatch;
        while (pending.TryPop(out var job))
        {
            if (!seen.Add(job.Instruction)) return false;
            var instruction = _program.Instructions[job.Instruction];
            switch (instruction.Operation)
            {
                case PatternOperation.Split:
                    pending.Push((instruction.Other, job.Action));
                    pending.Push((instruction.Next, job.Action));
                    break;
                case PatternOperation.Save:
                    pending.Push((instruction.Next, job.Action | 1UL << (SaveShift + instruction.Other)));
                    break;
                case PatternOperation.Assert:
                    pending.Push((instruction.Next, job.Action | 1UL << instruction.Other));
                    break;
                case PatternOperation.Match:
                    if ((_matches[node] & NoMatch) == 0) return false;
                    _matches[node] = job.Action;
                    break;
                case PatternOperation.Consume:
                    if (!TryAddAction(node, instruction, job.Action)) return false;
                    break;
            }
        }

        return true;
    }

    private bool TryAddAction(int node, Instruction instruction, ulong action)
    {
        if ((_matches[node] & NoMatch) == 0) action |= MatchWins;
        var next = NodeOf(instruction.Next) + 1;
        for (var runeClass = 0; runeClass < _classCount; runeClass++)
        {
            if (!_program.Consumes(instruction, runeClass)) continue;
            var cell = node * _classCount + runeClass;
            if (_next[cell] != 0) return false;
            _next[cell] = next;
            _actions[cell] = action;
        }

        return true;
    }
}
