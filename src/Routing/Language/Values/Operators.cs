namespace Weir.Routing.Language;

/// <summary>The operators of the language over known values.</summary>
internal static class Operators
{
    /// <returns>The result, or null and a problem when the operator does not take such operands.</returns>
    public static Value? Binary(TokenKind kind, Value left, Value right, out string problem)
    {
        problem = "";
        if (kind is TokenKind.Equal or TokenKind.NotEqual)
            return BoolValue.Of(ValueEquality.AreEqual(left, right) == (kind == TokenKind.Equal));
        var result = (left, right) switch
        {
            (NumberValue a, NumberValue b) => OfNumbers(kind, a, b, ref problem),
            (BoolValue a, BoolValue b) => OfBools(kind, a.Value, b.Value),
            (StringValue a, StringValue b) => OfStrings(kind, a.Text, b.Text),
            (SecretValue or StringValue, SecretValue or StringValue) when kind == TokenKind.Plus =>
                new SecretValue(Text(left) + Text(right)),
            _ => null,
        };
        if (result is null && problem.Length == 0)
            problem = $"operator {Symbol(kind)} does not take {left.TypeName} and {right.TypeName}";
        return result;
    }

    /// <returns>The result, or null and a problem when the operator does not take such an operand.</returns>
    public static Value? Unary(TokenKind kind, Value operand, out string problem)
    {
        problem = "";
        switch (kind, operand)
        {
            case (TokenKind.Not, BoolValue truth): return BoolValue.Of(!truth.Value);
            case (TokenKind.Minus, NumberValue { IsWhole: true } number): return NumberValue.Of(-number.Whole);
            case (TokenKind.Minus, NumberValue number): return NumberValue.Of(-number.Float);
            default:
                problem = $"operator {Symbol(kind)} does not take {operand.TypeName}";
                return null;
        }
    }

    /// <summary>Whether the result is a bool whatever the operands are.</summary>
    public static bool GivesBool(TokenKind kind) => kind is TokenKind.Equal or TokenKind.NotEqual or TokenKind.Less
        or TokenKind.LessOrEqual or TokenKind.Greater or TokenKind.GreaterOrEqual or TokenKind.And or TokenKind.Or
        or TokenKind.Not;

    private static string Text(Value value) => value is SecretValue secret ? secret.Reveal()
        : ((StringValue)value).Text;

    private static BoolValue? OfBools(TokenKind kind, bool left, bool right) => kind switch
    {
        TokenKind.And => BoolValue.Of(left && right),
        TokenKind.Or => BoolValue.Of(left || right),
        _ => null,
    };

    private static Value? OfStrings(TokenKind kind, string left, string right) =>
        kind == TokenKind.Plus ? new StringValue(left + right) : Ordered(kind, string.CompareOrdinal(left, right));

    private static BoolValue? Ordered(TokenKind kind, int comparison) => kind switch
    {
        TokenKind.Less => BoolValue.Of(comparison < 0),
        TokenKind.LessOrEqual => BoolValue.Of(comparison <= 0),
        TokenKind.Greater => BoolValue.Of(comparison > 0),
        TokenKind.GreaterOrEqual => BoolValue.Of(comparison >= 0),
        _ => null,
    };

    private static Value? OfNumbers(TokenKind kind, NumberValue left, NumberValue right, ref string problem)
    {
        if (Ordered(kind, ValueEquality.Compare(left, right)) is { } ordered) return ordered;
        if (kind is TokenKind.Slash or TokenKind.Percent && right.Float == 0)
        {
            problem = "divide by zero error";
            return null;
        }
        return left.IsWhole && right.IsWhole
            ? OfWhole(kind, left.Whole, right.Whole, ref problem)
            : OfFloats(kind, left.Float, right.Float);
    }

    private static NumberValue? OfFloats(TokenKind kind, double left, double right) => kind switch
    {
        TokenKind.Plus => NumberValue.Of(left + right),
        TokenKind.Minus => NumberValue.Of(left - right),
        TokenKind.Star => NumberValue.Of(left * right),
        TokenKind.Slash => NumberValue.Of(left / right),
        TokenKind.Percent => NumberValue.Of(left % right),
        TokenKind.Caret => NumberValue.Of(Math.Pow(left, right)),
        _ => null,
    };

    // 64-bit operands: their sums and products fit in 128 bits.
    private static NumberValue? OfWhole(TokenKind kind, Int128 left, Int128 right, ref string problem)
    {
        if (kind == TokenKind.Caret && right < 0 && left == 0) problem = "divide by zero error";
        return kind switch
        {
            TokenKind.Plus => NumberValue.Of(left + right),
            TokenKind.Minus => NumberValue.Of(left - right),
            TokenKind.Star => Multiply(left, right),
            TokenKind.Slash => NumberValue.Of(left / right),
            TokenKind.Percent => NumberValue.Of(left % right),
            TokenKind.Caret when problem.Length == 0 => Power(left, right),
            _ => null,
        };
    }

    private static NumberValue Multiply(Int128 left, Int128 right)
    {
        var near = (double)left * (double)right;
        return Math.Abs(near) < 1e38 ? NumberValue.Of(left * right) : NumberValue.Of(near);
    }

    // A negative power of a whole number is cut to a whole number, as division is.
    private static NumberValue Power(Int128 number, Int128 power)
    {
        if (number == 1 || power == 0) return NumberValue.Of(Int128.One);
        if (number == -1) return NumberValue.Of(Int128.IsEvenInteger(power) ? Int128.One : -Int128.One);
        if (power < 0) return NumberValue.Of(Int128.Zero);
        var near = Math.Pow((double)number, (double)power);
        if (Math.Abs(near) > 2 * (double)ulong.MaxValue) return NumberValue.Of(near);
        Int128 exact = 1;
        for (Int128 times = 0; times < power && exact != 0; times++) exact *= number;
        return NumberValue.Of(exact);
    }

    private static string Symbol(TokenKind kind) => kind switch
    {
        TokenKind.Or => "||",
        TokenKind.And => "&&",
        TokenKind.Not => "!",
        TokenKind.Less => "<",
        TokenKind.LessOrEqual => "<=",
        TokenKind.Greater => ">",
        TokenKind.GreaterOrEqual => ">=",
        TokenKind.Plus => "+",
        TokenKind.Minus => "-",
        TokenKind.Star => "*",
        TokenKind.Slash => "/",
        TokenKind.Percent => "%",
        TokenKind.Caret => "^",
        _ => kind.ToString(),
    };
}
