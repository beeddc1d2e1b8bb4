namespace Weir.Routing.Patterns;

/// <summary>Turns a parsed pattern into instructions, forwards or to be read from the end of the text.</summary>
internal sealed class PatternCompiler
{
    /// <summary>Instructions of a pattern; a match costs at most this many steps a character.</summary>
    public const int InstructionsMax = 10_000;

    private readonly List<Instruction> _instructions = [];
    private readonly List<RuneRanges> _sets = [];
    private readonly Dictionary<RuneRanges, int> _setIndexes = new(ReferenceEqualityComparer.Instance);
    private readonly bool _isReversed;

    private PatternCompiler(bool isReversed) => _isReversed = isReversed;

    /// <param name="node">The pattern.</param>
    /// <param name="isReversed">For reading the text from its end; such a program saves no groups.</param>
    /// <exception cref="PatternException">It has too many instructions.</exception>
    public static PatternProgram Compile(PatternNode node, bool isReversed)
    {
        var compiler = new PatternCompiler(isReversed);
        var match = compiler.Add(PatternOperation.Match, 0, 0);
        var start = compiler.Emit(node, match);
        return new PatternProgram([.. compiler._instructions], start, compiler._sets, isReversed);
    }

    /// <summary>Whether a node can match the empty text.</summary>
    public static bool IsNullable(PatternNode node) => node switch
    {
        PatternNode.Set => false,
        PatternNode.Sequence sequence => sequence.Items.All(IsNullable),
        PatternNode.Choice choice => choice.Items.Any(IsNullable),
        PatternNode.Repeat repeat => repeat.Least == 0 || IsNullable(repeat.Item),
        PatternNode.Group group => IsNullable(group.Item),
        _ => true,
    };

    private int Add(PatternOperation operation, int next, int other)
    {
        if (_instructions.Count == InstructionsMax) throw new PatternException("expression too large", "", 0);
        _instructions.Add(new Instruction(operation, next, other));
        return _instructions.Count - 1;
    }

    /// <returns>Where the node's instructions begin; they go on at <paramref name="next"/>.</returns>
    private int Emit(PatternNode node, int next) => node switch
    {
        PatternNode.Set set => EmitSet(set.Ranges, next),
        PatternNode.Assertion assertion => Add(PatternOperation.Assert, next, (int)Turned(assertion.Look)),
        PatternNode.Sequence sequence => EmitSequence(sequence.Items, next),
        PatternNode.Choice choice => EmitChoice(choice.Items, next),
        PatternNode.Repeat repeat => EmitRepeat(repeat, next),
        PatternNode.Group group => EmitGroup(group, next),
        _ => next,
    };

    private int EmitSet(RuneRanges ranges, int next)
    {
        if (ranges.Ranges.Count == 0) return Add(PatternOperation.Fail, 0, 0);
        if (!_setIndexes.TryGetValue(ranges, out var index))
        {
            _setIndexes.Add(ranges, index = _sets.Count);
            _sets.Add(ranges);
        }

        return Add(PatternOperation.Consume, next, index);
    }

    private Look Turned(Look look) => (_isReversed, look) switch
    {
        (true, Look.TextStart) => Look.TextEnd,
        (true, Look.TextEnd) => Look.TextStart,
        (true, Look.LineStart) => Look.LineEnd,
        (true, Look.LineEnd) => Look.LineStart,
        _ => look,
    };

    private int EmitSequence(IReadOnlyList<PatternNode> items, int next)
    {
        for (var i = items.Count - 1; i >= 0; i--) next = Emit(items[_isReversed ? items.Count - 1 - i : i], next);
        return next;
    }

    private int EmitChoice(IReadOnlyList<PatternNode> items, int next)
    {
        var start = Emit(items[^1], next);
        for (var i = items.Count - 2; i >= 0; i--) start = Add(PatternOperation.Split, Emit(items[i], next), start);
        return start;
    }

    private int EmitGroup(PatternNode.Group group, int next)
    {
        if (_isReversed) return Emit(group.Item, next);
        var end = Add(PatternOperation.Save, next, group.Index * 2 + 1);
        return Add(PatternOperation.Save, Emit(group.Item, end), group.Index * 2);
    }

    private int EmitRepeat(PatternNode.Repeat repeat, int next)
    {
        if (repeat.Item is PatternNode.Empty) return next;
        if (repeat.Most < 0) next = EmitUnbounded(repeat, next);
        else
        {
            // x{2,4} is xx(x(x)?)?: each optional copy skips to the end.
            var end = next;
            for (var i = repeat.Least; i < repeat.Most; i++)
                next = Split(Emit(repeat.Item, next), end, repeat.IsGreedy);
        }

        var copies = repeat.Most < 0 ? repeat.Least - 1 : repeat.Least;
        for (var i = 0; i < copies; i++) next = Emit(repeat.Item, next);
        return next;
    }

    /// <summary>
    /// Emits x* or x+; where x may be empty, x* is (x+)? as in Go, so that priorities come out right.
    /// </summary>
    private int EmitUnbounded(PatternNode.Repeat repeat, int next)
    {
        var loop = Add(PatternOperation.Split, 0, 0);
        var body = Emit(repeat.Item, loop);
        _instructions[loop] = repeat.IsGreedy
            ? new Instruction(PatternOperation.Split, body, next)
            : new Instruction(PatternOperation.Split, next, body);
        if (repeat.Least > 0) return body;
        return IsNullable(repeat.Item) ? Split(body, next, repeat.IsGreedy) : loop;
    }

    private int Split(int body, int after, bool isGreedy) => isGreedy
        ? Add(PatternOperation.Split, body, after)
        : Add(PatternOperation.Split, after, body);
}
