using Weir.Routing.Language;
using Weir.Routing.Ports;

namespace Weir.Routing.Doctor;

/// <summary>
/// Knows the mistakes of the field: configurations that load and do not do what their author means. All findings are
/// warnings, each with place, cause, remedy and a code that stays.
/// </summary>
public static class ConfigurationDoctor
{
    /// <summary>Examines a configuration.</summary>
    /// <param name="blocks">Its components and settings; those with mistakes are passed over.</param>
    /// <param name="written">The files that the operator wrote; they may hold blocks that are not supported.</param>
    /// <param name="host">Answers for the host that it is to run on.</param>
    /// <param name="diagnostics">Gets the findings.</param>
    public static void Examine(
        IReadOnlyList<ConfiguredBlock> blocks, IReadOnlyList<SyntaxTree> written, IHostInspection host,
        DiagnosticBag diagnostics)
    {
        var findings = new Findings(written.Select(tree => tree.Source).ToHashSet(), diagnostics);
        var configuration = ConfigurationView.Of(blocks, written);
        foreach (var check in ChecksOn(host)) check.Examine(configuration, findings);
    }

    private static IReadOnlyList<IConfigurationCheck> ChecksOn(IHostInspection host) =>
    [
        new LabelCardinalityCheck(), new ContainerFormatCheck(), new PushPathCheck(), new DeadEndCheck(),
        new NeverMatchingCheck(), new UnanchoredCheck(), new DuplicateEndpointCheck(), new PlainSecretCheck(),
        new DockerSocketCheck(host), new JournalAccessCheck(host), new PathMatchCheck(host),
        new UnsetVariableCheck(host),
    ];
}
