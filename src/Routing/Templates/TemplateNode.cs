using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Weir.Routing.Templates;

/// <summary>A part of a template that writes: text, an action, or a block of them.</summary>
internal abstract record TemplateNode
{
    public abstract void Write(TemplateRun run);

    public sealed record Text(string Content) : TemplateNode
    {
        public override void Write(TemplateRun run) => run.Write(Content);
    }

    public sealed record Block(IReadOnlyList<TemplateNode> Items) : TemplateNode
    {
        public override void Write(TemplateRun run)
        {
            foreach (var item in Items)
            {
                item.Write(run);
                if (run.Leaving != LoopExit.None) return;
            }
        }
    }

    /// <summary>A pipeline; what it gives is written unless it is assigned.</summary>
    public sealed record Action(TemplatePipeline Pipeline) : TemplateNode
    {
        public override void Write(TemplateRun run)
        {
            var value = Pipeline.Evaluate(run);
            if (Pipeline.Variables.Count == 0) run.Write(TemplateValues.Print(value));
        }
    }

    public sealed record If(TemplatePipeline Condition, TemplateNode Then, TemplateNode? Else, bool SetsDot)
        : TemplateNode
    {
        public override void Write(TemplateRun run)
        {
            var mark = run.VariableCount;
            var value = Condition.Evaluate(run);
            var dot = run.Dot;
            if (TemplateValues.IsTrue(value))
            {
                if (SetsDot) run.Dot = value;
                Then.Write(run);
            }
            else Else?.Write(run);

            run.Dot = dot;
            run.Forget(mark);
        }
    }

    public sealed record Range(TemplatePipeline Source, TemplateNode Body, TemplateNode? Else) : TemplateNode
    {
        public override void Write(TemplateRun run)
        {
            var mark = run.VariableCount;
            var dot = run.Dot;
            var isEmpty = true;
            foreach (var (key, value) in TemplateValues.Pairs(Source.EvaluateValue(run)))
            {
                isEmpty = false;
                run.Spend(1);
                if (Source.Variables.Count == 2) run.Declare(Source.Variables[0], key);
                if (Source.Variables.Count > 0) run.Declare(Source.Variables[^1], value);
                run.Dot = value;
                Body.Write(run);
                run.Forget(mark);
                var exit = run.Leaving;
                run.Leaving = LoopExit.None;
                if (exit == LoopExit.Break) break;
            }

            run.Dot = dot;
            if (isEmpty) Else?.Write(run);
        }
    }

    public sealed record Leave(LoopExit Exit) : TemplateNode
    {
        public override void Write(TemplateRun run) => run.Leaving = Exit;
    }
}

internal enum LoopExit : byte { None, Break, Continue }

/// <summary>Commands that hand their value on: <c>.a | ToLower | printf "%s!"</c>, and where it goes.</summary>
/// <param name="Commands">In order.</param>
/// <param name="Variables">Declared or assigned.</param>
/// <param name="IsDeclaration"><c>:=</c>, not <c>=</c>.</param>
internal sealed record TemplatePipeline(
    IReadOnlyList<TemplateExpression> Commands, IReadOnlyList<string> Variables, bool IsDeclaration)
{
    public object? Evaluate(TemplateRun run)
    {
        var value = EvaluateValue(run);
        if (Variables.Count == 0) return value;
        if (IsDeclaration) run.Declare(Variables[^1], value);
        else run.Assign(Variables[^1], value);
        return value;
    }

    public object? EvaluateValue(TemplateRun run)
    {
        run.Spend(1);
        var value = Commands[0].Evaluate(run, TemplateExpression.NoInput);
        for (var i = 1; i < Commands.Count; i++) value = Commands[i].Evaluate(run, value);
        return value;
    }
}

/// <summary>A part of a pipeline that has a value.</summary>
internal abstract record TemplateExpression
{
    /// <summary>Stands for: nothing was piped in.</summary>
    public static readonly object NoInput = new();

    /// <param name="run">The run.</param>
    /// <param name="input">What the command before gave, which becomes the last argument.</param>
    public abstract object? Evaluate(TemplateRun run, object? input);

    /// <summary>Parts a method that takes arguments from what it is called on.</summary>
    public bool TryCutMethod([NotNullWhen(true)] out TemplateExpression? target, out string name)
    {
        target = this switch
        {
            Path path when TakesArguments(path.Fields) => new Path([.. path.Fields.SkipLast(1)]),
            Variable variable when TakesArguments(variable.Fields) =>
                variable with { Fields = [.. variable.Fields.SkipLast(1)] },
            Nested nested when TakesArguments(nested.Fields) =>
                nested with { Fields = [.. nested.Fields.SkipLast(1)] },
            _ => null,
        };
        name = this switch
        {
            Path path when target != null => path.Fields[^1],
            Variable variable when target != null => variable.Fields[^1],
            Nested nested when target != null => nested.Fields[^1],
            _ => "",
        };
        return target != null;
    }

    private static bool TakesArguments(IReadOnlyList<string> fields) =>
        fields.Count > 0 && TemplateMethods.Takes(fields[^1]);

