namespace Weir.Routing.Language;

/// <summary>A component, or a block that configures the node, as a file has it; evaluated as often as its references
/// change.</summary>
/// <param name="description">What is known about blocks of its name.</param>
/// <param name="syntax">Its text.</param>
/// <param name="references">The ids of the components that its expressions refer to, each once, in file order.</param>
public sealed class ConfiguredBlock(BlockDescription description, BlockSyntax syntax, IReadOnlyList<string> references)
{
    /// <summary>What is known about blocks of its name.</summary>
    public BlockDescription Description => description;

    /// <summary><c>loki.write</c></summary>
    public string Name => syntax.Name;

    /// <summary>Empty when it has none.</summary>
    public string Label => syntax.Label?.Text ?? "";

    /// <summary><c>loki.write.default</c>; the name alone when there is no label.</summary>
    public string Id { get; } = IdOf(syntax);

    /// <summary>Name and label in the file.</summary>
    public SourcePlace Place => syntax.HeaderPlace;

    /// <summary>Its text.</summary>
    public BlockSyntax Syntax => syntax;

    /// <summary>The ids of the components that its expressions refer to, each once, in file order.</summary>
    public IReadOnlyList<string> References => references;

    /// <summary>Computes its arguments.</summary>
    /// <param name="scope">Must know the exports of all components that it refers to.</param>
    /// <param name="diagnostics">Gets the mistakes.</param>
    /// <returns>The option record; null when there is a mistake.</returns>
    public object? Evaluate(IScope scope, DiagnosticBag diagnostics) =>
        new Binder(scope, diagnostics).Bind(description.Options, syntax);

    /// <summary>The id of a block: its name and, when it has one, its label.</summary>
    internal static string IdOf(BlockSyntax syntax) =>
        syntax.Label is { } label ? $"{syntax.Name}.{label.Text}" : syntax.Name;
}

/// <summary>A configuration that passed every check that does not need it to run.</summary>
/// <param name="Settings">The blocks that configure the node itself (<c>logging</c>, <c>http</c>), in file
/// order.</param>
/// <param name="Components">Every component behind all those that it refers to; otherwise in file order.</param>
public sealed record LoadedConfiguration(
    IReadOnlyList<ConfiguredBlock> Settings, IReadOnlyList<ConfiguredBlock> Components)
{
    /// <summary>What was left out because it is not supported, or cannot do without what is not.</summary>
    public IReadOnlyList<DisabledBlock> Disabled { get; init; } = [];
}
