namespace Weir.Routing.Language;

/// <summary>A component, or a block that configures the node, as a file has it; evaluated as often as its references
/// change.</summary>
public sealed class ConfiguredBlock
{
    private readonly Module _module;

    internal ConfiguredBlock(
        BlockDescription description, BlockSyntax syntax, Module module, IReadOnlyList<ExportReference> reads,
        bool isAwaiting)
    {
        (Description, Syntax, _module, Reads, IsAwaiting) = (description, syntax, module, reads, isAwaiting);
        Id = module.IdOf(IdOf(syntax));
    }

    /// <summary>What is known about blocks of its name.</summary>
    public BlockDescription Description { get; }

    /// <summary><c>loki.write</c></summary>
    public string Name => Syntax.Name;

    /// <summary>Empty when it has none.</summary>
    public string Label => Syntax.Label?.Text ?? "";

    /// <summary><c>loki.write.default</c>; the name alone when there is no label. Within a custom component, its id
    /// goes before: <c>pipeline.web/loki.write.default</c>.</summary>
    public string Id { get; }

    /// <summary>Name and label in the file.</summary>
    public SourcePlace Place => Syntax.HeaderPlace;

    /// <summary>Its text.</summary>
    public BlockSyntax Syntax { get; }

    /// <summary>The exports that its expressions come to, through the arguments and exports of modules; each
    /// once.</summary>
    public IReadOnlyList<ExportReference> Reads { get; }

    /// <summary>The ids of the components that it reads exports of, each once.</summary>
    public IReadOnlyList<string> References => [.. Reads.Select(reference => reference.Component).Distinct()];

    /// <summary>It refers to a module that is not known yet.</summary>
    internal bool IsAwaiting { get; }

    /// <summary>Computes its arguments.</summary>
    /// <param name="exportsOf">The exports of the components that it refers to.</param>
    /// <param name="diagnostics">Gets the mistakes.</param>
    /// <returns>The option record; null when there is a mistake.</returns>
    public object? Evaluate(Func<string, object?> exportsOf, DiagnosticBag diagnostics) =>
        Evaluate(exportsOf, isStrict: true, diagnostics);

    /// <summary>Computes its arguments as far as they are known without the exports of others: the defaults stand for
    /// the rest.</summary>
    /// <returns>The option record; null when there is a mistake.</returns>
    public object? Preview() => Evaluate(static _ => null, isStrict: false, new DiagnosticBag());

    private object? Evaluate(Func<string, object?> exportsOf, bool isStrict, DiagnosticBag diagnostics)
    {
        var problems = new DiagnosticBag();
        var evaluation = new Evaluation(exportsOf, isStrict, problems);
        var options = new Binder(new ModuleScope(_module, evaluation), problems).Bind(Description.Options, Syntax);
        _module.Report(problems, diagnostics);
        return options;
    }

    /// <summary>The id of a block within its module: its name and, when it has one, its label.</summary>
    internal static string IdOf(BlockSyntax syntax) =>
        syntax.Label is { } label ? $"{syntax.Name}.{label.Text}" : syntax.Name;
}

/// <summary>A configuration that passed every check that does not need it to run.</summary>
/// <param name="Settings">The blocks that configure the node itself (<c>logging</c>, <c>http</c>), in file
/// order.</param>
/// <param name="Components">Every component behind all those that it refers to, those of modules too; otherwise in file
/// order. What needs a module that is not known yet is left out.</param>
/// <param name="ShapedBy">The components whose exports decide which components there are: modules that are read, what
/// collections come from.</param>
/// <param name="Awaited">What could not be known from the exports there were; with its place, one an element.</param>
public sealed record LoadedConfiguration(
    IReadOnlyList<ConfiguredBlock> Settings, IReadOnlyList<ConfiguredBlock> Components,
    IReadOnlyCollection<string> ShapedBy, IReadOnlyList<string> Awaited)
{
    /// <summary>What was left out because it is not supported, or cannot do without what is not.</summary>
    public IReadOnlyList<DisabledBlock> Disabled { get; init; } = [];
}

