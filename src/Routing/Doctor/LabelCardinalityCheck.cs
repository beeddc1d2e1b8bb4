using Weir.Routing.Language;
using Weir.Routing.Patterns;

namespace Weir.Routing.Doctor;

/// <summary>Labels that take a value a request: each value is a stream, which Loki is not made for.</summary>
internal sealed class LabelCardinalityCheck : IConfigurationCheck
{
    private const string Code = "label-cardinality";

    private static readonly string[] SettingActions = ["replace", "lowercase", "uppercase"];

    public void Examine(ConfigurationView configuration, Findings findings)
    {
        foreach (var body in configuration.Bodies)
        {
            switch (body.Name)
            {
                case "stage.labels": ExamineLabels(body, findings); break;
                case "stage.regex" or "stage.pattern" when body.Value("labels_from_groups") is true:
                    ExamineGroups(body, findings);
                    break;
                case "rule" when SettingActions.Contains(body.Text("action")): ExamineRule(body, findings); break;
            }
        }
    }

    private static void ExamineLabels(BodyView body, Findings findings)
    {
        foreach (var (label, source) in body.Map("values"))
            Judge(label, string.IsNullOrEmpty(source) ? label : source, body.PlaceOf("values", label), findings);
    }

    private static void ExamineGroups(BodyView body, Findings findings)
    {
        var names = body.Name == "stage.regex"
            ? GoRegex.TryCompile(body.Text("expression"), out var regex, out _) ? regex.GroupNames : []
            : GroupsOf(body.Text("pattern"));
        var place = body.PlaceOf(body.Name == "stage.regex" ? "expression" : "pattern");
        foreach (var name in names) Judge(name, name, place, findings);
    }

    // <name> of a pattern stage.
    private static IEnumerable<string> GroupsOf(string pattern) =>
        pattern.Split('<').Skip(1).Select(part => part.Split('>')[0]);

    private static void ExamineRule(BodyView body, Findings findings)
    {
        var target = body.Text("target_label");
        if (target.StartsWith("__", StringComparison.Ordinal)) return;
        var sources = body.Texts("source_labels");
        if (sources.Count == 0 || !body.Text("replacement").Contains('$', StringComparison.Ordinal)) return;
        var source = sources.FirstOrDefault(name => RiskyLabels.ReasonFor(name) is not null) ?? target;
        Judge(target, source, body.PlaceOf("target_label"), findings);
    }

    private static void Judge(string label, string source, SourcePlace place, Findings findings)
    {
        if ((RiskyLabels.ReasonFor(label) ?? RiskyLabels.ReasonFor(source)) is not { } reason) return;
        findings.Add(Code, place, $"label \"{label}\" holds {reason}: every new value becomes a new stream",
            $"queries find it as well in stage.structured_metadata {{ values = {{{label} = \"{source}\"}} }}; "
            + "or bound it with cardinality_guard in loki.write");
    }
}
