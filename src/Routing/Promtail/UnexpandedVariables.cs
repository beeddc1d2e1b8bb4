using System.Text.RegularExpressions;
using Weir.Routing.Language;

namespace Weir.Routing.Promtail;

/// <summary>Finds <c>${NAME}</c> in a file whose variables are not expanded: most likely a flag was
/// forgotten.</summary>
internal static partial class UnexpandedVariables
{
    private const string Hint =
        "Promtail expands variables with -config.expand-env=true, weir with --config.expand-env";

    // There a $ has a meaning of its own.
    private static readonly HashSet<string> Exempt = ["relabel_configs", "pipeline_stages"];

    public static void Report(YamlMap root, DiagnosticBag diagnostics)
    {
        foreach (var entry in root.Entries)
            Report(entry.Value, entry.Key.Text is "client" or "clients", diagnostics);
    }

    /// <returns>A client's address that holds a variable; null when there is none.</returns>
    public static SourcePlace? InAddress(YamlMap root) => root.Entries
        .Where(entry => entry.Key.Text is "client" or "clients")
        .SelectMany(entry => entry.Value is YamlList list ? list.Items : [entry.Value])
        .OfType<YamlMap>()
        .SelectMany(client => client.Entries)
        .Where(field => field.Key.Text == "url" && field.Value is YamlScalar url && Variable().IsMatch(url.Text))
        .Select(field => (SourcePlace?)field.Value.Place).FirstOrDefault();

    private static void Report(YamlNode node, bool isClient, DiagnosticBag diagnostics)
    {
        switch (node)
        {
            case YamlScalar scalar when Variable().Match(scalar.Text) is { Success: true } found:
                var message = $"{found.Value}}} is not expanded, but stands for itself";
                if (isClient) diagnostics.Error(scalar.Place, message, Hint);
                else diagnostics.Warning(scalar.Place, message, Hint);
                break;
            case YamlList list:
                foreach (var item in list.Items) Report(item, isClient, diagnostics);
                break;
            case YamlMap map:
                foreach (var entry in map.Entries)
                    if (!Exempt.Contains(entry.Key.Text)) Report(entry.Value, isClient, diagnostics);
                break;
        }
    }

    [GeneratedRegex(@"\$\{[A-Za-z_][A-Za-z0-9_]*", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Variable();
}
