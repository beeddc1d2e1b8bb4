using System.Diagnostics.CodeAnalysis;

namespace Weir.Routing.Language;

/// <summary>
/// What names mean in a module: its components by their ids, its arguments, the item of a <c>foreach</c>, and the
/// functions of the language.
/// </summary>
internal sealed class ModuleScope(Module module, Evaluation evaluation) : IScope
{
    // loki.source.file.label is the longest id.
    private const int IdPartsMax = 6;

    private ModuleDefinition Definition => module.Definition;

    /// <inheritdoc/>
    public bool TryResolve(IReadOnlyList<string> path, [NotNullWhen(true)] out Value? value, out int used)
    {
        if (TryResolveOwn(path, out value, out used)) return true;
        if (FindId(path) is not null) return false; // what it is to mean is not there
        if (Definition.Kind == ModuleKind.Template)
            return new ModuleScope(module.Outer!, evaluation).TryResolve(path, out value, out used);
        if (module.Load.Library.TryResolve(path, out value, out used)) return true;
        // After a syntax error that swallowed a component, its name is not known; complaining about it would mislead.
        if (!module.Load.Syntax.MissesStatements) return false;
        (value, used) = (UnknownValue.Untyped, 1);
        return true;
    }

    /// <inheritdoc/>
    public (string Message, string? Hint) Explain(IReadOnlyList<string> path)
    {
        if (FindId(path) is { } known) return ($"component \"{known}\" has exported nothing yet", null);
        if (path[0] == ModuleBlocks.Argument && path.Count > 1 && ModuleWithArguments() is { } declared)
            return ($"argument \"{path[1]}\" is not declared",
                Suggestion.DidYouMean(path[1], declared.Arguments.Keys)
                ?? $"declare it: argument \"{path[1]}\" {{ }}");
        if (path.Count < 2 || !IsComponentNamespace(path[0])) return module.Load.Library.Explain(path);
        // loki.write.defualt.receiver: the last part is the export, if there are enough of them for one.
        var wrong = string.Join('.', path.Take(Math.Max(2, path.Count - 1)));
        var hint = Suggestion.DidYouMean(wrong, Ids)
            ?? Suggestion.DidYouMean(string.Join('.', path), Ids)
            ?? OfSameName(path)
            ?? OutsideOf(path);
        return ($"component \"{wrong}\" does not exist", hint);
    }

    private IEnumerable<string> Ids
    {
        get
        {
            var ids = Definition.Components.Keys.Concat(Definition.Calls.Keys);
            return Definition.Kind == ModuleKind.Template
                ? ids.Concat(new ModuleScope(module.Outer!, evaluation).Ids) : ids;
        }
    }

    private bool TryResolveOwn(IReadOnlyList<string> path, [NotNullWhen(true)] out Value? value, out int used)
    {
        (value, used) = (null, 1);
        if (module.Variable is { } variable && path[0] == variable.Name) value = variable.Value;
        else if (path[0] == "module_path" && path.Count == 1) value = new StringValue(Definition.Folder);
        else if (path[0] == ModuleBlocks.Argument && path.Count > 1 && Definition.Arguments.ContainsKey(path[1]))
            return TryResolveArgument(path, out value, out used);
        else if (FindId(path) is { } id)
        {
            used = id.Count(character => character == '.') + 1;
            if (Definition.Components.TryGetValue(id, out var description))
                value = evaluation.ExportsOf(
                    module.IdOf(id), path.Count > used ? path[used] : null, description);
            else (value, used) = OfCustom(id, path, used);
        }

        return value is not null;
    }

    private bool TryResolveArgument(IReadOnlyList<string> path, [NotNullWhen(true)] out Value? value, out int used)
    {
        value = evaluation.Argument(module, path[1]);
        used = path.Count > 2 && path[2] == "value" ? 3 : 2;
        if (used == 2) value = new ObjectValue([KeyValuePair.Create("value", value)]);
        return true;
    }

    // One export alone where one is named: the others may depend on what asks for it.
    private (Value Value, int Used) OfCustom(string id, IReadOnlyList<string> path, int used)
    {
        if (module.Custom(id) is not { } made) return (evaluation.UnknownModule(), used);
        var exports = made.Definition.Exports;
        if (path.Count > used && exports.ContainsKey(path[used]))
            return (evaluation.Export(made, path[used]), used + 1);
        return (new ObjectValue(path.Count > used
            ? exports.Keys.Select(name => KeyValuePair.Create<string, Value>(name, UnknownValue.Untyped))
            : exports.Keys.Select(name => KeyValuePair.Create(name, evaluation.Export(made, name)))), used);
    }

    // The longest id counts.
    private string? FindId(IReadOnlyList<string> path)
    {
        for (var parts = Math.Min(path.Count, IdPartsMax); parts > 0; parts--)
        {
            var id = string.Join('.', path.Take(parts));
            if (Definition.Components.ContainsKey(id) || Definition.Calls.ContainsKey(id)) return id;
        }

        return null;
    }

    private ModuleDefinition? ModuleWithArguments()
    {
        var at = module;
        while (at is { Definition.Kind: ModuleKind.Template }) at = at.Outer;
        return at?.Definition.Kind == ModuleKind.Declaration ? at.Definition : null;
    }

    // loki, discovery, …: what begins otherwise is more likely a mistyped function or constant.
    private bool IsComponentNamespace(string name)
    {
        var start = name + ".";
        return AlloyNames.Components.Concat(module.Load.Catalog.Names).Concat(Ids)
            .Any(known => known.StartsWith(start, StringComparison.Ordinal));
    }

    private string? OfSameName(IReadOnlyList<string> path)
    {
        var name = string.Join('.', path.Take(2)) + ".";
        var ids = Ids.Where(id => id.StartsWith(name, StringComparison.Ordinal)).Take(5).ToList();
        return ids.Count == 0 ? null : $"there is {string.Join(", ", ids)}";
    }

    private string? OutsideOf(IReadOnlyList<string> path)
    {
        for (var outer = module.Outer; outer is not null; outer = outer.Outer)
            if (new ModuleScope(outer, evaluation).FindId(path) is not null)
                return "a declaration does not see the components around it: give it as an argument";
        return null;
    }
}
