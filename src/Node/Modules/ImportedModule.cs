using Weir.Routing.Components;
using Weir.Routing.Language;

namespace Weir.Node.Modules;

/// <summary>What the admin endpoint shows of an imported module.</summary>
public sealed record ModuleStatus(IReadOnlyList<string> Files);

/// <summary>The newest text of a module that could be parsed. Immutable.</summary>
internal sealed record ImportedModule(IReadOnlyList<SourceFile> Files)
{
    public static readonly ImportedModule None = new([]);

    public ModuleStatus Status => new([.. Files.Select(file => file.Name)]);

    /// <summary>Takes over a text and exports it, if it is another one.</summary>
    /// <exception cref="ComponentException">It has syntax errors: the former stays.</exception>
    public ImportedModule Take(IReadOnlyList<SourceFile> files, IComponentHost host)
    {
        foreach (var file in files)
        {
            var tree = Parser.Parse(file);
            if (tree.Diagnostics.FirstOrDefault(item => item.Severity == DiagnosticSeverity.Error) is not { } error)
                continue;
            throw new ComponentException($"the module has a mistake: {DiagnosticRenderer.Render(error).TrimEnd()}");
        }

        var isSame = Files.Count == files.Count && Files.Zip(files).All(pair =>
            pair.First.Name == pair.Second.Name && pair.First.Text == pair.Second.Text);
        if (!isSame) host.Export(new ModuleExports(files));
        host.Report(HealthState.Healthy, "the module is read");
        return isSame ? this : new ImportedModule(files);
    }
}
