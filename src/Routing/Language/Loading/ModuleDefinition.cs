namespace Weir.Routing.Language;

/// <summary>A <c>foreach</c> block.</summary>
/// <param name="Arguments">The block without its template.</param>
internal sealed record Loop(BlockSyntax Arguments, ModuleDefinition Template);

/// <summary>
/// Bodies of statements, sorted by what the statements are, with their names and labels checked. All modules that are
/// made of the same text share it.
/// </summary>
internal sealed class ModuleDefinition
{
    private readonly LoadContext _load;
    private readonly Dictionary<string, SourcePlace> _ids = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SourcePlace> _names = new(StringComparer.Ordinal);

    public ModuleDefinition(ModuleKind kind, IReadOnlyList<BodySyntax> bodies, LoadContext load)
    {
        (Kind, _load) = (kind, load);
        Folder = bodies.Count == 0 ? "" : Path.GetDirectoryName(bodies[0].Place.File) ?? "";
        foreach (var body in bodies)
        {
            foreach (var attribute in body.Attributes) Add(attribute);
            foreach (var block in body.Blocks) Add(block);
        }
    }

    public ModuleKind Kind { get; }

    /// <summary>What <c>module_path</c> means in it.</summary>
    public string Folder { get; }

    /// <summary>The components and, in the configuration itself, the blocks that configure the node; in file
    /// order.</summary>
    public List<(BlockDescription Description, BlockSyntax Syntax)> Blocks { get; } = [];

    /// <summary>By id within the module; those with mistakes too, so that references to them are none.</summary>
    public Dictionary<string, BlockDescription> Components { get; } = new(StringComparer.Ordinal);

