namespace Weir.Routing.Language;

/// <summary>A block that a configuration has and that does not run.</summary>
/// <param name="Id">As other blocks would refer to it.</param>
/// <param name="Name">The block's name.</param>
/// <param name="Place">Name and label in the file.</param>
/// <param name="Reason">Why.</param>
public sealed record DisabledBlock(string Id, string Name, SourcePlace Place, string Reason);

/// <summary>Where bodies stand that something is taken out of.</summary>
/// <param name="Shown">What ids in messages begin with.</param>
/// <param name="Path">What the ids of running components begin with, without the slash behind it.</param>
/// <param name="Kind">What may stand in them.</param>
/// <param name="Declared">Namespaces and declarations that are known around them.</param>
internal sealed record PruningPlace(
    string Shown, string Path, ModuleKind Kind, IReadOnlyCollection<string> Declared)
{
    /// <summary>The files that the node was started with.</summary>
    public static PruningPlace Configuration { get; } = new("", "", ModuleKind.Configuration, []);

    /// <summary>How many modules it stands in.</summary>
    public int Depth { get; init; }

    /// <summary>The files of an imported module.</summary>
    public static PruningPlace OfModule(string path) => new(path + "/", path, ModuleKind.Import, []);
}

/// <summary>
/// Takes blocks that Alloy has and Weir has not out of a configuration, and with them what cannot work without them:
/// a reference in a list is left out; a component with another kind of reference, or with a list that loses all of its
/// elements, is disabled as well.
/// </summary>
/// <param name="load">What there is, and what runs already.</param>
/// <param name="diagnostics">Gets a warning for all that is left out.</param>
/// <param name="place">Where the bodies stand.</param>
internal sealed class UnsupportedPruning(LoadContext load, DiagnosticBag diagnostics, PruningPlace place)
{
    private const string Code = "disabled";

    // As many modules may stand in each other; one that imports itself is refused when it is made.
    private const int DepthMax = Module.DepthMax;

    // Of an id: the longest name of Alloy has three parts, a component of a module one more, and the label.
    private const int PartsMax = 8;

    private static readonly string[] Joining = ["array.concat", "concat"];

    private readonly Dictionary<string, DisabledBlock> _disabled = new(StringComparer.Ordinal);
    private readonly List<DisabledBlock> _inModules = [];

    // Namespaces and declarations that are known here: a component of theirs may be called like one of Alloy's.
    private readonly HashSet<string> _declared = new(place.Declared, StringComparer.Ordinal);

    // By name of a custom component: the exports that it no longer has.
    private readonly Dictionary<string, List<string>> _lostExports = new(StringComparer.Ordinal);

    // Such exports of the components that are made of it: id and name.
    private readonly HashSet<string> _missing = new(StringComparer.Ordinal);

    /// <summary>What was taken out, in the order of its discovery.</summary>
    public IReadOnlyList<DisabledBlock> Disabled =>
        [.. _disabled.Values.Where(block => block.Name != ModuleBlocks.Export), .. _inModules];

    /// <param name="trees">Files that together are one configuration.</param>
    public IReadOnlyList<SyntaxTree> Prune(IReadOnlyList<SyntaxTree> trees)
    {
        var bodies = Prune([.. trees.Select(tree => tree.Body)]);
        return [.. trees.Zip(bodies, (tree, body) => tree with { Body = body })];
    }

    /// <param name="bodies">Bodies that together are one scope.</param>
    public IReadOnlyList<BodySyntax> Prune(IReadOnlyList<BodySyntax> bodies)
    {
        var blocks = bodies.SelectMany(body => body.Blocks).ToList();
        _declared.UnionWith(blocks.Where(IsNamed).Select(block => block.Label!.Text));
        foreach (var block in blocks.Where(block => IsNamed(block) && block.Name != ModuleBlocks.Declare))
            FindLostExports(block, bodies);
        bodies = [.. bodies.Select(body => PruneModules(body, blocks))];
        blocks = [.. bodies.SelectMany(body => body.Blocks)];
        foreach (var block in blocks) FindUnsupported(block);
        FindImported(blocks);
        foreach (var block in blocks)
            foreach (var export in _lostExports.GetValueOrDefault(block.Name, []))
                _missing.Add($"{ConfiguredBlock.IdOf(block)}.{export}");
        if (_disabled.Count + _missing.Count == 0) return bodies;
        for (var before = -1; before != _disabled.Count;)
        {
            before = _disabled.Count;
            foreach (var block in blocks)
                if (!_disabled.ContainsKey(ConfiguredBlock.IdOf(block))) Rewrite(block, isReported: false);
        }

        return [.. bodies.Select(Pruned)];
    }

