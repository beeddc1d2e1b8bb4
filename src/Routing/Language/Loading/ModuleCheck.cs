namespace Weir.Routing.Language;

/// <summary>Sorts the top-level statements of a configuration and checks their names and labels.</summary>
internal sealed class ModuleCheck(IComponentCatalog catalog, Stability least, DiagnosticBag diagnostics)
{
    private const string UnsupportedCode = "unsupported";

    private readonly Dictionary<SourceFile, int[]> _syntaxErrors = [];
    private readonly Dictionary<string, SourcePlace> _ids = new(StringComparer.Ordinal);
    private readonly HashSet<string> _customNames = new(StringComparer.Ordinal);

    /// <summary>The blocks whose name the catalog has, in file order.</summary>
    public List<(BlockDescription Description, BlockSyntax Syntax)> Blocks { get; } = [];

    /// <summary>What is known of the exports of every component by id, those with mistakes too.</summary>
    public Dictionary<string, Value> Exports { get; } = new(StringComparer.Ordinal);

    /// <summary>Whether a syntax error may have hidden a whole statement.</summary>
    public bool MissesStatements { get; private set; }

    public void Check(IReadOnlyList<SyntaxTree> trees)
    {
        foreach (var tree in trees) CollectCustomNames(tree.Body);
        foreach (var tree in trees)
        {
            int[] errors =
            [
                .. tree.Diagnostics.Where(found => found.Severity == DiagnosticSeverity.Error)
                    .Select(found => found.Place.Offset).Order(),
            ];
            _syntaxErrors[tree.Source] = errors;
            MissesStatements |= tree.Body.Statements.Sum(SyntaxErrorsIn) < errors.Length;
            foreach (var attribute in tree.Body.Attributes) Add(attribute);
            foreach (var block in tree.Body.Blocks) Add(block);
        }
    }

    public bool HasSyntaxErrors(BlockSyntax block) => SyntaxErrorsIn(block) > 0;

    private int SyntaxErrorsIn(StatementSyntax statement)
    {
        // What was implied has none.
        var errors = _syntaxErrors.GetValueOrDefault(statement.Place.Source, []);
        return IndexFrom(errors, statement.Place.End + 1) - IndexFrom(errors, statement.Place.Offset);
    }

    // Index of the first offset that is not smaller. Offsets differ: there is one error a line.
    private static int IndexFrom(int[] offsets, int least)
    {
        var index = Array.BinarySearch(offsets, least);
        return index < 0 ? ~index : index;
    }

    private void CollectCustomNames(BodySyntax body)
    {
        foreach (var block in body.Blocks)
            if (block.Label is { } label
                && (block.Name == "declare" || block.Name.StartsWith("import.", StringComparison.Ordinal)))
                _customNames.Add(label.Text);
    }

    private void Add(AttributeSyntax attribute)
    {
        if (SyntaxErrorsIn(attribute) > 0) MissesStatements = true; // it may have been meant as a block
        else
            diagnostics.Error(attribute.NamePlace, $"attribute \"{attribute.Name}\" stands outside of any block",
                "at the top level of a file there are only blocks");
    }

    private void Add(BlockSyntax block)
    {
        var id = ConfiguredBlock.IdOf(block);
        if (!catalog.TryFind(block.Name, out var description))
        {
            Exports[id] = UnknownValue.Untyped;
            Unsupported(block);
            return;
        }
        if (description.IsComponent) Exports[id] = KnownExports(description);
        CheckStability(description, block);
        if (CheckLabel(description, block) & CheckUnique(id, block)) Blocks.Add((description, block));
    }

    private static ObjectValue KnownExports(BlockDescription description) =>
        description.Exports is null ? new ObjectValue([]) : ExportsSchema.Unknown(description.Exports);

    private void CheckStability(BlockDescription description, BlockSyntax block)
    {
        if (description.Stability >= least) return;
        var level = description.Stability == Stability.Experimental ? "experimental" : "public-preview";
        diagnostics.Error(block.NamePlace, $"\"{block.Name}\" is {level}", $"allow it with --stability.level={level}");
    }

    private bool CheckLabel(BlockDescription description, BlockSyntax block)
    {
        if (description.NeedsLabel == block.Label is not null) return true;
        if (block.Label is { } label)
            diagnostics.Error(label.Place, $"\"{block.Name}\" has no label", "remove it");
        else
            diagnostics.Error(block.NamePlace, $"\"{block.Name}\" needs a label", $"{block.Name} \"default\" {{ … }}");
        return false;
    }

    private bool CheckUnique(string id, BlockSyntax block)
    {
        if (_ids.TryAdd(id, block.HeaderPlace)) return true;
        var hint = block.Label is null ? "merge the two blocks" : "give it another label";
        diagnostics.Error(block.HeaderPlace, $"\"{id}\" is declared in {_ids[id]} already", hint);
        return false;
    }

    private void Unsupported(BlockSyntax block)
    {
        var name = block.Name;
        if (AlloyNames.ConfigurationBlocks.Contains(name))
            diagnostics.Error(block.NamePlace, $"block \"{name}\" is known, but not supported by Weir yet",
                code: UnsupportedCode);
        else if (AlloyNames.Components.Contains(name))
            diagnostics.Error(block.NamePlace, $"component \"{name}\" is known, but not supported by Weir yet",
                "weir run --skip-unsupported runs the rest without it", UnsupportedCode);
        else if (!_customNames.Contains(name.Split('.')[0])) // else its declaration has been reported
            diagnostics.Error(block.NamePlace, $"unrecognized component \"{name}\"",
                Suggestion.DidYouMean(name,
                    catalog.Names.Concat(AlloyNames.Components).Concat(AlloyNames.ConfigurationBlocks)));
    }
}
