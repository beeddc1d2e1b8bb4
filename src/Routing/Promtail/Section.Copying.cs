using Weir.Protocol.Loki;
using Weir.Routing.Language;

namespace Weir.Routing.Promtail;

/// <summary>Copies fields into blocks by their descriptions.</summary>
internal sealed partial class Section
{
    /// <summary>Copies what the fields describe, and finishes the section.</summary>
    public void CopyAll(IReadOnlyList<Field> fields, AlloyBlock block)
    {
        Copy(fields, block);
        Finish();
    }

    /// <summary>Copies what the fields describe.</summary>
    public void Copy(IReadOnlyList<Field> fields, AlloyBlock block)
    {
        foreach (var field in fields)
        {
            if (Find(field.Name) is { } entry) Copy(field, entry, block);
            else if (field.IsRequired) Missing(field.Name);
            else if (field.Otherwise is { } standIn && !block.Has(field.Attribute)) CopyText(field, standIn, block);
        }
    }

    private static void CopyText(Field field, string text, AlloyBlock block)
    {
        if (ScalarReader.TryRead(field, text, out var expression, out _, out _))
            block.Set(field.Attribute, expression);
    }

    private void Copy(Field field, YamlEntry entry, AlloyBlock block)
    {
        var path = PathOf(field.Name);
        switch (field.Kind)
        {
            case FieldKind.Needless:
            case FieldKind.Missed or FieldKind.Refused
                when entry.Value is YamlScalar scalar && scalar.Text == field.Default:
                break;
            case FieldKind.Missed:
                diagnostics.Warning(entry.Key.Place, $"{path} has no equivalent and is left out", field.Hint);
                break;
            case FieldKind.Refused:
                diagnostics.Error(entry.Key.Place, $"{path} has no equivalent", field.Hint);
                break;
            case FieldKind.Block:
                if (Sub(field.Name) is { } sub) CopyBlock(sub, field, block);
                break;
            case FieldKind.Blocks:
                foreach (var element in Subs(field.Name)) CopyBlock(element, field, block);
                break;
            case FieldKind.Inline:
                Sub(field.Name)?.CopyAll(field.Fields, block);
                break;
            default:
                if (Expression(field, entry) is { } expression) block.Set(field.Attribute, expression);
                break;
        }
    }

    private static void CopyBlock(Section section, Field field, AlloyBlock block)
    {
        var inner = new AlloyBlock(field.Attribute);
        section.CopyAll(field.Fields, inner);
        if (!inner.IsEmpty || field.Kind == FieldKind.Blocks) block.Add(inner);
    }

    // Null when nothing is to be written: it is wrong and reported, or the default anyway.
    private string? Expression(Field field, YamlEntry entry)
    {
        switch (field.Kind)
        {
            case FieldKind.Texts:
                return TextsOf(entry.Value, field.Name) is { } texts ? Literal.Texts(texts) : null;
            case FieldKind.JoinedTexts:
                return TextsOf(entry.Value, field.Name) is { } parts ? Literal.Text(string.Join(',', parts)) : null;
            case FieldKind.Numbers:
                return NumbersOf(entry.Value, field.Name);
            case FieldKind.TextMap or FieldKind.Labels:
                return Pairs(field.Name, field.Kind == FieldKind.Labels) is { } pairs ? Literal.TextMap(pairs) : null;
            case FieldKind.TextListMap:
                return TextListMap(field, entry);
        }
        if (TextOf(entry.Value, field.Name) is not { } text) return null;
        WarnOfBareDuration(field, entry.Value, text);
        if (!ScalarReader.TryRead(field, text, out var expression, out var canonical, out var problem))
        {
            diagnostics.Error(entry.Value.Place, $"invalid {PathOf(field.Name)}: {problem}");
            return null;
        }
        if (field.Default is not { } standard) return expression;
        ScalarReader.TryRead(field, standard, out _, out var omitted, out _);
        return canonical == omitted ? null : expression;
    }

