using System.Diagnostics.CodeAnalysis;

namespace Weir.Routing.Language;

/// <summary>What names mean where an expression is evaluated.</summary>
public interface IScope
{
    /// <summary>
    /// Resolves the longest known beginning of a path: of <c>loki.write.default.receiver</c>, the component
    /// <c>loki.write.default</c>; of <c>sys.env</c>, the object <c>sys</c>.
    /// </summary>
    /// <param name="path">A name and the fields accessed in it; at least one.</param>
    /// <param name="value">What the beginning means.</param>
    /// <param name="used">How many parts of the path it takes.</param>
    bool TryResolve(IReadOnlyList<string> path, [NotNullWhen(true)] out Value? value, out int used);

    /// <summary>Says why a path does not resolve, with a remedy if there is one.</summary>
    (string Message, string? Hint) Explain(IReadOnlyList<string> path);
}
