using System.Runtime.InteropServices;
using Weir.Routing.Components;
using Weir.Routing.Doctor;
using Weir.Routing.Language;
using Weir.Routing.Ports;
using Weir.Routing.Promtail;

namespace Weir.Node.Agent;

/// <summary>A configuration as read and checked.</summary>
/// <param name="Plans">What the graph runs, in evaluation order; null when there are errors.</param>
/// <param name="Errors">Rendered, one an element; empty when there are plans.</param>
/// <param name="Warnings">Rendered.</param>
/// <param name="Findings">Errors and warnings as found, by place.</param>
internal sealed record ReadConfiguration(
    IReadOnlyList<ComponentPlan>? Plans, IReadOnlyList<string> Errors, IReadOnlyList<string> Warnings,
    IReadOnlyList<Diagnostic> Findings)
{
    /// <summary>Blocks that are left out.</summary>
    public IReadOnlyList<DisabledBlock> Disabled { get; init; } = [];

    public static ReadConfiguration Of(IReadOnlyList<ComponentPlan>? plans, IReadOnlyList<Diagnostic> findings) =>
        new(plans, Rendered(findings, DiagnosticSeverity.Error), Rendered(findings, DiagnosticSeverity.Warning),
            findings);

    private static List<string> Rendered(IEnumerable<Diagnostic> findings, DiagnosticSeverity severity) =>
    [
        .. findings.Where(finding => finding.Severity == severity)
            .Select(finding => DiagnosticRenderer.Render(finding).TrimEnd()),
    ];
}

/// <summary>Reads configuration files and turns them into plans of components.</summary>
internal sealed class ConfigurationReader
{
    /// <summary>What Alloy reads of a folder.</summary>
    private const string FolderPattern = "*.alloy";

    private readonly IComponentCatalog _catalog;
    private readonly IScope _library;
    private readonly ConfigurationLoader _loader;
    private readonly ConfigurationFormat _format;
    private readonly IHostInspection? _host;

    /// <param name="host">With it, what was read is also examined for mistakes that do not keep it from loading.
    /// </param>
    public ConfigurationReader(Stability least, ConfigurationFormat format, IHostInspection? host = null)
    {
        _host = host;
        _format = format;
        _catalog = ComponentCatalog.Scan(typeof(Graph).Assembly, typeof(ConfigurationReader).Assembly);
        _library = StandardLibrary.For(FactsOfHost());
        _loader = new ConfigurationLoader(_catalog, _library, least, format.SkipsUnsupported);
    }

    /// <summary>Reads a file, or all <c>*.alloy</c> files of a folder as one configuration.</summary>
    public ReadConfiguration ReadPath(string path)
    {
        try
        {
            return _format.IsPromtail ? ReadPromtail(path) : Read(SourcesOf(path));
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            var place = new SourcePlace(new SourceFile(path, ""), 0, 0);
            var finding = new Diagnostic(
                DiagnosticSeverity.Error, place, $"cannot be read: {unreadable.Message}") { Code = "unreadable" };
            return new ReadConfiguration(null, [$"{path}: {finding.Message}"], [], [finding]);
        }
    }

    public ReadConfiguration Read(IReadOnlyList<SourceFile> files)
    {
        var diagnostics = new DiagnosticBag();
        IReadOnlyList<SyntaxTree> trees = [.. files.Select(Parser.Parse)];
        var loaded = _loader.Load(trees, diagnostics, out var understood);
        if (_host is not null) ConfigurationDoctor.Examine(understood, trees, _library, _host, diagnostics);
        // Settings last: logging.write_to may refer to components.
        var plans = loaded is null ? null
            : loaded.Components.Concat(loaded.Settings).Select(PlanOf).ToList();
        return ReadConfiguration.Of(plans, diagnostics.Sorted()) with { Disabled = loaded?.Disabled ?? [] };
    }

    private ReadConfiguration ReadPromtail(string path)
    {
        var diagnostics = new DiagnosticBag();
        var conversion = PromtailConverter.Convert(
            SourceFile.Decode(path, File.ReadAllBytes(path)),
            _format.ExpandEnvironment ? Environment.GetEnvironmentVariable : null, diagnostics);
        var converting = ReadConfiguration.Of(null, diagnostics.Sorted());
        if (conversion is null || (diagnostics.HasErrors && !_format.BypassErrors)) return converting;
        var read = Read([new SourceFile($"{path} (converted)", conversion.AlloyText)]);
        return read with
        {
            Warnings = [.. converting.Errors, .. converting.Warnings, .. read.Warnings],
            Findings = [.. converting.Findings.Select(Bypassed), .. read.Findings],
        };
    }

    // What the operator chose to pass over.
    private static Diagnostic Bypassed(Diagnostic finding) => finding with { Severity = DiagnosticSeverity.Warning };

    /// <exception cref="IOException">Nothing is there, or it cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not read it.</exception>
    public static IReadOnlyList<SourceFile> SourcesOf(string path)
    {
        if (!Directory.Exists(path)) return [SourceFile.Decode(path, File.ReadAllBytes(path))];
        var files = Directory.GetFiles(path, FolderPattern).Order(StringComparer.Ordinal).ToList();
        if (files.Count == 0) throw new FileNotFoundException($"the folder has no {FolderPattern} file");
        return [.. files.Select(file => SourceFile.Decode(file, File.ReadAllBytes(file)))];
    }

    private ComponentPlan PlanOf(ConfiguredBlock block) =>
        new(block.Id, block.Name, block.References, exportsOf => Evaluate(block, exportsOf));

    private PlanResult Evaluate(ConfiguredBlock block, Func<string, object?> exportsOf)
    {
        var scope = new ComponentScope(_library);
        foreach (var id in block.References)
            if (exportsOf(id) is { } exports) scope.Publish(id, exports);
        var diagnostics = new DiagnosticBag();
        var options = block.Evaluate(scope, diagnostics);
        return new PlanResult(options, [.. diagnostics.Sorted()
            .Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error)
            .Select(diagnostic => DiagnosticRenderer.Render(diagnostic).TrimEnd())]);
    }

    private static HostFacts FactsOfHost() => new()
    {
        Environment = Environment.GetEnvironmentVariable,
        Hostname = Environment.MachineName,
        Os = "linux",
        Arch = RuntimeInformation.ProcessArchitecture switch
        {
            Architecture.X64 => "amd64",
            Architecture.Arm64 => "arm64",
            var other => other.ToString().ToLowerInvariant(),
        },
        Version = NodeVersion.Text,
    };
}
