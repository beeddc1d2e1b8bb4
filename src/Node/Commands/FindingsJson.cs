using System.Text.Json;
using Weir.Node.Agent;
using Weir.Node.Logging;
using Weir.Routing.Language;

namespace Weir.Node.Commands;

/// <summary>What <c>weir validate --format=json</c> prints, for CI: docs/reference/config-doctor.md.</summary>
internal static class FindingsJson
{
    public static string Render(ReadConfiguration read) => JsonSerializer.Serialize(
        new
        {
            valid = read.Plans is not null,
            components = read.Plans?.Count ?? 0,
            errors = read.Findings.Count(finding => finding.Severity == DiagnosticSeverity.Error),
            warnings = read.Findings.Count(finding => finding.Severity == DiagnosticSeverity.Warning),
            findings = read.Findings.Select(finding => new
            {
                file = finding.Place.File,
                line = finding.Place.Line,
                column = finding.Place.Column,
                length = finding.Place.Length,
                severity = finding.Severity == DiagnosticSeverity.Error ? "error" : "warning",
                code = finding.Code,
                cause = finding.Message,
                remedy = finding.Hint,
            }),
        },
        JsonText.Answers);
}
