namespace Weir.Routing.Language;

/// <summary>What the formatter must know of tokens beyond their kind; they are named by their offsets.</summary>
internal sealed class SyntaxRoles
{
    private readonly HashSet<int> _blockBraces = [];
    private readonly HashSet<int> _unaryOperators = [];

    public SyntaxRoles(BodySyntax body) => Collect(body);

    /// <summary>Whether a brace surrounds the body of a block, not an object.</summary>
    public bool IsBlockBrace(Token token) => _blockBraces.Contains(token.Offset);

    /// <summary>Whether an operator stands in front of its only operand.</summary>
    public bool IsUnary(Token token) => _unaryOperators.Contains(token.Offset);

    private void Collect(BodySyntax body)
    {
        foreach (var statement in body.Statements)
        {
            if (statement is AttributeSyntax attribute)
            {
                Collect(attribute.Value);
            }
            else if (statement is BlockSyntax block)
            {
                _blockBraces.Add(block.Open.Offset);
                _blockBraces.Add(block.Close.Offset);
                Collect(block.Body);
            }
        }
    }

    private void Collect(ExpressionSyntax expression)
    {
        switch (expression)
        {
            case UnarySyntax unary:
                _unaryOperators.Add(unary.Place.Offset);
                Collect(unary.Operand);
                break;
            case BinarySyntax binary: CollectAll([binary.Left, binary.Right]); break;
            case ArraySyntax array: CollectAll(array.Elements); break;
            case ObjectSyntax literal: CollectAll(literal.Fields.Select(field => field.Value)); break;
            case AccessSyntax access: Collect(access.Target); break;
            case IndexSyntax index: CollectAll([index.Target, index.Index]); break;
            case CallSyntax call: CollectAll([call.Function, .. call.Arguments]); break;
            case ParenthesizedSyntax parenthesized: Collect(parenthesized.Inside); break;
        }
    }

    private void CollectAll(IEnumerable<ExpressionSyntax> expressions)
    {
        foreach (var expression in expressions) Collect(expression);
    }
}
