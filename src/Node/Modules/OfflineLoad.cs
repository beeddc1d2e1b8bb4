using Weir.Routing.Language;

namespace Weir.Node.Modules;

/// <summary>A configuration as far as it can be known without running it.</summary>
/// <param name="Loaded">Null when there is a mistake.</param>
/// <param name="Understood">All blocks of known names, those with mistakes too.</param>
internal sealed record OfflineConfiguration(
    LoadedConfiguration? Loaded, IReadOnlyList<ConfiguredBlock> Understood, DiagnosticBag Diagnostics);

/// <summary>Loads a configuration that does not run, with the modules that lie in files, and those that they
/// import.</summary>
internal static class OfflineLoad
{
    public static OfflineConfiguration Load(ConfigurationLoader loader, IReadOnlyList<SyntaxTree> trees)
    {
        var known = new Dictionary<string, object?>(StringComparer.Ordinal);
        while (true)
        {
            var diagnostics = new DiagnosticBag();
            var loaded = loader.Load(trees, diagnostics, known.GetValueOrDefault, out var understood);
            var imports = loaded?.Components.Where(block => block.Description.Options == typeof(ImportFileOptions)
                && !known.ContainsKey(block.Id)).ToList() ?? [];
            foreach (var block in imports)
            {
                // Without options its file is known only when it runs.
                var options = block.Evaluate(known.GetValueOrDefault, new DiagnosticBag()) as ImportFileOptions;
                known[block.Id] = options is null ? null : Read(block, options, diagnostics);
            }

            if (diagnostics.HasErrors) return new OfflineConfiguration(null, understood, diagnostics);
            if (imports.Count == 0) return new OfflineConfiguration(loaded, understood, diagnostics);
        }
    }

    private static ModuleExports? Read(ConfiguredBlock block, ImportFileOptions options, DiagnosticBag diagnostics)
    {
        try
        {
            return new ModuleExports(ModuleFiles.Read(options.File.Filename));
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            diagnostics.Error(block.Place, $"the module cannot be read: {unreadable.Message}", code: "unreadable");
            return null;
        }
    }
}
