namespace Weir.Routing.Patterns;

/// <summary>
/// Finds a match and its groups by following all choices at once: linear, whatever the pattern and the text.
/// </summary>
internal sealed class ThreadMatcher
{
    private readonly PatternProgram _program;
    private readonly int _boundsEach;
    private readonly (int Instruction, int Slot, int Old)[] _pending;
    private Threads _now;
    private Threads _next;

    public ThreadMatcher(PatternProgram program, int boundsEach)
    {
        _program = program;
        _boundsEach = boundsEach;
        // Each instruction is entered once a step and leaves at most two jobs behind.
        _pending = new (int, int, int)[program.Instructions.Length * 2 + 2];
        _now = new Threads(program.Instructions.Length, boundsEach);
        _next = new Threads(program.Instructions.Length, boundsEach);
    }

    /// <summary>As <see cref="BacktrackMatcher.TryMatch"/>, for texts of any length.</summary>
    public bool TryMatch(ReadOnlySpan<byte> text, int start, int end, Span<int> bounds)
    {
        var isFound = false;
        Span<int> fresh = stackalloc int[_boundsEach];
        fresh.Fill(-1);
        fresh[0] = start;
        _now.Count = 0;
        _next.Count = 0;
        Follow(_now, _program.Start, text, start, fresh);
        for (var at = start; _now.Count > 0;)
        {
            var length = 0;
            var runeClass = at < end ? _program.Alphabet.ClassOf(PatternText.RuneAt(text, at, out length)) : -1;
            for (var thread = 0; thread < _now.Count; thread++)
            {
                ref readonly var instruction = ref _program.Instructions[_now.Instructions[thread]];
                var held = _now.BoundsOf(thread);
                if (instruction.Operation == PatternOperation.Match)
                {
                    held.CopyTo(bounds);
                    bounds[1] = at;
                    isFound = true;
                    break; // what follows has lower priority
                }

                if (runeClass >= 0 && instruction.Operation == PatternOperation.Consume
                    && _program.Consumes(instruction, runeClass))
                    Follow(_next, instruction.Next, text, at + length, held);
            }

            (_now, _next) = (_next, _now);
            _next.Count = 0;
            if (runeClass < 0) break;
            at += length;
        }

        return isFound;
    }

    /// <summary>Adds the threads that an instruction leads to without consuming, in order of priority.</summary>
    private void Follow(Threads threads, int first, ReadOnlySpan<byte> text, int at, Span<int> bounds)
    {
        var pending = 0;
        _pending[pending++] = (first, -1, 0);
        while (pending > 0)
        {
            var (index, slot, old) = _pending[--pending];
            if (slot >= 0)
            {
                bounds[slot] = old;
                continue;
            }

            if (!threads.TryAdd(index, out var position)) continue;
            ref readonly var instruction = ref _program.Instructions[index];
            switch (instruction.Operation)
            {
                case PatternOperation.Split:
                    _pending[pending++] = (instruction.Other, -1, 0);
                    _pending[pending++] = (instruction.Next, -1, 0);
                    break;
                case PatternOperation.Save:
                    if (instruction.Other < bounds.Length)
                    {
                        _pending[pending++] = (0, instruction.Other, bounds[instruction.Other]);
                        bounds[instruction.Other] = at;
                    }

                    _pending[pending++] = (instruction.Next, -1, 0);
                    break;
                case PatternOperation.Assert when PatternText.Holds((Look)instruction.Other, text, at):
                    _pending[pending++] = (instruction.Next, -1, 0);
                    break;
                case PatternOperation.Consume or PatternOperation.Match:
                    bounds.CopyTo(threads.BoundsOf(position));
                    break;
            }
        }
    }

    /// <summary>A sparse set of instructions, in order of arrival, each with its bounds.</summary>
    private sealed class Threads(int instructionCount, int boundsEach)
    {
        private readonly int[] _positions = new int[instructionCount];
        private readonly int[] _bounds = new int[instructionCount * boundsEach];

        public int[] Instructions { get; } = new int[instructionCount];

        public int Count { get; set; }

        public Span<int> BoundsOf(int thread) => _bounds.AsSpan(thread * boundsEach, boundsEach);

        public bool TryAdd(int instruction, out int position)
        {
            position = _positions[instruction];
            if (position < Count && Instructions[position] == instruction) return false;
            position = _positions[instruction] = Count;
            Instructions[Count++] = instruction;
            return true;
        }
    }
}
