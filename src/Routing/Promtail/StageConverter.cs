using Weir.Routing.Language;
using Weir.Routing.LogQl;

namespace Weir.Routing.Promtail;

/// <summary>Converts pipeline stages.</summary>
internal static class StageConverter
{
    private const string Match = "match";
    private const string Metrics = "metrics";
    private const string Labels = "labels";
    private const string StaticLabels = "static_labels";
    private const string Metadata = "structured_metadata";

    // They may have no fields at all, and are then often written without a body.
    private static readonly HashSet<string> Bodiless = ["docker", "cri", "decolorize", "eventlogmessage"];

    private static readonly IReadOnlyList<string> Names =
    [
        .. StageFields.All.Keys, Match, Metrics, Labels, StaticLabels, Metadata, "labeldrop", "labelallow",
    ];

    private static readonly IReadOnlyList<Field> MatchFields =
    [
        new("selector", FieldKind.Text) { IsRequired = true }, new("pipeline_name", FieldKind.Text),
        new("action", FieldKind.Text) { Default = "keep" },
        new("drop_counter_reason", FieldKind.Text) { Default = "match_stage" },
    ];

    /// <summary>Adds the blocks of a list of stages.</summary>
    /// <param name="stages">The elements of <c>pipeline_stages</c> or <c>match.stages</c>.</param>
    /// <param name="parent">The <c>loki.process</c> or <c>stage.match</c>.</param>
    /// <param name="diagnostics">Gets the mistakes.</param>
    public static void Convert(IReadOnlyList<YamlNode> stages, AlloyBlock parent, DiagnosticBag diagnostics)
    {
        foreach (var stage in stages) Convert(stage, parent, diagnostics);
    }

    private static void Convert(YamlNode stage, AlloyBlock parent, DiagnosticBag diagnostics)
    {
        switch (stage)
        {
            case YamlMap { Entries: [var only] }:
                Convert(only.Key, only.Value, parent, diagnostics);
                break;
            case YamlMap { Entries: [] } or YamlScalar { IsNull: true }:
                diagnostics.Error(stage.Place, "this stage is empty", "name a stage, or remove the -");
                break;
            case YamlMap several:
                diagnostics.Error(several.Entries[1].Key.Place,
                    $"\"{several.Entries[1].Key.Text}\" stands in the same list element as stage "
                    + $"\"{several.Entries[0].Key.Text}\"",
                    "one - holds one stage: begin another, or indent its fields");
                break;
            case YamlScalar name:
                diagnostics.Error(name.Place, $"\"{name.Text}\" is no stage: a stage ends with a colon",
                    Names.Contains(name.Text) ? $"write \"- {name.Text}: {{}}\"" : null);
                break;
            default:
                diagnostics.Error(stage.Place, "a stage is a name with fields, this is a list");
                break;
        }
    }

    private static void Convert(YamlScalar key, YamlNode body, AlloyBlock parent, DiagnosticBag diagnostics)
    {
        var name = key.Text;
        if (!Names.Contains(name))
        {
            diagnostics.Error(key.Place, $"there is no stage \"{name}\" in Promtail",
                Suggestion.DidYouMean(name, Names) ?? "there are: " + string.Join(", ", Names.Order()));
            return;
        }
        if (name is "labeldrop" or "labelallow")
        {
            ConvertLabelChoice(name, key, body, parent, diagnostics);
            return;
        }
        if (body is YamlScalar { IsNull: true })
        {
            if (!Bodiless.Contains(name))
            {
                diagnostics.Error(key.Place, $"stage \"{name}\" has no fields",
                    "indent its fields by two more spaces than its name");
                return;
            }
            body = new YamlMap(key.Place, []);
        }
        if (body is not YamlMap map)
        {
            diagnostics.Error(body.Place, $"stage \"{name}\" takes fields with values");
            return;
        }
        var section = new Section(map, name, key.Place, diagnostics, isLoose: true);
        switch (name)
        {
            case Match: ConvertMatch(section, parent); break;
            case Metrics: MetricConverter.Convert(section, parent.Add("stage.metrics")); break;
            case Labels or Metadata: ConvertNames(section, parent.Add("stage." + name)); break;
            case StaticLabels: ConvertStaticLabels(section, parent.Add("stage.static_labels")); break;
            default: ConvertByFields(name, section, parent); break;
        }
    }

    private static void ConvertByFields(string name, Section section, AlloyBlock parent)
    {
        var (target, fields) = StageFields.All[name];
        var block = parent.Add("stage." + target);
        section.CopyAll(fields, block);
        if (name == "drop" && block.Has("value") && block.Has("expression"))
            section.Diagnostics.Error(section.Place, "drop has both a value and an expression", "remove one of them");
        if (name == "tenant" && new[] { "label", "source", "value" }.Count(block.Has) != 1)
            section.Diagnostics.Error(section.Place, "tenant needs exactly one of label, source and value");
    }

    private static void ConvertNames(Section section, AlloyBlock block)
    {
        var sources = section.OwnPairs().Select(pair =>
            (pair.Key, pair.Text is null ? Literal.Null : Literal.Text(pair.Text)));
        block.Set("values", Literal.Map([.. sources]));
    }

    private static void ConvertStaticLabels(Section section, AlloyBlock block)
    {
        var set = section.OwnPairs().Where(pair => pair.Text is not null);
        block.Set("values", Literal.TextMap(set.Select(pair => (pair.Key, pair.Text!))));
    }

    // A list of names; a map is accepted for the sake of those who write it like the stage "labels".
    private static void ConvertLabelChoice(
        string name, YamlScalar key, YamlNode body, AlloyBlock parent, DiagnosticBag diagnostics)
    {
        var names = body switch
        {
            YamlList list when list.Items.All(item => item is YamlScalar) =>
                list.Items.Cast<YamlScalar>().Select(item => item.Text),
            YamlMap map => map.Entries.Select(entry => entry.Key.Text),
            YamlScalar { IsNull: false } one => [one.Text],
            _ => null,
        };
        if (names is null)
        {
            diagnostics.Error(key.Place, $"stage \"{name}\" takes a list of labels", $"write {name}: [one, another]");
            return;
        }
        var block = parent.Add(name == "labeldrop" ? "stage.label_drop" : "stage.label_keep");
        block.Set("values", Literal.Texts(names));
    }

    private static void ConvertMatch(Section section, AlloyBlock parent)
    {
        var block = parent.Add("stage.match");
        section.Copy(MatchFields, block);
        CheckSelector(section);
        var stages = section.Items("stages");
        var action = section.Text("action") ?? "keep";
        if (action is not ("keep" or "drop" or ""))
            section.Diagnostics.Error(section.Place, "match.action is neither keep nor drop");
        else if (action == "drop" && stages.Count > 0)
            section.Diagnostics.Error(section.Place, "match with action: drop has stages that can never run",
                "remove them, or the action");
        else if (action != "drop" && stages.Count == 0)
            section.Diagnostics.Error(section.Place, "match has no stages", "add stages: […], or action: drop");
        Convert(stages, block, section.Diagnostics);
        section.Finish();
    }

    private static void CheckSelector(Section section)
    {
        if (section.Find("selector") is not { Value: YamlScalar selector }) return;
        try
        {
            LogQlParser.ParseMatcher(selector.Text);
        }
        catch (LogQlException refused)
        {
            section.Diagnostics.Error(selector.Place, "invalid match.selector: " + refused.Message,
                "write it like '{app=\"nginx\"} |= \"error\"'");
        }
    }
}
