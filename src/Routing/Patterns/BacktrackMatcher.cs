namespace Weir.Routing.Patterns;

/// <summary>
/// Finds a match and its groups by trying choices in order, no (instruction, place) twice: linear in both.
/// </summary>
/// <remarks>For short texts: what it has visited takes a bit for each instruction at each place.</remarks>
internal sealed class BacktrackMatcher(PatternProgram program)
{
    /// <summary>Bits of the visited table: 32 KiB, the first-level cache of most processors.</summary>
    public const int VisitedMax = 256 * 1024;

    private const int Restore = -1; // marks a job that puts a group's bound back

    private readonly Instruction[] _instructions = program.Instructions;
    private ulong[] _visited = new ulong[16];
    private (int Instruction, int At, int Old)[] _jobs = new (int, int, int)[64];
    private int _jobCount;

    public static bool Suits(PatternProgram program, int length) =>
        (long)program.Instructions.Length * (length + 1) <= VisitedMax;

    /// <summary>
    /// Finds the match that begins at <paramref name="start"/> and does not go past <paramref name="end"/>.
    /// </summary>
    /// <param name="text">Valid UTF-8; assertions look at all of it.</param>
    /// <param name="start">Where the match begins.</param>
    /// <param name="end">Nothing is consumed from here on.</param>
    /// <param name="bounds">Start and end of the match and of each group; -1 where a group took no part.</param>
    public bool TryMatch(ReadOnlySpan<byte> text, int start, int end, Span<int> bounds)
    {
        var words = (_instructions.Length * (end - start + 1) + 63) / 64;
        if (_visited.Length < words) _visited = new ulong[words];
        else _visited.AsSpan(0, words).Clear();
        bounds.Fill(-1);
        bounds[0] = start;
        _jobCount = 0;
        Push(program.Start, start, 0);
        while (_jobCount > 0)
        {
            var (instruction, at, old) = _jobs[--_jobCount];
            if (at == Restore) bounds[instruction] = old;
            else if (TryRun(instruction, at, text, start, end, bounds)) return true;
        }

        return false;
    }

    private bool TryRun(int index, int at, ReadOnlySpan<byte> text, int start, int end, Span<int> bounds)
    {
        var alphabet = program.Alphabet;
        while (true)
        {
            var bit = index * (end - start + 1) + (at - start);
            if ((_visited[bit >> 6] >> (bit & 63) & 1) != 0) return false;
            _visited[bit >> 6] |= 1UL << (bit & 63);
            ref readonly var instruction = ref _instructions[index];
            switch (instruction.Operation)
            {
                case PatternOperation.Consume:
                    if (at >= end) return false;
                    var length = 1;
                    int lead = text[at];
                    if (!(lead < 0x80
                        ? alphabet.ContainsAscii(instruction.Other, lead)
                        : alphabet.Contains(
                            instruction.Other, alphabet.ClassOf(PatternText.RuneAt(text, at, out length)))))
                        return false;
                    at += length;
                    break;
                case PatternOperation.Split:
                    Push(instruction.Other, at, 0);
                    break;
                case PatternOperation.Save:
                    if (instruction.Other < bounds.Length)
                    {
                        Push(instruction.Other, Restore, bounds[instruction.Other]);
                        bounds[instruction.Other] = at;
                    }

                    break;
                case PatternOperation.Assert:
                    if (!PatternText.Holds((Look)instruction.Other, text, at)) return false;
                    break;
                case PatternOperation.Match:
                    bounds[1] = at;
                    return true;
                default:
                    return false;
            }

            index = instruction.Next;
        }
    }

    private void Push(int instruction, int at, int old)
    {
        if (_jobCount == _jobs.Length) Array.Resize(ref _jobs, _jobs.Length * 2);
        _jobs[_jobCount++] = (instruction, at, old);
    }
}
