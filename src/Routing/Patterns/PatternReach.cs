namespace Weir.Routing.Patterns;

/// <summary>Whether there is any text at all that a pattern matches.</summary>
internal static class PatternReach
{
    /// <summary>Follows every path through the pattern. Looks at lines and words are taken to hold.</summary>
    /// <param name="pattern">Go's syntax; one that is malformed counts as matching.</param>
    /// <param name="isAnchored">It must match the whole text.</param>
    /// <param name="first">What all texts begin with; null: any, also none at all.</param>
    /// <returns>False when no text matches, for certain.</returns>
    public static bool CanMatch(string pattern, bool isAnchored, int? first = null)
    {
        try
        {
            var node = PatternParser.Parse(
                pattern, isAnchored ? PatternFlags.DotNewline : PatternFlags.None, out _);
            return CanMatch(PatternCompiler.Compile(node, isReversed: false), isAnchored, first);
        }
        catch (PatternException)
        {
            return true; // reported by whoever compiles it
        }
    }

    private static bool CanMatch(PatternProgram program, bool isAnchored, int? first)
    {
        var seen = new HashSet<Step>();
        var waiting = new Stack<Step>();
        Push(new Step(program.Start, IsAtStart: true, IsAtEnd: false));
        // A search may begin anywhere in the text, behind what it begins with.
        if (!isAnchored) Push(new Step(program.Start, IsAtStart: false, IsAtEnd: false));
        while (waiting.TryPop(out var step))
        {
            var instruction = program.Instructions[step.At];
            switch (instruction.Operation)
            {
                // Nothing was read, and all has to be: only an empty text.
                case PatternOperation.Match when first is null || !isAnchored || !step.IsAtStart: return true;
                case PatternOperation.Consume when !step.IsAtEnd && (first is not { } rune || !step.IsAtStart
                    || program.Consumes(instruction, program.Alphabet.ClassOf(rune))):
                    Push(new Step(instruction.Next, IsAtStart: false, IsAtEnd: false));
                    break;
                case PatternOperation.Split:
                    Push(step with { At = instruction.Next });
                    Push(step with { At = instruction.Other });
                    break;
                case PatternOperation.Save: Push(step with { At = instruction.Next }); break;
                case PatternOperation.Assert:
                    var look = (Look)instruction.Other;
                    if (look == Look.TextStart && !step.IsAtStart) break;
                    Push(step with { At = instruction.Next, IsAtEnd = step.IsAtEnd || look == Look.TextEnd });
                    break;
            }
        }

        return false;

        void Push(Step step)
        {
            if (seen.Add(step)) waiting.Push(step);
        }
    }

    /// <param name="At">The instruction.</param>
    /// <param name="IsAtStart">Nothing has been read.</param>
    /// <param name="IsAtEnd">Nothing more may be read.</param>
    private readonly record struct Step(int At, bool IsAtStart, bool IsAtEnd);
}
