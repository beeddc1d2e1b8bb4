using System.Diagnostics.CodeAnalysis;

namespace Weir.Routing.Language;

/// <summary>
/// Reads a configuration and checks all that can be known before it runs: names, labels, arguments, types of
/// references, cycles. All mistakes of all files are reported at once.
/// </summary>
/// <param name="catalog">The blocks that this program supports.</param>
/// <param name="library">What names mean besides components: <see cref="StandardLibrary.For"/>.</param>
/// <param name="least">Less settled components are refused.</param>
/// <param name="skipsUnsupported">What Alloy has and this program has not is left out instead of refused.</param>
public sealed class ConfigurationLoader(
    IComponentCatalog catalog, IScope library, Stability least = Stability.GenerallyAvailable,
    bool skipsUnsupported = false)
{
    /// <summary>Loads files that together are one configuration.</summary>
    /// <param name="files">In the order in which errors are to be listed.</param>
    /// <param name="diagnostics">Gets the mistakes; what is in it already does not matter.</param>
    /// <returns>Null when there is a mistake.</returns>
    public LoadedConfiguration? Load(IEnumerable<SourceFile> files, DiagnosticBag diagnostics) =>
        Load([.. files.Select(Parser.Parse)], diagnostics);

    /// <summary>Loads parsed files that together are one configuration.</summary>
    /// <param name="trees">In the order in which errors are to be listed.</param>
    /// <param name="diagnostics">Gets the mistakes, those of the parser too.</param>
    /// <returns>Null when there is a mistake.</returns>
    public LoadedConfiguration? Load(IReadOnlyList<SyntaxTree> trees, DiagnosticBag diagnostics) =>
        Load(trees, diagnostics, out _);

    /// <summary>Loads parsed files that together are one configuration.</summary>
    /// <param name="trees">In the order in which errors are to be listed.</param>
    /// <param name="diagnostics">Gets the mistakes, those of the parser too.</param>
    /// <param name="understood">All blocks of known names, in file order, those with mistakes too.</param>
    /// <returns>Null when there is a mistake.</returns>
    public LoadedConfiguration? Load(
        IReadOnlyList<SyntaxTree> trees, DiagnosticBag diagnostics, out IReadOnlyList<ConfiguredBlock> understood)
    {
        var found = new DiagnosticBag();
        var module = new ModuleCheck(catalog, least, found);
        foreach (var tree in trees) found.AddRange(tree.Diagnostics);
        trees = Mender.Mend(trees, found);
        var pruning = new UnsupportedPruning(catalog, found);
        if (skipsUnsupported) trees = pruning.Prune(trees);
        module.Check(trees);
        var scope = new ComponentScope(module.MissesStatements ? new LenientScope(library) : library);
        foreach (var (id, exports) in module.Exports) scope.PublishValue(id, exports);
        var blocks = module.Blocks.ConvertAll(block => new ConfiguredBlock(
            block.Description, block.Syntax, ReferencesOf(block.Syntax, scope)));
        understood = blocks;
        foreach (var block in blocks)
            if (!module.HasSyntaxErrors(block.Syntax)) block.Evaluate(scope, found);
        var components = DependencyOrder.Sort([.. blocks.Where(block => block.Description.IsComponent)], found);
        foreach (var tree in trees)
            diagnostics.AddRange(found.Items.Where(item => ReferenceEquals(item.Place.Source, tree.Source))
                .OrderBy(item => item.Place.Offset));
        return found.HasErrors
            ? null
            : new LoadedConfiguration([.. blocks.Where(block => !block.Description.IsComponent)], components)
            {
                Disabled = pruning.Disabled,
            };
    }

    private static List<string> ReferencesOf(BlockSyntax block, ComponentScope scope) =>
    [
        .. References.In(block.Body).Select(reference =>
            scope.FindComponent(reference.Path)).OfType<string>().Distinct(),
    ];

    // After a syntax error that swallowed a component, its name is not known; complaining about it would mislead.
    private sealed class LenientScope(IScope outer) : IScope
    {
        public bool TryResolve(
            IReadOnlyList<string> path, [NotNullWhen(true)] out Value? value, out int used)
        {
            if (outer.TryResolve(path, out value, out used)) return true;
            (value, used) = (UnknownValue.Untyped, 1);
            return true;
        }

        public (string Message, string? Hint) Explain(IReadOnlyList<string> path) => outer.Explain(path);
    }
}