    public sealed record Constant(object? Value) : TemplateExpression
    {
        public override object? Evaluate(TemplateRun run, object? input) => Value;
    }

    /// <summary>The dot, or fields below it.</summary>
    public sealed record Path(IReadOnlyList<string> Fields) : TemplateExpression
    {
        public override object? Evaluate(TemplateRun run, object? input) => TemplateValues.Field(run.Dot, Fields);
    }

    public sealed record Variable(string Name, IReadOnlyList<string> Fields) : TemplateExpression
    {
        public override object? Evaluate(TemplateRun run, object? input) =>
            TemplateValues.Field(run.Value(Name), Fields);
    }

    public sealed record Nested(TemplatePipeline Pipeline, IReadOnlyList<string> Fields) : TemplateExpression
    {
        public override object? Evaluate(TemplateRun run, object? input) =>
            TemplateValues.Field(Pipeline.Evaluate(run), Fields);
    }

    /// <summary>A method of a time or a version, with arguments.</summary>
    public sealed record Method(
        TemplateExpression Target, string Name, IReadOnlyList<TemplateExpression> Arguments) : TemplateExpression
    {
        public override object? Evaluate(TemplateRun run, object? input)
        {
            run.Spend(1);
            var target = Target.Evaluate(run, NoInput) as ITemplateObject
                ?? throw new TemplateException($"{Name} has arguments but is no method of what stands before it");
            var values = Arguments.Select(argument => argument.Evaluate(run, NoInput));
            if (!ReferenceEquals(input, NoInput)) values = values.Append(input);
            return target.Call(new TemplateCall(Name, values.ToArray(), run));
        }
    }

    public sealed record Call(TemplateFunction Function, IReadOnlyList<TemplateExpression> Arguments)
        : TemplateExpression
    {
        public override object? Evaluate(TemplateRun run, object? input)
        {
            run.Spend(1);
            if (Function.Name is "and" or "or") return Decide(run, input);
            var isPiped = !ReferenceEquals(input, NoInput);
            var values = new object?[Arguments.Count + (isPiped ? 1 : 0)];
            for (var i = 0; i < Arguments.Count; i++) values[i] = Arguments[i].Evaluate(run, NoInput);
            if (isPiped) values[^1] = input;
            return Function.Invoke(new TemplateCall(Function.Name, values, run));
        }

        /// <summary>The first value that decides; what follows it is not evaluated.</summary>
        private object? Decide(TemplateRun run, object? input)
        {
            object? value = null;
            foreach (var argument in Arguments)
            {
                value = argument.Evaluate(run, NoInput);
                if (TemplateValues.IsTrue(value) == (Function.Name == "or")) return value;
            }

            return ReferenceEquals(input, NoInput) ? value : input;
        }
    }
}

/// <summary>One execution: the dot, the variables, what was written, and what may still be spent.</summary>
internal sealed class TemplateRun(
    object data, TemplateSurroundings surroundings, TemplatePatterns patterns, TemplateZones zones)
{
    /// <summary>Commands, calls and iterations of one execution.</summary>
    public const int StepsMax = 100_000;

    /// <summary>Characters of all texts that one execution writes or makes on the way.</summary>
    public const int CharactersMax = 4 * 1024 * 1024;

    private readonly List<(string Name, object? Value)> _variables = [("$", data)];
    private readonly StringBuilder _written = new();
    private int _steps;
    private long _characters;

    public object? Dot { get; set; } = data;

    public LoopExit Leaving { get; set; }

    public TemplateSurroundings Surroundings => surroundings;

    public TemplatePatterns Patterns => patterns;

    public TemplateZones Zones => zones;

    public int VariableCount => _variables.Count;

    public string Written => _written.ToString();

    public void Write(string text)
    {
        SpendCharacters(text.Length);
        _written.Append(text);
    }

    /// <exception cref="TemplateException">More than the limit.</exception>
    public void Spend(int steps)
    {
        _steps += steps;
        if (_steps > StepsMax) throw new TemplateException($"takes more than {StepsMax} steps");
    }

    /// <exception cref="TemplateException">More than the limit.</exception>
    public void SpendCharacters(long characters)
    {
        _characters += characters;
        if (_characters > CharactersMax) throw new TemplateException($"makes more than {CharactersMax} characters");
    }

    public void Declare(string name, object? value) => _variables.Add((name, value));

    public void Assign(string name, object? value) => _variables[IndexOf(name)] = (name, value);

    public object? Value(string name) => _variables[IndexOf(name)].Value;

    public void Forget(int mark) => _variables.RemoveRange(mark, _variables.Count - mark);

    private int IndexOf(string name)
    {
        for (var i = _variables.Count - 1; i >= 0; i--)
            if (_variables[i].Name == name) return i;
        throw new TemplateException($"undefined variable \"{name}\"");
    }
}

/// <summary>A template cannot be read, or does not fit the values it meets.</summary>
internal sealed class TemplateException(string message) : Exception(message);
