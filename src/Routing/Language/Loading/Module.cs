namespace Weir.Routing.Language;

/// <summary>The item of a <c>foreach</c> under its name.</summary>
internal sealed record LoopVariable(string Name, Value Value);

/// <summary>
/// A definition at work: the configuration itself, a custom component, a namespace, an item of a <c>foreach</c>.
/// Custom components and namespaces in it are made when they are first asked for.
/// </summary>
internal sealed class Module(LoadContext load, ModuleDefinition definition, string path)
{
    // A module that imports itself would never end.
    public const int DepthMax = 32;

    private readonly Dictionary<string, Module?> _custom = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Module?> _namespaces = new(StringComparer.Ordinal);

    public LoadContext Load => load;

    public ModuleDefinition Definition => definition;

    /// <summary>What the ids of its components begin with; empty for the configuration itself.</summary>
    public string Path => path;

    /// <summary>Around it in the text: what it declares and imports is known here too; null for what comes from
    /// another file.</summary>
    public Module? Outer { get; init; }

    /// <summary>Where it is made; null for the configuration itself.</summary>
    public Module? Parent { get; init; }

    /// <summary>The block that makes it, with its arguments; null unless it is a custom component.</summary>
    public BlockSyntax? Call { get; init; }

    /// <summary>Null unless it is an item of a <c>foreach</c>.</summary>
    public LoopVariable? Variable { get; init; }

    /// <summary>It is made to find mistakes: its components never run.</summary>
    public bool IsCheck { get; init; }

    private int Depth { get; init; }

    /// <summary>The id of one of its blocks in the whole configuration.</summary>
    public string IdOf(string id) => path.Length == 0 ? id : $"{path}/{id}";

    /// <summary>The custom component of an id within the module.</summary>
    /// <returns>Null when its module is not known yet or has a mistake.</returns>
    public Module? Custom(string id)
    {
        if (_custom.TryGetValue(id, out var known)) return known;
        return _custom[id] = Make(id, definition.Calls[id]);
    }

    /// <summary>A part of the same text that sees what this module sees: a template, or a declaration to be
    /// checked.</summary>
    public Module Inner(ModuleDefinition inner, string id, LoopVariable? variable, bool isCheck) =>
        new(load, inner, IdOf(id))
        {
            Outer = this, Parent = this, Variable = variable, IsCheck = IsCheck || isCheck, Depth = Depth + 1,
        };

    /// <summary>The module behind a namespace.</summary>
    /// <returns>Null when it is not known yet or has a mistake.</returns>
    public Module? Namespace(string name)
    {
        if (_namespaces.TryGetValue(name, out var known)) return known;
        var block = definition.Imports[name];
        if (FilesOf(block) is not { } files || IsTooDeep(block) || !load.TryCountModule(block.NamePlace))
            return _namespaces[name] = null;
        return _namespaces[name] = new Module(
            load, load.Parse(files, IdOf(ConfiguredBlock.IdOf(block)), IsCheck), IdOf(ConfiguredBlock.IdOf(block)))
            {
                Parent = this, IsCheck = IsCheck, Depth = Depth + 1,
            };
    }

    /// <summary>Whether a name is that of a namespace or a declaration here.</summary>
    public bool Declares(string name)
    {
        var first = name.Split('.')[0];
        for (var at = this; at is not null; at = at.Outer)
            if (at.Definition.Imports.ContainsKey(first) || at.Definition.Declarations.ContainsKey(first)) return true;
        return false;
    }

    /// <summary>Takes over mistakes, those in a custom component with its name: the same text may work
    /// elsewhere.</summary>
    public void Report(DiagnosticBag problems, DiagnosticBag found)
    {
        foreach (var problem in problems.Items)
        {
            if (found.Items.Any(item => item.Place == problem.Place && item.Message.StartsWith(
                problem.Message, StringComparison.Ordinal))) continue;
            found.Add(MadeBy() is { } block
                ? problem with { Message = $"{problem.Message} (in {path}, made in {block.HeaderPlace})" } : problem);
        }
    }

    private BlockSyntax? MadeBy()
    {
        var at = this;
        while (at is { Call: null }) at = at.Parent;
        return at?.Call;
    }

    private Module? Make(string id, BlockSyntax call)
    {
        if (!TryFind(call, out var home, out var declared) || IsTooDeep(call)) return null;
        for (var at = this; at is not null; at = at.Parent)
        {
            if (!ReferenceEquals(at.Definition, declared)) continue;
            load.Found.Error(call.NamePlace, $"\"{call.Name}\" contains itself", "a module cannot be made of itself");
            return null;
        }

        if (!load.TryCountModule(call.NamePlace)) return null;
        return new Module(load, declared, IdOf(id))
        {
            Outer = home, Parent = this, Call = call, IsCheck = IsCheck, Depth = Depth + 1,
        };
    }

    private bool TryFind(BlockSyntax call, out Module home, out ModuleDefinition declared)
    {
        (home, declared) = (this, definition);
        string[] parts = call.Name.Split('.');
        for (var at = this; at is not null; at = at.Outer)
        {
            home = at;
            if (parts.Length == 1 && at.Definition.Declarations.TryGetValue(parts[0], out declared!)) return true;
            if (!at.Definition.Imports.ContainsKey(parts[0])) continue;
            if (at.Namespace(parts[0]) is not { } imported) return false;
            home = imported;
            if (parts.Length == 2 && imported.Definition.Declarations.TryGetValue(parts[1], out declared!)) return true;
            load.Found.Error(call.NamePlace, $"module \"{parts[0]}\" declares no \"{string.Join('.', parts[1..])}\"",
                Suggestion.DidYouMean(parts[^1], imported.Definition.Declarations.Keys));
            return false;
        }

        return false;
    }

    private bool IsTooDeep(BlockSyntax block)
    {
        if (Depth < DepthMax) return false;
        load.Found.Error(block.NamePlace, $"modules are nested more than {DepthMax} levels deep",
            "does a module import itself?");
        return true;
    }

    /// <summary>The files that an <c>import</c> block of it names.</summary>
    /// <returns>Null when they are not known yet.</returns>
    public IReadOnlyList<SourceFile>? FilesOf(BlockSyntax block)
    {
        if (block.Name != ModuleBlocks.ImportString)
        {
            if (!load.Catalog.TryFind(block.Name, out _)) return null; // reported
            if (load.ModuleOf(IdOf(ConfiguredBlock.IdOf(block))) is { } module) return module.Files;
        }
        else if (Evaluation.Find(block.Body, "content") is { } content)
        {
            var name = $"{block.Place.File}:{ConfiguredBlock.IdOf(block)}";
            var value = load.Shape(this, content);
            if (value is StringValue text) return [new SourceFile(name, text.Text)];
            if (value is SecretValue secret) return [new SourceFile(name, secret.Reveal()) { IsSecret = true }];
        }

        if (!IsCheck)
            load.Awaited.Add($"{block.HeaderPlace}: the module {IdOf(ConfiguredBlock.IdOf(block))} is not known");
        return null;
    }
}
