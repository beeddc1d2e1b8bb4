using System.Diagnostics.CodeAnalysis;

namespace Weir.Routing.Language;

/// <summary>
/// A scope in which the ids of components mean their exports, and other names what they mean in an outer scope.
/// Not thread-safe: the graph that owns it evaluates on one loop.
/// </summary>
/// <param name="outer">The standard library.</param>
public sealed class ComponentScope(IScope outer) : IScope
{
    private readonly Dictionary<string, Value> _exports = new(StringComparer.Ordinal);
    private int _partsMax = 1;

    /// <summary>Sets what the id of a component means: its exports record.</summary>
    public void Publish(string id, object exports) => PublishValue(id, ExportsSchema.ToValue(exports));

    /// <summary>Sets what the id of a component means.</summary>
    public void PublishValue(string id, Value exports)
    {
        _exports[id] = exports;
        _partsMax = Math.Max(_partsMax, id.Count(character => character == '.') + 1);
    }

    /// <summary>Forgets a component.</summary>
    public void Remove(string id) => _exports.Remove(id);

    /// <summary>Finds the component that a path begins with: the longest id counts.</summary>
    /// <returns>Null when no known component is meant.</returns>
    public string? FindComponent(IReadOnlyList<string> path)
    {
        for (var parts = Math.Min(path.Count, _partsMax); parts > 0; parts--)
        {
            var id = string.Join('.', path.Take(parts));
            if (_exports.ContainsKey(id)) return id;
        }
        return null;
    }

    /// <inheritdoc/>
    public bool TryResolve(IReadOnlyList<string> path, [NotNullWhen(true)] out Value? value, out int used)
    {
        if (FindComponent(path) is not { } id) return outer.TryResolve(path, out value, out used);
        value = _exports[id];
        used = id.Count(character => character == '.') + 1;
        return true;
    }

    /// <inheritdoc/>
    public (string Message, string? Hint) Explain(IReadOnlyList<string> path)
    {
        if (path.Count < 2 || !IsComponentNamespace(path[0])) return outer.Explain(path);
        // loki.write.defualt.receiver: the last part is the export, if there are enough of them for one.
        var wrong = string.Join('.', path.Take(Math.Max(2, path.Count - 1)));
        var hint = Suggestion.DidYouMean(wrong, _exports.Keys)
            ?? Suggestion.DidYouMean(string.Join('.', path), _exports.Keys)
            ?? OfSameName(path);
        return ($"component \"{wrong}\" does not exist", hint);
    }

    // loki, discovery, …: what begins otherwise is more likely a mistyped function or constant.
    private bool IsComponentNamespace(string name)
    {
        var start = name + ".";
        return AlloyNames.Components.Concat(_exports.Keys).Any(known =>
            known.StartsWith(start, StringComparison.Ordinal));
    }

    private string? OfSameName(IReadOnlyList<string> path)
    {
        var name = string.Join('.', path.Take(2)) + ".";
        var ids = _exports.Keys.Where(id => id.StartsWith(name, StringComparison.Ordinal)).Take(5).ToList();
        return ids.Count == 0 ? null : $"there is {string.Join(", ", ids)}";
    }
}
