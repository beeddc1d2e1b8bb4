using System.Runtime.InteropServices;
using Weir.Node.Modules;
using Weir.Routing.Components;
using Weir.Routing.Doctor;
using Weir.Routing.Language;
using Weir.Routing.Ports;
using Weir.Routing.Promtail;

namespace Weir.Node.Agent;

/// <summary>A configuration as read and checked.</summary>
/// <param name="Plans">What is known to run before anything does, in evaluation order; null when there are
/// errors.</param>
/// <param name="Errors">Rendered, one an element; empty when there are plans.</param>
/// <param name="Warnings">Rendered.</param>
/// <param name="Findings">Errors and warnings as found, by place.</param>
internal sealed record ReadConfiguration(
    IReadOnlyList<ComponentPlan>? Plans, IReadOnlyList<string> Errors, IReadOnlyList<string> Warnings,
    IReadOnlyList<Diagnostic> Findings)
{
    /// <summary>Blocks that are left out.</summary>
    public IReadOnlyList<DisabledBlock> Disabled { get; init; } = [];

    /// <summary>What the graph is to run, given what runs; asked again when what shapes it changes.</summary>
    public PlanGraph Plan { get; init; } = _ => GraphPlan.Of(Plans ?? []);

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
    private readonly ConfigurationLoader _loader;
    private readonly ConfigurationFormat _format;
    private readonly IHostInspection? _host;

    /// <param name="host">With it, what was read is also examined for mistakes that do not keep it from loading.
    /// </param>
    public ConfigurationReader(Stability least, ConfigurationFormat format, IHostInspection? host = null)
    {
        _host = host;
        _format = format;
        var catalog = ComponentCatalog.Scan(typeof(Graph).Assembly, typeof(ConfigurationReader).Assembly);
        var library = StandardLibrary.For(FactsOfHost(isChecking: host is not null));
        _loader = new ConfigurationLoader(catalog, library, least, format.SkipsUnsupported);
    }

    /// <summary>Reads a file, or all <c>*.alloy</c> files of a folder as one configuration.</summary>
    public ReadConfiguration ReadPath(string path)
    {
        try
        {
            return _format.IsPromtail ? ReadPromtail(path) : Read(ModuleFiles.Read(path));
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
        IReadOnlyList<SyntaxTree> trees = [.. files.Select(Parser.Parse)];
        var (loaded, understood, diagnostics) = OfflineLoad.Load(_loader, trees);
        if (_host is not null) ConfigurationDoctor.Examine(understood, trees, _host, diagnostics);
        return ReadConfiguration.Of(loaded is null ? null : PlansOf(loaded), diagnostics.Sorted()) with
        {
            Plan = exportsOf => Plan(trees, exportsOf), Disabled = loaded?.Disabled ?? [],
        };
    }

    private GraphPlan Plan(IReadOnlyList<SyntaxTree> trees, Func<string, object?> exportsOf)
    {
        var diagnostics = new DiagnosticBag();
        var loaded = _loader.Load(trees, diagnostics, exportsOf, out _);
        return loaded is null
            ? new GraphPlan([], [], [], ReadConfiguration.Of(null, diagnostics.Sorted()).Errors)
            : new GraphPlan(PlansOf(loaded), loaded.ShapedBy, loaded.Awaited, []);
    }

    // Settings last: logging.write_to may refer to components.
    private static List<ComponentPlan> PlansOf(LoadedConfiguration loaded) =>
        [.. loaded.Components.Concat(loaded.Settings).Select(PlanOf)];

    private ReadConfiguration ReadPromtail(string path)
    {
        var diagnostics = new DiagnosticBag();
        var conversion = PromtailConverter.Convert(
            SourceFile.Decode(path, File.ReadAllBytes(path)),
            Environment.GetEnvironmentVariable, _format.ExpandEnvironment, diagnostics);
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

    private static ComponentPlan PlanOf(ConfiguredBlock block) => new(
        block.Id, block.Name, block.References, exportsOf => Evaluate(block, exportsOf),
        block.Description.Exports == typeof(ModuleExports));

    private static PlanResult Evaluate(ConfiguredBlock block, Func<string, object?> exportsOf)
    {
        var diagnostics = new DiagnosticBag();
        var options = block.Evaluate(exportsOf, diagnostics);
        return new PlanResult(options, ReadConfiguration.Of(null, diagnostics.Sorted()).Errors);
    }

    private static HostFacts FactsOfHost(bool isChecking) => new()
    {
        IsChecking = isChecking,
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
