namespace Weir.Routing.Language;

/// <summary>A name with the fields accessed in it: <c>loki.write.default.receiver</c>.</summary>
/// <param name="Path">Its parts; at least one.</param>
/// <param name="Place">The whole path.</param>
public sealed record Reference(IReadOnlyList<string> Path, SourcePlace Place)
{
    /// <summary>As the configuration writes it.</summary>
    public override string ToString() => string.Join('.', Path);
}

/// <summary>Finds the references in expressions without evaluating them.</summary>
public static class References
{
    /// <summary>All references in a body and its nested blocks, in file order.</summary>
    public static IReadOnlyList<Reference> In(BodySyntax body)
    {
        var found = new List<Reference>();
        Collect(body, found);
        return found;
    }

    /// <summary>All references in an expression, in file order.</summary>
    public static IReadOnlyList<Reference> In(ExpressionSyntax expression)
    {
        var found = new List<Reference>();
        Collect(expression, found);
        return found;
    }

    /// <summary>Parts a chain of accesses into what it begins with and the fields, in order.</summary>
    internal static ExpressionSyntax Flatten(ExpressionSyntax expression, Stack<AccessSyntax> accesses)
    {
        while (expression is AccessSyntax access)
        {
            accesses.Push(access);
            expression = access.Target;
        }
        return expression;
    }

    private static void Collect(BodySyntax body, List<Reference> found)
    {
        foreach (var statement in body.Statements)
        {
            if (statement is AttributeSyntax attribute) Collect(attribute.Value, found);
            else if (statement is BlockSyntax block) Collect(block.Body, found);
        }
    }

    private static void Collect(ExpressionSyntax expression, List<Reference> found)
    {
        switch (expression)
        {
            case IdentifierSyntax or AccessSyntax:
                var accesses = new Stack<AccessSyntax>();
                var root = Flatten(expression, accesses);
                if (root is IdentifierSyntax identifier)
                    found.Add(new Reference([identifier.Name, .. accesses.Select(access => access.Name)],
                        expression.Place));
                else
                    Collect(root, found);
                break;
            default:
                foreach (var inner in expression.Children) Collect(inner, found);
                break;
        }
    }
}
