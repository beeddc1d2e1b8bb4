namespace Weir.Routing.Language;

/// <summary>Where a body of statements stands, and so what may stand in it.</summary>
internal enum ModuleKind : byte
{
    /// <summary>The files that the node was started with.</summary>
    Configuration,

    /// <summary>The body of a <c>declare</c> block.</summary>
    Declaration,

    /// <summary>The files that an <c>import</c> block names: declarations only.</summary>
    Import,

    /// <summary>The <c>template</c> of a <c>foreach</c> block: sees what stands around it.</summary>
    Template,
}

/// <summary>The blocks of the language itself.</summary>
internal static class ModuleBlocks
{
    public const string Declare = "declare";
    public const string Argument = "argument";
    public const string Export = "export";
    public const string Foreach = "foreach";
    public const string Template = "template";
    public const string ImportString = "import.string";
    public const string ImportPrefix = "import.";
}

/// <summary>Block <c>argument "name"</c> of a <c>declare</c> block.</summary>
internal sealed record ArgumentOptions
{
    [Argument("optional")]
    public bool Optional { get; init; }

    /// <summary>What it is where it is not given.</summary>
    [Argument("default")]
    public Value Default { get; init; } = NullValue.Instance;

    [Argument("comment")]
    public string Comment { get; init; } = "";
}

/// <summary>Block <c>export "name"</c> of a <c>declare</c> block.</summary>
internal sealed record ExportOptions
{
    [Argument("value", Required = true)]
    public Value Value { get; init; } = NullValue.Instance;
}

/// <summary>Block <c>foreach "label"</c>, without its template.</summary>
internal sealed record ForeachOptions
{
    [Argument("collection", Required = true)]
    public IReadOnlyList<Value> Collection { get; init; } = [];

    /// <summary>The name of the item in the template.</summary>
    [Argument("var", Required = true)]
    public string Variable { get; init; } = "";

    /// <summary>The field of an item that tells it from others; "" for the item as a whole.</summary>
    [Argument("id")]
    public string Id { get; init; } = "";

    /// <summary>Tells items that are texts apart by their hash: different texts may have the same letters.</summary>
    [Argument("hash_string_id")]
    public bool HashStringId { get; init; }

    /// <summary>Accepted: the metrics of all components are exposed.</summary>
    [Argument("enable_metrics")]
    public bool EnableMetrics { get; init; }
}

/// <summary>Block <c>import.string "namespace"</c>.</summary>
internal sealed record ImportStringOptions
{
    [Argument("content", Required = true)]
    public Secret Content { get; init; } = new("");
}

/// <summary>What an <c>import</c> block that runs as a component knows of its module.</summary>
/// <param name="Files">The files that together are the module.</param>
public sealed record ModuleExports(IReadOnlyList<SourceFile> Files);