    /// <summary>The texts of a map by their names, or null when it is absent or wrong, which is reported.</summary>
    public IReadOnlyList<(string Key, string Text)>? Pairs(string field, bool areLabels)
    {
        if (Find(field) is not { } entry) return null;
        if (entry.Value is not YamlMap pairs)
        {
            diagnostics.Error(entry.Value.Place, $"invalid {PathOf(field)}: expected names with values");
            return null;
        }
        return PairsOf(pairs, PathOf(field), areLabels);
    }

    /// <summary>The texts of the section itself by their names, which are labels; nothing in it is unknown
    /// then.</summary>
    public IReadOnlyList<(string Key, string? Text)> OwnPairs()
    {
        var pairs = new List<(string, string?)>();
        foreach (var entry in map.Entries)
        {
            _known.Add(entry.Key.Text);
            CheckLabel(entry.Key, name);
            if (entry.Value is YamlScalar scalar) pairs.Add((entry.Key.Text, scalar.IsNull ? null : scalar.Text));
            else diagnostics.Error(entry.Value.Place, $"invalid {PathOf(entry.Key.Text)}: expected a text");
        }
        return pairs;
    }

    /// <summary>The fields of the section as sections of their own; nothing in it is unknown then.</summary>
    public IEnumerable<(string Key, Section Section)> OwnSections()
    {
        foreach (var entry in map.Entries)
        {
            _known.Add(entry.Key.Text);
            if (Sub(entry.Value, entry.Key.Text, entry.Key.Place) is { } section)
                yield return (entry.Key.Text, section);
        }
    }

    private List<(string, string)> PairsOf(YamlMap pairs, string path, bool areLabels)
    {
        var texts = new List<(string, string)>();
        foreach (var entry in pairs.Entries)
        {
            if (areLabels) CheckLabel(entry.Key, path);
            if (entry.Value is YamlScalar scalar) texts.Add((entry.Key.Text, scalar.IsNull ? "" : scalar.Text));
            else diagnostics.Error(entry.Value.Place, $"invalid {path}.{entry.Key.Text}: expected a text");
        }
        return texts;
    }

    private void CheckLabel(YamlScalar label, string path)
    {
        if (LabelText.IsName(label.Text)) return;
        diagnostics.Error(label.Place, $"\"{label.Text}\" in {path} is no name of a label",
            "use letters, digits and underscores, and begin with no digit");
    }

    /// <summary>The texts of a list, or one text; null with a report when it is neither.</summary>
    public IReadOnlyList<string>? TextsOf(YamlNode node, string field)
    {
        if (node is YamlScalar one) return [one.Text];
        if (node is YamlList list && list.Items.All(item => item is YamlScalar))
            return [.. list.Items.Cast<YamlScalar>().Select(item => item.Text)];
        diagnostics.Error(node.Place, $"invalid {PathOf(field)}: expected a list of texts");
        return null;
    }

    private string? NumbersOf(YamlNode node, string field)
    {
        if (TextsOf(node, field) is not { } texts) return null;
        var number = new Field(field, FieldKind.Number);
        var expressions = new List<string>();
        foreach (var text in texts)
        {
            if (ScalarReader.TryRead(number, text, out var expression, out _, out _)) expressions.Add(expression);
            else diagnostics.Error(node.Place, $"invalid {PathOf(field)}: expected a list of numbers");
        }
        return Literal.List(expressions);
    }

    private string? TextListMap(Field field, YamlEntry entry)
    {
        if (entry.Value is not YamlMap lists)
        {
            diagnostics.Error(entry.Value.Place, $"invalid {PathOf(field.Name)}: expected names with values");
            return null;
        }
        var fields = new List<(string, string)>();
        foreach (var one in lists.Entries)
            if (TextsOf(one.Value, $"{field.Name}.{one.Key.Text}") is { } texts)
                fields.Add((one.Key.Text, Literal.Texts(texts)));
        return Literal.Map(fields);
    }
}
