namespace Weir.Routing.Language;

/// <summary>An expression.</summary>
/// <param name="place">Its characters.</param>
/// <param name="height">Levels of expressions in it, itself included; at most <see cref="Parser.NestingMax"/>.</param>
public abstract class ExpressionSyntax(SourcePlace place, int height)
{
    /// <summary>Its characters.</summary>
    public SourcePlace Place => place;

    /// <summary>Levels of expressions in it, itself included: what a recursive walk costs in stack.</summary>
    public int Height => height;

    /// <summary>The expressions directly in it, in file order.</summary>
    public virtual IEnumerable<ExpressionSyntax> Children => [];
}

/// <summary>A number, string, bool or null.</summary>
public sealed class LiteralSyntax(SourcePlace place, Value value) : ExpressionSyntax(place, 1)
{
    /// <summary>The decoded value.</summary>
    public Value Value => value;
}

/// <summary>A name.</summary>
public sealed class IdentifierSyntax(SourcePlace place, string name) : ExpressionSyntax(place, 1)
{
    /// <summary>The name.</summary>
    public string Name => name;
}

/// <summary><c>[a, b]</c></summary>
public sealed class ArraySyntax(SourcePlace place, IReadOnlyList<ExpressionSyntax> elements, int height)
    : ExpressionSyntax(place, height)
{
    /// <summary>In file order.</summary>
    public IReadOnlyList<ExpressionSyntax> Elements => elements;

    /// <inheritdoc/>
    public override IEnumerable<ExpressionSyntax> Children => elements;
}

/// <summary>A field of an object literal.</summary>
/// <param name="Name">Without quotes.</param>
/// <param name="NamePlace">With quotes, if it has any.</param>
/// <param name="Value">What stands right of the equals sign.</param>
public sealed record ObjectFieldSyntax(string Name, SourcePlace NamePlace, ExpressionSyntax Value);

/// <summary><c>{a = 1, "b" = 2}</c></summary>
public sealed class ObjectSyntax(SourcePlace place, IReadOnlyList<ObjectFieldSyntax> fields, int height)
    : ExpressionSyntax(place, height)
{
    /// <summary>In file order; of two with the same name, the last one counts.</summary>
    public IReadOnlyList<ObjectFieldSyntax> Fields => fields;

    /// <inheritdoc/>
    public override IEnumerable<ExpressionSyntax> Children => fields.Select(one => one.Value);
}

/// <summary><c>target.name</c></summary>
public sealed class AccessSyntax(ExpressionSyntax target, string name, SourcePlace namePlace)
    : ExpressionSyntax(target.Place.To(namePlace), target.Height + 1)
{
    /// <summary>Left of the point.</summary>
    public ExpressionSyntax Target => target;

    /// <summary>Right of the point.</summary>
    public string Name => name;

    /// <summary>Where the name stands.</summary>
    public SourcePlace NamePlace => namePlace;

    /// <inheritdoc/>
    public override IEnumerable<ExpressionSyntax> Children => [target];
}

/// <summary><c>target[index]</c></summary>
public sealed class IndexSyntax(SourcePlace place, ExpressionSyntax target, ExpressionSyntax index)
    : ExpressionSyntax(place, Math.Max(target.Height, index.Height) + 1)
{
    /// <summary>An array or object.</summary>
    public ExpressionSyntax Target => target;

    /// <summary>A number or string.</summary>
    public ExpressionSyntax Index => index;

    /// <inheritdoc/>
    public override IEnumerable<ExpressionSyntax> Children => [target, index];
}

/// <summary><c>function(a, b)</c></summary>
public sealed class CallSyntax(
    SourcePlace place, ExpressionSyntax function, IReadOnlyList<ExpressionSyntax> arguments, int height)
    : ExpressionSyntax(place, height)
{
    /// <summary>What is called.</summary>
    public ExpressionSyntax Function => function;

    /// <summary>In file order.</summary>
    public IReadOnlyList<ExpressionSyntax> Arguments => arguments;

    /// <inheritdoc/>
    public override IEnumerable<ExpressionSyntax> Children => [function, .. arguments];
}

/// <summary><c>!a</c> or <c>-a</c></summary>
public sealed class UnarySyntax(SourcePlace place, TokenKind @operator, ExpressionSyntax operand)
    : ExpressionSyntax(place, operand.Height + 1)
{
    /// <summary><see cref="TokenKind.Not"/> or <see cref="TokenKind.Minus"/>.</summary>
    public TokenKind Operator => @operator;

    /// <summary>What it applies to.</summary>
    public ExpressionSyntax Operand => operand;

    /// <inheritdoc/>
    public override IEnumerable<ExpressionSyntax> Children => [operand];
}

/// <summary><c>a + b</c></summary>
public sealed class BinarySyntax(
    ExpressionSyntax left, TokenKind @operator, SourcePlace operatorPlace, ExpressionSyntax right)
    : ExpressionSyntax(left.Place.To(right.Place), Math.Max(left.Height, right.Height) + 1)
{
    /// <summary>Left operand.</summary>
    public ExpressionSyntax Left => left;

    /// <summary>The operator.</summary>
    public TokenKind Operator => @operator;

    /// <summary>Where the operator stands.</summary>
    public SourcePlace OperatorPlace => operatorPlace;

    /// <summary>Right operand.</summary>
    public ExpressionSyntax Right => right;

    /// <inheritdoc/>
    public override IEnumerable<ExpressionSyntax> Children => [left, right];
}

/// <summary><c>(a)</c></summary>
public sealed class ParenthesizedSyntax(SourcePlace place, ExpressionSyntax inside)
    : ExpressionSyntax(place, inside.Height + 1)
{
    /// <summary>What stands between the parentheses.</summary>
    public ExpressionSyntax Inside => inside;

    /// <inheritdoc/>
    public override IEnumerable<ExpressionSyntax> Children => [inside];
}

/// <summary>An expression that could not be understood; already reported. It evaluates to an unknown value.</summary>
public sealed class WrongSyntax(SourcePlace place) : ExpressionSyntax(place, 1);
