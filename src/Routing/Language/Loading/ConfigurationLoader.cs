namespace Weir.Routing.Language;

/// <summary>
/// Reads a configuration and checks all that can be known before it runs: names, labels, arguments, types of
/// references, cycles. All mistakes of all files are reported at once.
/// </summary>
/// <remarks>
/// Modules dissolve here: what runs is components alone, each with the names of its own module. Which components there
/// are may depend on what runs (files that are imported, lists that <c>foreach</c> goes through); then the
/// configuration is loaded again with the new exports.
/// </remarks>
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
        Load([.. files.Select(Parser.Parse)], diagnostics, static _ => null, out _);

    /// <summary>Loads parsed files that together are one configuration.</summary>
    /// <param name="trees">In the order in which errors are to be listed.</param>
    /// <param name="diagnostics">Gets the mistakes, those of the parser too.</param>
    /// <param name="exportsOf">The exports of components that run already; null for others.</param>
    /// <param name="understood">All blocks of known names, those with mistakes too, and those of templates without
    /// items.</param>
    /// <returns>Null when there is a mistake.</returns>
    public LoadedConfiguration? Load(
        IReadOnlyList<SyntaxTree> trees, DiagnosticBag diagnostics, Func<string, object?> exportsOf,
        out IReadOnlyList<ConfiguredBlock> understood)
    {
        var found = new DiagnosticBag();
        var load = new LoadContext(catalog, library, least, exportsOf, found, skipsUnsupported);
        foreach (var tree in trees)
        {
            found.AddRange(tree.Diagnostics);
            load.Syntax.Add(tree);
        }

        var mended = Mender.Mend(trees, found);
        var pruning = new UnsupportedPruning(load, found, PruningPlace.Configuration);
        if (skipsUnsupported) mended = pruning.Prune(mended);
        var walk = new ModuleWalk(load);
        var bodies = mended.Select(tree => tree.Body).ToList();
        walk.Walk(new Module(load, new ModuleDefinition(ModuleKind.Configuration, bodies, load), ""));
        understood = [.. walk.Blocks, .. walk.Templates];
        var components = DependencyOrder.Sort([.. walk.Blocks.Where(block => block.Description.IsComponent)], found);
        // What stands in a declaration is found wrong as often as it is used.
        var different = found.Items.Distinct().ToList();
        foreach (var source in trees.Select(tree => tree.Source).Concat(load.Imported))
            diagnostics.AddRange(different.Where(item => ReferenceEquals(item.Place.Source, source))
                .OrderBy(item => item.Place.Offset));
        if (found.HasErrors) return null;
        var settings = walk.Blocks.Where(block => !block.Description.IsComponent);
        var awaiting = new HashSet<string>(StringComparer.Ordinal);
        IReadOnlyList<ConfiguredBlock> known = [.. components.Where(block => !IsAwaiting(block, awaiting))];
        return new LoadedConfiguration(
            [.. settings.Where(block => !IsAwaiting(block, awaiting))], known, load.ShapedBy, load.Awaited)
        {
            Disabled = [.. pruning.Disabled, .. load.Disabled],
        };
    }

    // In evaluation order: what is referred to has been asked for before.
    private static bool IsAwaiting(ConfiguredBlock block, HashSet<string> awaiting) =>
        (block.IsAwaiting || block.References.Any(awaiting.Contains)) && awaiting.Add(block.Id);
}
