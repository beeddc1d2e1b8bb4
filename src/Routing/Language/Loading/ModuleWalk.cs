namespace Weir.Routing.Language;

/// <summary>Goes through a module and all that it makes: checks everything, and lists what is to run.</summary>
internal sealed class ModuleWalk(LoadContext load)
{
    private readonly HashSet<ModuleDefinition> _checked = new(ReferenceEqualityComparer.Instance);

    private List<ConfiguredBlock> _examined = [];

    /// <summary>What is to run, in file order.</summary>
    public List<ConfiguredBlock> Blocks { get; } = [];

    /// <summary>What stands in templates that have no items, or none that are known.</summary>
    public List<ConfiguredBlock> Templates { get; } = [];

    public void Walk(Module module)
    {
        var definition = module.Definition;
        foreach (var (name, declaration) in definition.Declarations)
            if (_checked.Add(declaration))
                Walk(module.Inner(declaration, $"{ModuleBlocks.Declare}.{name}", null, isCheck: true));
        foreach (var (name, block) in definition.Imports) WalkImport(module, name, block);
        foreach (var (description, syntax) in definition.Blocks) Add(module, description, syntax);
        foreach (var (id, call) in definition.Calls) WalkCall(module, id, call);
        foreach (var argument in definition.Arguments.Values) Check(module, typeof(ArgumentOptions), argument);
        foreach (var export in definition.Exports.Values) Check(module, typeof(ExportOptions), export);
        foreach (var loop in definition.Loops) WalkLoop(module, loop);
    }

    private void Add(Module module, BlockDescription description, BlockSyntax syntax)
    {
        var evaluation = Check(module, description.Options, syntax);
        (module.IsCheck ? _examined : Blocks).Add(
            new ConfiguredBlock(description, syntax, module, evaluation.Read, evaluation.MetUnknownModule));
    }

    /// <summary>Binds a block to the types of what it refers to; the values come when it runs.</summary>
    private Evaluation Check(Module module, Type options, BlockSyntax syntax)
    {
        var problems = new DiagnosticBag();
        var evaluation = new Evaluation(static _ => null, isStrict: false, problems);
        if (load.Syntax.CountIn(syntax) == 0)
            new Binder(new ModuleScope(module, evaluation), problems).Bind(options, syntax);
        module.Report(problems, load.Found);
        return evaluation;
    }

    private void WalkImport(Module module, string name, BlockSyntax block)
    {
        if (block.Name == ModuleBlocks.ImportString) Check(module, typeof(ImportStringOptions), block);
        else if (load.Catalog.TryFind(block.Name, out var description)) Add(module, description, block);
        else load.Unsupported(block);
        if (module.Namespace(name) is { } imported) Walk(imported);
    }

    private void WalkCall(Module module, string id, BlockSyntax call)
    {
        if (!module.Declares(call.Name))
        {
            load.Unsupported(call);
            return;
        }

        if (call.Label is null)
            load.Found.Error(call.NamePlace, $"\"{call.Name}\" needs a label", $"{call.Name} \"default\" {{ … }}");
        if (call.Label is null || load.Syntax.CountIn(call) > 0) return;
        var problems = new DiagnosticBag();
        var evaluation = new Evaluation(static _ => null, isStrict: false, problems);
        foreach (var attribute in call.Body.Attributes) evaluation.Evaluate(module, attribute.Value);
        if (module.Custom(id) is { } made)
        {
            CheckArguments(made, call, evaluation, problems);
            module.Report(problems, load.Found);
            Walk(made);
        }
        else
        {
            module.Report(problems, load.Found);
        }
    }

    private static void CheckArguments(Module made, BlockSyntax call, Evaluation evaluation, DiagnosticBag problems)
    {
        var arguments = made.Definition.Arguments;
        var given = new HashSet<string>(StringComparer.Ordinal);
        foreach (var attribute in call.Body.Attributes)
        {
            if (!given.Add(attribute.Name))
                problems.Error(attribute.NamePlace, $"attribute \"{attribute.Name}\" may only be given once");
            else if (!arguments.ContainsKey(attribute.Name))
                problems.Error(attribute.NamePlace, $"unrecognized attribute \"{attribute.Name}\" in {call.Name}",
                    Suggestion.DidYouMean(attribute.Name, arguments.Keys)
                    ?? $"it would be declared with argument \"{attribute.Name}\" {{ }}");
        }

        foreach (var block in call.Body.Blocks)
            problems.Error(block.NamePlace, $"unrecognized block \"{block.Name}\" in {call.Name}",
                "a custom component has arguments only");
        foreach (var (name, declared) in arguments)
        {
            if (given.Contains(name)) continue;
            var optional = Evaluation.Find(declared.Body, "optional") is { } value
                ? evaluation.Evaluate(made, value) : null;
            if (optional is not BoolValue { Value: true })
                problems.Error(call.HeaderPlace, $"missing required attribute \"{name}\" in {call.Name}");
        }
    }

    private void WalkLoop(Module module, Loop loop)
    {
        var id = ConfiguredBlock.IdOf(loop.Arguments);
        Check(module, typeof(ForeachOptions), loop.Arguments);
        if (load.BindShape<ForeachOptions>(module, loop.Arguments) is not { } options) return;
        if (!StringLiteral.IsIdentifier(options.Variable))
            load.Found.Error(loop.Arguments.HeaderPlace,
                $"var: \"{options.Variable}\" is no name that expressions can use",
                "use letters, digits and underscores");
        var collection = Evaluation.Find(loop.Arguments.Body, "collection");
        var isKnown = !module.IsCheck && collection is not null
            && load.Shape(module, collection) is not UnknownValue;
        var hasItems = isKnown && options.Collection.Count > 0;
        if (_checked.Add(loop.Template) || !hasItems)
        {
            var examined = Examine(module.Inner(
                loop.Template, id, new(options.Variable, UnknownValue.Untyped), isCheck: true));
            if (!hasItems && !module.IsCheck) Templates.AddRange(examined);
        }

        if (module.IsCheck) return;
        if (!isKnown)
            load.Awaited.Add($"{loop.Arguments.HeaderPlace}: the collection of {module.IdOf(id)} is not known");
        if (!hasItems) return;
        foreach (var (name, item) in LoopItems.Of(options))
            if (load.TryCountModule(loop.Arguments.HeaderPlace))
                Walk(module.Inner(loop.Template, $"{id}/{name}", new(options.Variable, item), isCheck: false));
    }

    /// <summary>Finds the mistakes of a template, with an item of which nothing is known.</summary>
    private List<ConfiguredBlock> Examine(Module template)
    {
        var outside = _examined;
        _examined = [];
        Walk(template);
        var examined = _examined;
        _examined = outside;
        return examined;
    }
}
