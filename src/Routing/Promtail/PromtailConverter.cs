using System.Diagnostics;
using Weir.Routing.Language;

namespace Weir.Routing.Promtail;

/// <summary>
/// Converts Promtail's file to the configuration language. It reads as strictly as Promtail does. An error says that
/// the file is wrong, or that what is collected or where it goes would change; a warning, that something has no
/// equivalent but little depends on it.
/// </summary>
public static class PromtailConverter
{
    /// <summary>Most diagnostics of a file: nobody reads more of them at once.</summary>
    public const int DiagnosticsMax = 200;

    /// <summary>Converts a file.</summary>
    /// <param name="file">The file as its operator wrote it; places in diagnostics refer to it.</param>
    /// <param name="environment">Reads a variable; null when it is not set.</param>
    /// <param name="expands">As <c>-config.expand-env</c>. Without it <c>${…}</c> is left alone, unless it stands in a
    /// client's address: then the file is meant for that flag.</param>
    /// <param name="diagnostics">Gets errors and warnings. With an error the result is not the same as the file: refuse
    /// it, unless the operator says otherwise.</param>
    /// <returns>Null when the file cannot be read at all.</returns>
    public static PromtailConversion? Convert(
        SourceFile file, Func<string, string?> environment, bool expands, DiagnosticBag diagnostics)
    {
        var found = new DiagnosticBag();
        var conversion = ConvertInto(file, environment, expands || IsMeantToBeExpanded(file, found), found);
        // What stands behind an anchor is read once for each of its aliases. Errors go before warnings, so that none is
        // cut off by them.
        diagnostics.AddRange(found.Items.Distinct().OrderByDescending(item => item.Severity).Take(DiagnosticsMax));
        return conversion;
    }

    private static bool IsMeantToBeExpanded(SourceFile file, DiagnosticBag found)
    {
        if (YamlDocument.Read(ExpandedText.Unchanged(file), new DiagnosticBag()) is not YamlMap root
            || UnexpandedVariables.InAddress(root) is not { } place) return false;
        found.Warning(place, "an address is made of variables: all ${…} of the file are expanded",
            "Promtail does so with -config.expand-env=true, weir with --config.expand-env");
        return true;
    }

    private static PromtailConversion? ConvertInto(
        SourceFile file, Func<string, string?> environment, bool expands, DiagnosticBag found)
    {
        var text = expands ? EnvironmentExpansion.Expand(file, environment, found) : ExpandedText.Unchanged(file);
        if (text is null || YamlDocument.Read(text, found) is not { } root) return null;
        if (root is YamlScalar { IsNull: true }) root = new YamlMap(root.Place, []);
        if (root is not YamlMap map)
        {
            found.Error(root.Place, "this is no file of Promtail: it holds no fields",
                "it begins with server: or clients:");
            return null;
        }
        if (!expands) UnexpandedVariables.Report(map, found);
        var (alloy, address) = new FileConverter(new Section(map, "", map.Place, found), file, found).Convert();
        var source = new SourceFile(file.Name + " (converted)", alloy);
        var formatting = new DiagnosticBag();
        var formatted = Formatter.Format(source, formatting);
        Debug.Assert(formatted is not null, formatting.HasErrors ? formatting.Items[0].ToString() : "");
        return new PromtailConversion(formatted ?? alloy, address);
    }
}
