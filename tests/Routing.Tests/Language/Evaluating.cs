using Weir.Routing.Language;

namespace Weir.Routing.Tests.Language;

/// <summary>A host for tests, and expressions evaluated on it.</summary>
internal static class Evaluating
{
    public static readonly IScope Library = StandardLibrary.For(new HostFacts
    {
        Environment = name => name == "HOME" ? "/root" : null,
        Hostname = "host-1",
        Os = "linux",
        Arch = "amd64",
        Version = "v0.1.0",
    });

    public static ComponentScope Scope()
    {
        var scope = new ComponentScope(Library);
        scope.PublishValue("test.secret", new SecretValue("hunter2"));
        return scope;
    }

    public static ExpressionSyntax Parse(string expression)
    {
        var tree = Parser.Parse(new SourceFile("e.alloy", $"a = {expression}"));
        Assert.Empty(tree.Diagnostics);
        return ((AttributeSyntax)tree.Body.Statements[0]).Value;
    }

    public static Value Value(string expression)
    {
        var found = new DiagnosticBag();
        var value = new Evaluator(Scope(), found).Evaluate(Parse(expression));
        Assert.Empty(found.Items);
        return value!;
    }

    public static Diagnostic Error(string expression)
    {
        var found = new DiagnosticBag();
        var value = new Evaluator(Scope(), found).Evaluate(Parse(expression));
        Assert.Null(value);
        return Assert.Single(found.Items);
    }
}
