namespace Weir.Routing.Language;

/// <summary>What all modules of one load share.</summary>
/// <param name="exportsOf">The exports of a component that runs; null when it does not.</param>
/// <param name="found">Gets the mistakes.</param>
/// <param name="skipsUnsupported">What Alloy has and the catalog has not is taken out of imported modules.</param>
internal sealed class LoadContext(
    IComponentCatalog catalog, IScope library, Stability least, Func<string, object?> exportsOf, DiagnosticBag found,
    bool skipsUnsupported = false)
{
    // A module that makes two of the next one, and so on, is a bomb of a few lines.
    private const int ModulesMax = 10_000;

    private const string UnsupportedCode = "unsupported";
    private const string Skipping = "weir run --skip-unsupported runs the rest without it";

    private int _modules;
    private LoadContext? _scratch;
    private bool _isScratch;

    public IComponentCatalog Catalog => catalog;

    public IScope Library => library;

    public DiagnosticBag Found => found;

    public SyntaxErrors Syntax { get; } = new();

    /// <summary>The files of imported modules.</summary>
    public List<SourceFile> Imported { get; } = [];

    /// <summary>The components whose exports decide which components there are.</summary>
    public HashSet<string> ShapedBy { get; } = new(StringComparer.Ordinal);

    /// <summary>What cannot be known before something that shapes the configuration runs.</summary>
    public List<string> Awaited { get; } = [];

    /// <summary>What was taken out of imported modules.</summary>
    public List<DisabledBlock> Disabled { get; } = [];

    /// <returns>False when there are too many; it has been reported.</returns>
    public bool TryCountModule(SourcePlace place)
    {
        if (++_modules == ModulesMax)
            found.Error(place, $"there are more than {ModulesMax} modules",
                "does a module make several of another one?");
        return _modules < ModulesMax;
    }

    public bool IsKnownName(string name) => catalog.TryFind(name, out _);

    /// <summary>The module that an <c>import</c> block, running as a component, has read; null before.</summary>
    public ModuleExports? ModuleOf(string id)
    {
        ShapedBy.Add(id);
        return exportsOf(id) as ModuleExports;
    }

    /// <summary>Evaluates what decides which components there are, as far as it is known by now.</summary>
    public Value Shape(Module module, ExpressionSyntax expression)
    {
        var problems = new DiagnosticBag();
        var evaluation = new Evaluation(exportsOf, isStrict: false, problems);
        var value = evaluation.Evaluate(module, expression);
        ShapedBy.UnionWith(evaluation.Read.Select(reference => reference.Component));
        module.Report(problems, found);
        return Evaluator.IsUnknown(value) ? UnknownValue.Untyped : value;
    }

    /// <summary>Binds a block that decides which components there are.</summary>
    /// <returns>Null when it has a mistake; it has been reported.</returns>
    public T? BindShape<T>(Module module, BlockSyntax block)
        where T : class
    {
        if (Syntax.CountIn(block) > 0) return null;
        var problems = new DiagnosticBag();
        var evaluation = new Evaluation(exportsOf, isStrict: false, problems);
        var options = new Binder(new ModuleScope(module, evaluation), problems).Bind<T>(block);
        ShapedBy.UnionWith(evaluation.Read.Select(reference => reference.Component));
        module.Report(problems, found);
        return options;
    }

    /// <summary>The same, with mistakes and what depends on what kept apart.</summary>
    public LoadContext Scratch => _isScratch ? this
        : _scratch ??= new LoadContext(catalog, library, least, exportsOf, new DiagnosticBag()) { _isScratch = true };

    /// <param name="files">A module.</param>
    /// <param name="path">What the ids of its components begin with.</param>
    /// <param name="isCheck">It never runs.</param>
    public ModuleDefinition Parse(IReadOnlyList<SourceFile> files, string path, bool isCheck)
    {
        var bodies = Read(files);
        if (skipsUnsupported)
        {
            var pruning = new UnsupportedPruning(this, found, PruningPlace.OfModule(path));
            bodies = pruning.Prune(bodies);
            if (!isCheck) Disabled.AddRange(pruning.Disabled);
        }

        return new ModuleDefinition(ModuleKind.Import, bodies, this);
    }

    /// <summary>The bodies of files, mended.</summary>
    public IReadOnlyList<BodySyntax> Read(IReadOnlyList<SourceFile> files)
    {
        SyntaxTree[] trees = [.. files.Select(Parser.Parse)];
        foreach (var tree in trees)
        {
            Imported.Add(tree.Source);
            found.AddRange(tree.Diagnostics);
            Syntax.Add(tree);
        }

        return [.. Mender.Mend(trees, found).Select(tree => tree.Body)];
    }

    public void CheckStability(Stability stability, BlockSyntax block)
    {
        if (stability >= least) return;
        var level = stability == Stability.Experimental ? "experimental" : "public-preview";
        found.Error(block.NamePlace, $"\"{block.Name}\" is {level}", $"allow it with --stability.level={level}");
    }

    /// <summary>Says what is wrong with a block that is neither known nor declared.</summary>
    public void Unsupported(BlockSyntax block)
    {
        var name = block.Name;
        if (AlloyNames.ConfigurationBlocks.Contains(name))
            found.Error(block.NamePlace, $"block \"{name}\" is known, but not supported by Weir yet",
                Skipping, UnsupportedCode);
        else if (AlloyNames.IsComponent(name))
            found.Error(block.NamePlace, $"component \"{name}\" is known, but not supported by Weir yet",
                Skipping, UnsupportedCode);
        else
            found.Error(block.NamePlace, $"unrecognized component \"{name}\"",
                Suggestion.DidYouMean(name,
                    catalog.Names.Concat(AlloyNames.Components).Concat(AlloyNames.ConfigurationBlocks)));
    }
}