    /// <summary>Blocks whose name the catalog does not have, by id within the module: custom components,
    /// mostly.</summary>
    public Dictionary<string, BlockSyntax> Calls { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, ModuleDefinition> Declarations { get; } = new(StringComparer.Ordinal);

    /// <summary>By namespace.</summary>
    public Dictionary<string, BlockSyntax> Imports { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, BlockSyntax> Arguments { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, BlockSyntax> Exports { get; } = new(StringComparer.Ordinal);

    public List<Loop> Loops { get; } = [];

    private DiagnosticBag Found => _load.Found;

    private void Add(AttributeSyntax attribute)
    {
        // With a syntax error, it may have been meant as a block.
        if (_load.Syntax.CountIn(attribute) > 0) _load.Syntax.MissesStatements = true;
        else if (Kind == ModuleKind.Declaration)
            Found.Error(attribute.NamePlace, $"attribute \"{attribute.Name}\" stands in the body of a declaration",
                $"an argument is declared with argument \"{attribute.Name}\" {{ … }}");
        else
            Found.Error(attribute.NamePlace, $"attribute \"{attribute.Name}\" stands outside of any block",
                "at the top level of a file there are only blocks");
    }

    private void Add(BlockSyntax block)
    {
        switch (block.Name)
        {
            case ModuleBlocks.Declare: AddDeclaration(block); break;
            case ModuleBlocks.Argument: AddPart(block, Arguments); break;
            case ModuleBlocks.Export: AddPart(block, Exports); break;
            case ModuleBlocks.Foreach when IsAllowedHere(block): AddLoop(block); break;
            case ModuleBlocks.Foreach: break;
            case var name when name.StartsWith(ModuleBlocks.ImportPrefix, StringComparison.Ordinal):
                AddImport(block);
                break;
            default: AddComponent(block); break;
        }
    }

    private void AddDeclaration(BlockSyntax block)
    {
        if (!HasLabel(block)) return;
        var name = block.Label!.Text;
        if (_load.IsKnownName(name))
            Found.Error(block.Label.Place, $"\"{name}\" is the name of a component already", "choose another name");
        if (IsFirstOfName(block))
            Declarations.Add(name, new ModuleDefinition(ModuleKind.Declaration, [block.Body], _load));
    }

    private void AddImport(BlockSyntax block)
    {
        if (HasLabel(block) && IsFirstOfName(block)) Imports.Add(block.Label!.Text, block);
    }

    private void AddPart(BlockSyntax block, Dictionary<string, BlockSyntax> parts)
    {
        if (Kind != ModuleKind.Declaration)
            Found.Error(block.NamePlace, $"block \"{block.Name}\" stands outside of a declaration",
                "it belongs into declare \"name\" { … }");
        else if (HasLabel(block) && IsFirst(ConfiguredBlock.IdOf(block), block)) parts.Add(block.Label!.Text, block);
    }

    private void AddLoop(BlockSyntax block)
    {
        _load.CheckStability(Stability.Experimental, block);
        if (!HasLabel(block) || !IsFirst(ConfiguredBlock.IdOf(block), block)) return;
        var templates = block.Body.Blocks.Where(inner => inner.Name == ModuleBlocks.Template).ToList();
        if (templates is not [var template])
        {
            Found.Error(block.HeaderPlace, $"\"foreach\" needs one block \"template\", it has {templates.Count}",
                "put the components into template { … }");
            return;
        }

        var rest = new BodySyntax(block.Body.Place, [.. block.Body.Statements.Where(part => part != template)]);
        Loops.Add(new Loop(
            new BlockSyntax(block.Name, block.NamePlace, block.Label, rest, block.Open, block.Close),
            new ModuleDefinition(ModuleKind.Template, [template.Body], _load)));
    }

    private void AddComponent(BlockSyntax block)
    {
        var id = ConfiguredBlock.IdOf(block);
        if (!IsAllowedHere(block)) return;
        if (!_load.Catalog.TryFind(block.Name, out var description))
        {
            if (IsFirst(id, block)) Calls.Add(id, block);
            return;
        }

        if (description.IsComponent) Components[id] = description;
        else if (Kind != ModuleKind.Configuration)
        {
            Found.Error(block.NamePlace, $"block \"{block.Name}\" configures the node: it cannot stand in a module");
            return;
        }

        _load.CheckStability(description.Stability, block);
        if (CheckLabel(description, block) & IsFirst(id, block)) Blocks.Add((description, block));
    }

    private bool IsAllowedHere(BlockSyntax block)
    {
        if (Kind != ModuleKind.Import) return true;
        Found.Error(block.NamePlace, $"block \"{block.Name}\" stands in a module outside of any declaration",
            "an imported file has only declare and import blocks");
        return false;
    }

    private bool HasLabel(BlockSyntax block)
    {
        if (block.Label is { Text.Length: > 0 }) return true;
        Found.Error(block.NamePlace, $"\"{block.Name}\" needs a label", $"{block.Name} \"name\" {{ … }}");
        return false;
    }

    private bool CheckLabel(BlockDescription description, BlockSyntax block)
    {
        if (description.NeedsLabel == block.Label is not null) return true;
        if (block.Label is { } label) Found.Error(label.Place, $"\"{block.Name}\" has no label", "remove it");
        else Found.Error(block.NamePlace, $"\"{block.Name}\" needs a label", $"{block.Name} \"default\" {{ … }}");
        return false;
    }

    private bool IsFirst(string id, BlockSyntax block) => IsFirst(_ids, id, block);

    // Declarations and namespaces share their names, whatever block they come from.
    private bool IsFirstOfName(BlockSyntax block) => IsFirst(_names, block.Label!.Text, block);

    private bool IsFirst(Dictionary<string, SourcePlace> known, string id, BlockSyntax block)
    {
        if (known.TryAdd(id, block.HeaderPlace)) return true;
        var hint = block.Label is null ? "merge the two blocks" : "give it another label";
        Found.Error(block.HeaderPlace, $"\"{id}\" is declared in {known[id]} already", hint);
        return false;
    }
}
