namespace Weir.Routing.Json;

/// <summary>A part of an expression.</summary>
internal abstract record JmesNode
{
    public abstract JmesValue Evaluate(JmesValue input, JmesBudget budget);

    public sealed record Current : JmesNode
    {
        public override JmesValue Evaluate(JmesValue input, JmesBudget budget) => input;
    }

    public sealed record Field(string Name) : JmesNode
    {
        public override JmesValue Evaluate(JmesValue input, JmesBudget budget) => input.Member(Name);
    }

    public sealed record Literal(JmesValue Value) : JmesNode
    {
        public override JmesValue Evaluate(JmesValue input, JmesBudget budget) => Value;
    }

    /// <summary>The right side works on what the left one gives: <c>a.b</c>, <c>a | b</c>, <c>a[0]</c>.</summary>
    public sealed record Chain(JmesNode Left, JmesNode Right, bool PassesNull) : JmesNode
    {
        public override JmesValue Evaluate(JmesValue input, JmesBudget budget)
        {
            budget.Spend(1);
            var left = Left.Evaluate(input, budget);
            return left.IsNull && !PassesNull ? left : Right.Evaluate(left, budget);
        }
    }

    public sealed record Index(int Position) : JmesNode
    {
        public override JmesValue Evaluate(JmesValue input, JmesBudget budget)
        {
            if (input.Kind != JmesKind.Array) return JmesValue.Null;
            var at = Position < 0 ? Position + input.Length : Position;
            return at >= 0 && at < input.Length ? input.Item(at) : JmesValue.Null;
        }
    }

    public sealed record Slice(int? Start, int? Stop, int Step) : JmesNode
    {
        public override JmesValue Evaluate(JmesValue input, JmesBudget budget)
        {
            if (input.Kind != JmesKind.Array) return JmesValue.Null;
            var items = input.Items.ToArray();
            budget.Spend(items.Length);
            var first = Bound(Start, items.Length, Step > 0 ? 0 : items.Length - 1);
            var last = Bound(Stop, items.Length, Step > 0 ? items.Length : -1);
            var taken = new List<JmesValue>();
            for (long at = first; Step > 0 ? at < last : at > last; at += Step) taken.Add(items[at]);
            return JmesValue.Of(taken);
        }

        private int Bound(int? given, int length, int otherwise)
        {
            if (given is not { } at) return otherwise;
            if (at < 0) return Math.Max(at + length, Step > 0 ? 0 : -1);
            return Math.Min(at, Step > 0 ? length : length - 1);
        }
    }

    /// <summary>Applies the right side to each item; what gives null is left out.</summary>
    public sealed record Projection(JmesNode Left, JmesNode? Condition, JmesNode Right, bool OfValues) : JmesNode
    {
        public override JmesValue Evaluate(JmesValue input, JmesBudget budget)
        {
            var left = Left.Evaluate(input, budget);
            if (left.Kind != (OfValues ? JmesKind.Object : JmesKind.Array)) return JmesValue.Null;
            var projected = new List<JmesValue>();
            foreach (var item in OfValues ? left.Members.Select(member => member.Value) : left.Items)
            {
                budget.Spend(1);
                if (Condition != null && !Condition.Evaluate(item, budget).IsTrue) continue;
                var value = Right.Evaluate(item, budget);
                if (!value.IsNull) projected.Add(value);
            }

            return JmesValue.Of(projected);
        }
    }

    public sealed record Flatten(JmesNode Item) : JmesNode
    {
        public override JmesValue Evaluate(JmesValue input, JmesBudget budget)
        {
            var value = Item.Evaluate(input, budget);
            if (value.Kind != JmesKind.Array) return JmesValue.Null;
            var flat = new List<JmesValue>();
            foreach (var item in value.Items)
            {
                budget.Spend(1);
                if (item.Kind != JmesKind.Array) flat.Add(item);
                else
                {
                    budget.Spend(item.Length);
                    flat.AddRange(item.Items);
                }
            }

            return JmesValue.Of(flat);
        }
    }

