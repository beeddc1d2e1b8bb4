namespace Weir.Routing.Language;

/// <summary>
/// Takes what real configurations carry although Alloy refuses it: where what is meant is certain, the statement is
/// left out, renamed or completed, with a warning; where it is not, it is refused with the right spelling.
/// </summary>
/// <remarks>Works on the tree before it is checked, so that everything behind it knows one language.</remarks>
internal sealed class Mender(bool discoversDocker, DiagnosticBag diagnostics)
{
    private const string Code = "foreign-argument";

    // Their bodies hold components, as a file does.
    private static readonly string[] Modules = ["declare", "foreach", "template"];

    /// <param name="trees">Files that together are one configuration.</param>
    /// <param name="diagnostics">Gets what was mended, and what could not be.</param>
    public static IReadOnlyList<SyntaxTree> Mend(IReadOnlyList<SyntaxTree> trees, DiagnosticBag diagnostics)
    {
        var discovers = trees.Any(tree => tree.Body.Blocks.Any(block => block.Name == ImpliedTargets.Discovery));
        var mender = new Mender(discovers, diagnostics);
        return [.. trees.Select(tree => tree with { Body = mender.Mend(tree.Body, "") })];
    }

    private BodySyntax Mend(BodySyntax body, string block)
    {
        var statements = new List<StatementSyntax>(body.Statements.Count);
        var changed = false;
        foreach (var statement in body.Statements)
        {
            var before = statements.Count;
            Mend(statement, block, statements);
            changed |= statements.Count != before + 1 || !ReferenceEquals(statements[before], statement);
        }

        return changed ? new BodySyntax(body.Place, statements) : body;
    }

    private void Mend(StatementSyntax statement, string outer, List<StatementSyntax> kept)
    {
        if (outer.Length == 0 && statement is BlockSyntax { Name: "server" } server)
        {
            diagnostics.Warning(server.NamePlace, "block \"server\" is Promtail's and has no effect",
                PromtailServer.HintFor(server), Code);
            return;
        }

        if (ForeignStatement.Find(outer, statement) is { } foreign)
        {
            statement = Judge(statement, foreign)!;
            if (statement is null) return;
        }

        if (statement is not BlockSyntax block)
        {
            kept.Add(statement);
            return;
        }

        var body = Mend(block.Body, Modules.Contains(block.Name) ? "" : block.Name);
        if (!ReferenceEquals(body, block.Body)) block = With(block, body, block.Name);
        if (block.Name == ImpliedTargets.Source && block.Label is not null
            && block.Body.Attributes.All(attribute => attribute.Name != "targets"))
            block = ImpliedTargets.Complete(block, discoversDocker, diagnostics, kept);
        kept.Add(block);
    }

    /// <returns>What it becomes; null when it is left out.</returns>
    private StatementSyntax? Judge(StatementSyntax statement, ForeignStatement foreign)
    {
        var message = $"\"{statement.Name}\" {foreign.Message}";
        if (foreign.Verdict == ForeignVerdict.Refused)
        {
            diagnostics.Error(statement.NamePlace, message, foreign.Hint, Code);
            return null;
        }

        var isRenamed = foreign.Verdict == ForeignVerdict.Renamed;
        diagnostics.Warning(
            statement.NamePlace, message, isRenamed ? $"write {foreign.Hint}" : foreign.Hint, Code);
        if (!isRenamed) return null;
        return statement is AttributeSyntax attribute
            ? new AttributeSyntax(foreign.Hint, attribute.NamePlace, attribute.Value)
            : With((BlockSyntax)statement, ((BlockSyntax)statement).Body, foreign.Hint);
    }

    internal static BlockSyntax With(BlockSyntax block, BodySyntax body, string name) =>
        new(name, block.NamePlace, block.Label, body, block.Open, block.Close);
}
