using System.Diagnostics.CodeAnalysis;
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

    /// <summary>The library, and <c>test.secret</c>.</summary>
    public static NamedScope Scope()
    {
        var scope = new NamedScope();
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

    /// <summary>The library, and exports under ids.</summary>
    internal sealed class NamedScope : IScope
    {
        private readonly Dictionary<string, Value> _values = new(StringComparer.Ordinal);

        public void Publish(string id, object exports) => PublishValue(id, ExportsSchema.ToValue(exports));

        public void PublishValue(string id, Value exports) => _values[id] = exports;

        public bool TryResolve(IReadOnlyList<string> path, [NotNullWhen(true)] out Value? value, out int used)
        {
            for (used = path.Count; used > 0; used--)
                if (_values.TryGetValue(string.Join('.', path.Take(used)), out value)) return true;
            return Library.TryResolve(path, out value, out used);
        }

        public (string Message, string? Hint) Explain(IReadOnlyList<string> path) => Library.Explain(path);
    }
}