    // It gives its name to custom components.
    private static bool IsNamed(BlockSyntax block) => block.Label is not null
        && (block.Name == ModuleBlocks.Declare
            || block.Name.StartsWith(ModuleBlocks.ImportPrefix, StringComparison.Ordinal));

    // What is in the module itself is taken out, and told, when the module is made.
    private void FindLostExports(BlockSyntax import, IReadOnlyList<BodySyntax> bodies)
    {
        var scratch = load.Scratch;
        var around = new Module(scratch, new ModuleDefinition(place.Kind, bodies, scratch), place.Path);
        var path = around.IdOf(ConfiguredBlock.IdOf(import));
        if (place.Depth == DepthMax || !scratch.TryCountModule(import.NamePlace)
            || around.FilesOf(import) is not { } files) return;
        var inside = new UnsupportedPruning(scratch, scratch.Found, PruningPlace.OfModule(path) with
        {
            Depth = place.Depth + 1,
        });
        inside.Prune(scratch.Read(files));
        foreach (var (name, lost) in inside._lostExports) _lostExports[$"{import.Label!.Text}.{name}"] = lost;
    }

    // Modules first: an export that they lose is lost to those who use them.
    private BodySyntax PruneModules(BodySyntax body, IReadOnlyList<BlockSyntax> around) => new(body.Place,
    [
        .. body.Statements.Select(statement => statement is BlockSyntax block ? PruneModule(block, around) : statement),
    ]);

    private BlockSyntax PruneModule(BlockSyntax block, IReadOnlyList<BlockSyntax> around)
    {
        if (block.Name == ModuleBlocks.Declare)
        {
            var name = block.Label?.Text ?? "";
            // One that is made of it stands for all: what it imports is the same.
            var made = around.FirstOrDefault(other => other.Name == name);
            return PruneInside(block, name, made is null ? block.Name + "." + name : ConfiguredBlock.IdOf(made));
        }

        if (block.Name != ModuleBlocks.Foreach) return block;
        return Mender.With(block, new BodySyntax(block.Body.Place,
        [
            .. block.Body.Statements.Select(statement =>
                statement is BlockSyntax { Name: ModuleBlocks.Template } template
                    ? PruneInside(template, ConfiguredBlock.IdOf(block), ConfiguredBlock.IdOf(block)) : statement),
        ]), block.Name);
    }

    private BlockSyntax PruneInside(BlockSyntax block, string name, string id)
    {
        var kind = block.Name == ModuleBlocks.Template ? ModuleKind.Template : ModuleKind.Declaration;
        var inside = new UnsupportedPruning(load, diagnostics, new PruningPlace(
            $"{place.Shown}{name}/", place.Path.Length == 0 ? id : $"{place.Path}/{id}", kind, _declared)
        {
            Depth = place.Depth,
        });
        var body = inside.Prune([block.Body])[0];
        _inModules.AddRange(inside.Disabled);
        _lostExports[name] =
        [
            .. inside._disabled.Values.Where(lost => lost.Name == ModuleBlocks.Export)
                .Select(lost => lost.Id[(lost.Id.LastIndexOf('.') + 1)..]),
        ];
        return Mender.With(block, body, block.Name);
    }

    private void FindUnsupported(BlockSyntax block)
    {
        if (load.Catalog.TryFind(block.Name, out _) || _declared.Contains(block.Name.Split('.')[0])) return;
        if (AlloyNames.IsComponent(block.Name) || IsImport(block) || block.Name == "remotecfg")
            Disable(block, block.NamePlace, "Weir does not support it");
    }

    // What a module that is not imported would have declared.
    private void FindImported(List<BlockSyntax> blocks)
    {
        var missing = blocks.Where(block => IsImport(block) && _disabled.ContainsKey(ConfiguredBlock.IdOf(block)))
            .Select(block => block.Label?.Text).ToList();
        foreach (var block in blocks)
            if (missing.Contains(block.Name.Split('.')[0]))
                Disable(block, block.NamePlace, "the module that it comes from is not imported");
    }

