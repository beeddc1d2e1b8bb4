using System.Text;
using Weir.Routing.Language;

namespace Weir.Routing.Tests.Language;

/// <summary>Writes a syntax tree without places, fully parenthesized, so that trees can be compared.</summary>
internal static class TreeText
{
    public static string Of(BodySyntax body)
    {
        var text = new StringBuilder();
        foreach (var statement in body.Statements) Append(text, statement);
        return text.ToString();
    }

    public static string Of(string expression)
    {
        var tree = Parser.Parse(new SourceFile("t.alloy", $"a = {expression}"));
        Assert.Empty(tree.Diagnostics);
        var text = new StringBuilder();
        Append(text, ((AttributeSyntax)Assert.Single(tree.Body.Statements)).Value);
        return text.ToString();
    }

    private static void Append(StringBuilder text, StatementSyntax statement)
    {
        text.Append(statement.Name);
        if (statement is AttributeSyntax attribute)
        {
            text.Append('=');
            Append(text, attribute.Value);
        }
        else if (statement is BlockSyntax block)
        {
            if (block.Label is { } label) text.Append('"').Append(label.Text).Append('"');
            text.Append('{').Append(Of(block.Body)).Append('}');
        }
        text.Append(';');
    }

    private static void Append(StringBuilder text, ExpressionSyntax expression)
    {
        switch (expression)
        {
            case LiteralSyntax literal: text.Append(Of(literal.Value)); break;
            case IdentifierSyntax identifier: text.Append(identifier.Name); break;
            case ArraySyntax array: AppendAll(text, '[', array.Elements, ']'); break;
            case ObjectSyntax literal:
                text.Append('{');
                foreach (var field in literal.Fields)
                {
                    text.Append(StringLiteral.Encode(field.Name)).Append('=');
                    Append(text, field.Value);
                    text.Append(',');
                }
                text.Append('}');
                break;
            case AccessSyntax access:
                Append(text, access.Target);
                text.Append('.').Append(access.Name);
                break;
            case IndexSyntax index:
                Append(text, index.Target);
                AppendAll(text, '[', [index.Index], ']');
                break;
            case CallSyntax call:
                Append(text, call.Function);
                AppendAll(text, '(', call.Arguments, ')');
                break;
            case UnarySyntax unary:
                text.Append('(').Append(unary.Operator).Append(' ');
                Append(text, unary.Operand);
                text.Append(')');
                break;
            case BinarySyntax binary:
                text.Append('(');
                Append(text, binary.Left);
                text.Append(' ').Append(binary.Operator).Append(' ');
                Append(text, binary.Right);
                text.Append(')');
                break;
            case ParenthesizedSyntax parenthesized: AppendAll(text, '<', [parenthesized.Inside], '>'); break;
            default: text.Append('?'); break;
        }
    }

    private static void AppendAll(StringBuilder text, char open, IReadOnlyList<ExpressionSyntax> all, char close)
    {
        text.Append(open);
        foreach (var one in all)
        {
            Append(text, one);
            text.Append(',');
        }
        text.Append(close);
    }

    private static string Of(Value value) => value switch
    {
        NumberValue number => number.ToText(),
        StringValue literal => StringLiteral.Encode(literal.Text),
        BoolValue truth => truth.Value ? "true" : "false",
        _ => "null",
    };
}