    public sealed record ListOf(IReadOnlyList<JmesNode> Items) : JmesNode
    {
        public override JmesValue Evaluate(JmesValue input, JmesBudget budget)
        {
            if (input.IsNull) return input;
            budget.Spend(Items.Count);
            return JmesValue.Of(Items.Select(item => item.Evaluate(input, budget)).ToList());
        }
    }

    public sealed record ObjectOf(IReadOnlyList<(string Name, JmesNode Value)> Members) : JmesNode
    {
        public override JmesValue Evaluate(JmesValue input, JmesBudget budget)
        {
            if (input.IsNull) return input;
            budget.Spend(Members.Count);
            var made = new Dictionary<string, JmesValue>(StringComparer.Ordinal);
            foreach (var (name, value) in Members) made[name] = value.Evaluate(input, budget);
            return JmesValue.Of(made);
        }
    }

    public sealed record Not(JmesNode Item) : JmesNode
    {
        public override JmesValue Evaluate(JmesValue input, JmesBudget budget) =>
            JmesValue.Of(!Item.Evaluate(input, budget).IsTrue);
    }

    /// <summary><c>||</c> and <c>&amp;&amp;</c>: the left value where it decides, else the right one.</summary>
    public sealed record Either(JmesNode Left, JmesNode Right, bool IsOr) : JmesNode
    {
        public override JmesValue Evaluate(JmesValue input, JmesBudget budget)
        {
            budget.Spend(1);
            var left = Left.Evaluate(input, budget);
            return left.IsTrue == IsOr ? left : Right.Evaluate(input, budget);
        }
    }

    public sealed record Comparison(JmesNode Left, string Operator, JmesNode Right) : JmesNode
    {
        public override JmesValue Evaluate(JmesValue input, JmesBudget budget)
        {
            budget.Spend(1);
            var left = Left.Evaluate(input, budget);
            var right = Right.Evaluate(input, budget);
            if (Operator is "==" or "!=") return JmesValue.Of(left.Same(right, budget) == (Operator == "=="));
            if (left.Kind != JmesKind.Number || right.Kind != JmesKind.Number) return JmesValue.Null;
            return JmesValue.Of(Operator switch
            {
                "<" => left.Number < right.Number,
                "<=" => left.Number <= right.Number,
                ">" => left.Number > right.Number,
                _ => left.Number >= right.Number,
            });
        }
    }

    /// <summary><c>&amp;expression</c>, an argument of <c>sort_by</c> and its like.</summary>
    public sealed record Reference(JmesNode Item) : JmesNode
    {
        public override JmesValue Evaluate(JmesValue input, JmesBudget budget) => JmesValue.Of(Item);
    }

    public sealed record Call(JmesFunction Function, IReadOnlyList<JmesNode> Arguments) : JmesNode
    {
        public override JmesValue Evaluate(JmesValue input, JmesBudget budget)
        {
            budget.Spend(1);
            var values = new JmesValue[Arguments.Count];
            for (var i = 0; i < values.Length; i++) values[i] = Arguments[i].Evaluate(input, budget);
            return Function.Invoke(values, budget);
        }
    }
}

/// <summary>What one evaluation may cost, so that no line stalls a pipeline.</summary>
internal sealed class JmesBudget
{
    /// <summary>Values visited and characters made.</summary>
    public const int StepsMax = 1_000_000;

    private long _spent;

    /// <exception cref="JmesException">More than the limit.</exception>
    public void Spend(long steps)
    {
        _spent += steps;
        if (_spent > StepsMax) throw new JmesException($"takes more than {StepsMax} steps");
    }

    /// <summary>Counts a value as if written out: parts that it holds more than once count each time.</summary>
    public void Measure(JmesValue value)
    {
        Spend(1);
        if (value.Kind == JmesKind.String) Spend(value.Text.Length);
        else if (value.Kind == JmesKind.Array)
            foreach (var item in value.Items) Measure(item);
        else if (value.Kind == JmesKind.Object)
        {
            foreach (var (name, member) in value.Members)
            {
                Spend(name.Length);
                Measure(member);
            }
        }
    }
}

/// <summary>An expression cannot be read or does not fit the values it meets.</summary>
internal sealed class JmesException(string message) : Exception(message);
