using System.Text;
using Weir.Routing.Components;
using Weir.Routing.Language;
using Weir.Routing.Templates;

namespace Weir.Routing.Stages;

/// <summary>Checks and compiles the templates in stages' arguments.</summary>
internal static class StageTemplates
{
    public static void Check(string argument, string template, OptionProblems problems)
    {
        if (!GoTemplate.TryCompile(template, out _, out var error))
            problems.Add(argument, error, "the syntax is that of Go's text/template: {{ .Value }}");
    }

    /// <exception cref="ComponentException">Not a template.</exception>
    public static GoTemplate Compile(string stage, string template) =>
        GoTemplate.TryCompile(template, out var compiled, out var error)
            ? compiled
            : throw new ComponentException($"{stage}: {error}");
}

/// <summary>Slots of the names that a template reads.</summary>
internal sealed class TemplateNames
{
    private readonly Dictionary<string, int> _slots = new(StringComparer.Ordinal);

    public TemplateNames(GoTemplate template, SlotTable slots)
    {
        foreach (var name in template.Fields) _slots.Add(name, slots.Add(name));
    }

    public bool TryFind(string name, out int slot) => _slots.TryGetValue(name, out slot);
}

/// <summary>The extracted values of one entry as a template sees them: texts all of them, and none where a value has no
/// text.</summary>
/// <param name="seesLine">Whether <c>.Entry</c> is the line.</param>
internal sealed class TemplateData(StageBatch batch, TemplateNames names, bool seesLine) : ITemplateData
{
    private int _entry;
    private ExtractedValue _value;

    /// <param name="value">What <c>.Value</c> is; without text, the extracted value of that name.</param>
    public void Begin(int entry, ExtractedValue value)
    {
        _entry = entry;
        _value = value;
    }

    public bool TryGet(string name, out object? value)
    {
        value = null;
        if (seesLine && name == "Entry")
        {
            value = Encoding.UTF8.GetString(batch.Lines.Line(batch.Lines[_entry]));
            return true;
        }

        var found = name == "Value" && _value.HasText ? _value : Find(name);
        if (!found.HasText) return false;
        value = Encoding.UTF8.GetString(batch.Text(found));
        return true;
    }

    public SortedDictionary<string, object?> All()
    {
        var all = new SortedDictionary<string, object?>(StringComparer.Ordinal);
        foreach (var label in batch.OriginOf(_entry).Labels) all[label.Name] = label.Value;
        for (var slot = 0; slot < batch.Slots.Count; slot++)
            Put(all, batch.Slots.NameOf(slot), batch.Get(_entry, slot));
        var cursor = 0;
        while (batch.NextNamed(_entry, ref cursor, out var named))
        {
            var name = batch.Lines.Bytes.Slice(named.NameStart, named.NameLength);
            Put(all, Encoding.UTF8.GetString(name), named.Value);
        }

        if (_value.HasText) Put(all, "Value", _value);
        if (seesLine) all["Entry"] = Encoding.UTF8.GetString(batch.Lines.Line(batch.Lines[_entry]));
        return all;
    }

    private void Put(SortedDictionary<string, object?> all, string name, ExtractedValue value)
    {
        if (value.HasText) all[name] = Encoding.UTF8.GetString(batch.Text(value));
        else all.Remove(name);
    }

    private ExtractedValue Find(string name) =>
        names.TryFind(name, out var slot) ? batch.Get(_entry, slot) : batch.GetNamed(_entry, name);
}
