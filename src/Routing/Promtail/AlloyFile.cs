using System.Text;

namespace Weir.Routing.Promtail;

/// <summary>The configuration that is being written. Labels are unique within a component's name.</summary>
internal sealed class AlloyFile
{
    private readonly List<AlloyBlock> _blocks = [];
    private readonly HashSet<(string Component, string Label)> _taken = [];
    private readonly List<string> _header = [];

    /// <summary>Makes a component, to be appended when its place in the file has come.</summary>
    /// <param name="component">Name of the component.</param>
    /// <param name="wanted">Its label; _2, _3… is added when another has it.</param>
    public AlloyBlock Create(string component, string wanted)
    {
        var label = wanted;
        for (var number = 2; !_taken.Add((component, label)); number++) label = $"{wanted}_{number}";
        return new AlloyBlock(component, label);
    }

    public void Append(AlloyBlock block) => _blocks.Add(block);

    /// <summary>A comment at the beginning of the file, without the slashes.</summary>
    public void Header(string line) => _header.Add(line);

    /// <summary>A label from any text: letters, digits and underscores, no digit first.</summary>
    public static string LabelOf(string text)
    {
        var label = string.Concat(text.EnumerateRunes().Select(rune =>
            rune.IsAscii && char.IsAsciiLetterOrDigit((char)rune.Value) ? rune.ToString() : "_"));
        return label.Length == 0 || char.IsAsciiDigit(label[0]) ? "_" + label : label;
    }

    /// <summary>Not formatted yet.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (var line in _header) AlloyBlock.WriteComment(line, text);
        foreach (var block in _blocks)
        {
            if (text.Length > 0) text.Append('\n');
            block.WriteTo(text);
        }
        return text.ToString();
    }
}