    private static bool IsImport(BlockSyntax block) => block.Name != ModuleBlocks.ImportString
        && block.Name.StartsWith(ModuleBlocks.ImportPrefix, StringComparison.Ordinal);

    private void Disable(BlockSyntax block, SourcePlace at, string reason)
    {
        var id = ConfiguredBlock.IdOf(block);
        if (_disabled.TryAdd(id, new DisabledBlock(place.Shown + id, block.Name, block.HeaderPlace, reason)))
            diagnostics.Warning(at, $"{place.Shown}{id} does not run: {reason}", code: Code);
    }

    private BodySyntax Pruned(BodySyntax body) => new(body.Place,
    [
        .. body.Statements.Where(statement =>
                statement is not BlockSyntax block || !_disabled.ContainsKey(ConfiguredBlock.IdOf(block)))
            .Select(statement => statement is BlockSyntax block ? Rewrite(block, isReported: true) : statement),
    ]);

    /// <summary>Leaves references to disabled blocks out. Disables the block where it cannot do without.</summary>
    private BlockSyntax Rewrite(BlockSyntax block, bool isReported) => block.Name == ModuleBlocks.Declare
        ? block : Mender.With(block, Rewrite(block.Body, block, isReported), block.Name);

    private BodySyntax Rewrite(BodySyntax body, BlockSyntax owner, bool isReported)
    {
        var statements = new List<StatementSyntax>(body.Statements.Count);
        foreach (var statement in body.Statements)
        {
            if (statement is BlockSyntax { Name: ModuleBlocks.Template } && owner.Name == ModuleBlocks.Foreach)
            {
                statements.Add(statement); // a scope of its own
                continue;
            }

            if (statement is BlockSyntax nested)
            {
                statements.Add(Mender.With(nested, Rewrite(nested.Body, owner, isReported), nested.Name));
                continue;
            }

            var attribute = (AttributeSyntax)statement;
            if (Rewrite(attribute.Value, isReported) is { } value)
            {
                statements.Add(ReferenceEquals(value, attribute.Value) ? attribute
                    : new AttributeSyntax(attribute.Name, attribute.NamePlace, value));
            }
            // A block of the node goes on without the argument: logging still logs.
            else if (!load.Catalog.TryFind(owner.Name, out var description) || description.IsComponent)
            {
                Disable(owner, attribute.Value.Place,
                    $"\"{attribute.Name}\" needs {string.Join(", ", DisabledIn(attribute.Value))}, which does not run");
            }
        }

        return new BodySyntax(body.Place, statements);
    }

    /// <returns>Null when nothing is left of it.</returns>
    private ExpressionSyntax? Rewrite(ExpressionSyntax expression, bool isReported)
    {
        if (DisabledIn(expression).Count == 0) return expression;
        switch (expression)
        {
            case ArraySyntax array when Left(array.Elements, isReported) is { Count: > 0 } elements:
                return new ArraySyntax(array.Place, elements, array.Height);
            case CallSyntax call when Joining.Contains(call.Function.Place.Text.ToString())
                && Left(call.Arguments, isReported) is { Count: > 0 } arguments:
                return new CallSyntax(call.Place, call.Function, arguments, call.Height);
            case ParenthesizedSyntax parenthesized when Rewrite(parenthesized.Inside, isReported) is { } inside:
                return new ParenthesizedSyntax(parenthesized.Place, inside);
            default: return null;
        }
    }

    private List<ExpressionSyntax> Left(IReadOnlyList<ExpressionSyntax> expressions, bool isReported)
    {
        var left = new List<ExpressionSyntax>(expressions.Count);
        foreach (var expression in expressions)
        {
            if (Rewrite(expression, isReported) is { } kept) left.Add(kept);
            else if (isReported && expression is not ArraySyntax) // of a list, its elements have been told
                diagnostics.Warning(expression.Place,
                    $"this is left out: {string.Join(", ", DisabledIn(expression))} does not run", code: Code);
        }

        return left;
    }

    private List<string> DisabledIn(ExpressionSyntax expression) =>
    [
        .. References.In(expression).Select(reference => DisabledOf(reference.Path)).OfType<string>().Distinct(),
    ];

    private string? DisabledOf(IReadOnlyList<string> path)
    {
        for (var parts = Math.Min(path.Count, PartsMax); parts > 0; parts--)
        {
            var id = string.Join('.', path.Take(parts));
            if (_disabled.ContainsKey(id) || _missing.Contains(id)) return id;
        }

        return null;
    }
}
