namespace Weir.Routing.Language;

/// <summary>A parsed file.</summary>
/// <param name="Source">Its text.</param>
/// <param name="Body">Its statements.</param>
/// <param name="Tokens">All tokens with comments, for the formatter.</param>
/// <param name="Diagnostics">Mistakes, at most one a line; the tree holds what could be understood.</param>
public sealed record SyntaxTree(
    SourceFile Source, BodySyntax Body, IReadOnlyList<Token> Tokens, IReadOnlyList<Diagnostic> Diagnostics)
{
    /// <summary>Where commas are missing at the ends of lines: offsets, ascending. Each counts as if it were there.
    /// </summary>
    public IReadOnlyList<int> MissingCommas { get; init; } = [];

    /// <summary>Whether the file has a mistake.</summary>
    public bool HasErrors => Diagnostics.Any(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error);
}

/// <summary>The statements of a file or block, in file order.</summary>
public sealed class BodySyntax(SourcePlace place, IReadOnlyList<StatementSyntax> statements)
{
    /// <summary>From the first to the last statement, or the inside of the braces.</summary>
    public SourcePlace Place => place;

    /// <summary>In file order.</summary>
    public IReadOnlyList<StatementSyntax> Statements => statements;

    /// <summary>The attributes, in file order.</summary>
    public IEnumerable<AttributeSyntax> Attributes => statements.OfType<AttributeSyntax>();

    /// <summary>The blocks, in file order.</summary>
    public IEnumerable<BlockSyntax> Blocks => statements.OfType<BlockSyntax>();
}

/// <summary>An attribute or a block.</summary>
public abstract class StatementSyntax(string name, SourcePlace namePlace, SourcePlace place)
{
    /// <summary><c>url</c>, <c>stage.json</c>, <c>loki.write</c>.</summary>
    public string Name => name;

    /// <summary>Where the name stands.</summary>
    public SourcePlace NamePlace => namePlace;

    /// <summary>The whole statement.</summary>
    public SourcePlace Place => place;
}

/// <summary><c>name = value</c></summary>
public sealed class AttributeSyntax(string name, SourcePlace namePlace, ExpressionSyntax value)
    : StatementSyntax(name, namePlace, namePlace.To(value.Place))
{
    /// <summary>What stands right of the equals sign.</summary>
    public ExpressionSyntax Value => value;
}

/// <summary>The label of a block.</summary>
/// <param name="Text">A valid identifier, or empty.</param>
/// <param name="Place">With the quotes.</param>
public sealed record LabelSyntax(string Text, SourcePlace Place);

/// <summary><c>name "label" { … }</c></summary>
public sealed class BlockSyntax(
    string name, SourcePlace namePlace, LabelSyntax? label, BodySyntax body, Token open, Token close)
    : StatementSyntax(name, namePlace, namePlace.To(new SourcePlace(namePlace.Source, close.Offset, close.Length)))
{
    /// <summary>Null when the block has none.</summary>
    public LabelSyntax? Label => label;

    /// <summary>What stands between the braces.</summary>
    public BodySyntax Body => body;

    /// <summary>The opening brace.</summary>
    public Token Open => open;

    /// <summary>The closing brace; has no length when it is missing.</summary>
    public Token Close => close;

    /// <summary>Name and label.</summary>
    public SourcePlace HeaderPlace => label is null ? NamePlace : NamePlace.To(label.Place);
}
