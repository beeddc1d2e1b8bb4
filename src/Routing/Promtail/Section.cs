using Weir.Routing.Language;

namespace Weir.Routing.Promtail;

/// <summary>A map of Promtail's file that is being read. What nobody asked for when it is finished is
/// unknown.</summary>
/// <param name="map">Its fields.</param>
/// <param name="name">As errors call it.</param>
/// <param name="place">Where it begins: the name of the field that holds it.</param>
/// <param name="diagnostics">Gets the mistakes.</param>
/// <param name="isLoose">Promtail ignores the case of its fields, and fields that it does not know: so it is with
/// stages.</param>
internal sealed partial class Section(
    YamlMap map, string name, SourcePlace place, DiagnosticBag diagnostics, bool isLoose = false)
{
    // Sections inside it are called by their own names: all know where they belong.
    private const string Job = "scrape_configs";

    private readonly List<string> _known = [];

    private string Title => name.Length == 0 ? "the file" : name;

    public SourcePlace Place => place;

    public DiagnosticBag Diagnostics => diagnostics;

    private StringComparison Comparison => isLoose ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;

    /// <summary>A field that has a value, or null.</summary>
    public YamlEntry? Find(string field)
    {
        _known.Add(field);
        foreach (var entry in map.Entries)
            if (string.Equals(entry.Key.Text, field, Comparison))
                return entry.Value is YamlScalar { IsNull: true } ? null : entry;
        return null;
    }

    /// <summary>A field's text; null when it is absent, or a list or map, which is reported.</summary>
    public string? Text(string field) => Find(field) is { } entry ? TextOf(entry.Value, field) : null;

    /// <summary>A field's text; its absence is reported.</summary>
    public string? RequiredText(string field)
    {
        var text = Text(field);
        if (string.IsNullOrEmpty(text)) Missing(field);
        return text;
    }

    public bool? Flag(string field)
    {
        if (Find(field) is not { } entry || TextOf(entry.Value, field) is not { } text) return null;
        var flag = ScalarReader.Flag(text);
        if (flag is null) diagnostics.Error(entry.Value.Place, $"invalid {PathOf(field)}: expected true or false");
        return flag;
    }

    /// <summary>A field's value in one spelling for all; null when it is absent, or wrong, which is reported.</summary>
    public string? Canonical(Field field)
    {
        if (Find(field.Name) is not { } entry || TextOf(entry.Value, field.Name) is not { } text) return null;
        WarnOfBareDuration(field, entry.Value, text);
        if (ScalarReader.TryRead(field, text, out _, out var canonical, out var problem)) return canonical;
        diagnostics.Error(entry.Value.Place, $"invalid {PathOf(field.Name)}: {problem}");
        return null;
    }

    /// <summary>A field that holds a map, read with the same strictness; null when it is absent or no map.</summary>
    public Section? Sub(string field) => Find(field) is { } entry ? Sub(entry.Value, field, entry.Key.Place) : null;

    /// <summary>The maps of a list.</summary>
    public IReadOnlyList<Section> Subs(string field)
    {
        if (Find(field) is not { } entry) return [];
        if (entry.Value is YamlList list)
            return [.. list.Items.Select(item => Sub(item, field, item.Place)).OfType<Section>()];
        diagnostics.Error(entry.Value.Place, $"{PathOf(field)} is no list", "put a - before each of its elements");
        return [];
    }

    /// <summary>The elements of a list, whatever they are.</summary>
    public IReadOnlyList<YamlNode> Items(string field)
    {
        if (Find(field) is not { } entry) return [];
        if (entry.Value is YamlList list) return list.Items;
        diagnostics.Error(entry.Value.Place, $"{PathOf(field)} is no list", "put a - before each of its elements");
        return [];
    }

    /// <summary>The fields that nobody has asked for are reported.</summary>
    public void Finish()
    {
        foreach (var entry in map.Entries)
        {
            if (_known.Exists(field => string.Equals(field, entry.Key.Text, Comparison))) continue;
            if (diagnostics.Items.Count > PromtailConverter.DiagnosticsMax) return; // no more of them are shown
            var hint = Suggestion.DidYouMean(entry.Key.Text, _known);
            if (isLoose)
                diagnostics.Warning(entry.Key.Place,
                    $"stage {name} has no field \"{entry.Key.Text}\"; Promtail ignores it", hint ?? "remove it");
            else
                diagnostics.Error(entry.Key.Place, $"unknown field \"{entry.Key.Text}\" in {Title}",
                    hint ?? "there are: " + string.Join(", ", _known.Distinct().Order(StringComparer.Ordinal)));
        }
    }

    public void Missing(string field) =>
        diagnostics.Error(place, $"{Title} needs the field \"{field}\"", $"add {field}: …");

    private void WarnOfBareDuration(Field field, YamlNode value, string text)
    {
        if (ScalarReader.IsBareDuration(field.Kind, text))
            diagnostics.Warning(value.Place, $"{PathOf(field.Name)} has no unit and is taken for seconds",
                $"write {ScalarReader.Integer(text)}s");
    }

    private string PathOf(string field) => name.Length == 0 || name == Job ? field : $"{name}.{field}";

    /// <summary>A text, or null with a report.</summary>
    private string? TextOf(YamlNode node, string field)
    {
        if (node is YamlScalar scalar) return scalar.Text;
        diagnostics.Error(node.Place, $"invalid {PathOf(field)}: expected a text, this is a "
            + (node is YamlList ? "list" : "map"));
        return null;
    }

    private Section? Sub(YamlNode node, string field, SourcePlace start)
    {
        if (node is YamlMap sub) return new Section(sub, PathOf(field), start, diagnostics, isLoose);
        if (node is YamlScalar { IsNull: true })
            return new Section(new YamlMap(start, []), PathOf(field), start, diagnostics, isLoose);
        diagnostics.Error(node.Place, $"invalid {PathOf(field)}: expected fields with values, this is a "
            + (node is YamlList ? "list" : "text"));
        return null;
    }
}
