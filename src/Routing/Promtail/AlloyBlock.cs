using System.Text;

namespace Weir.Routing.Promtail;

/// <summary>A block of the configuration that is being written: attributes and blocks in their order.</summary>
/// <param name="name">As the block is called: <c>loki.write</c>.</param>
/// <param name="label">Null for none.</param>
internal sealed class AlloyBlock(string name, string? label = null)
{
    private readonly List<string> _comments = [];
    private readonly List<(string Name, string Expression)> _attributes = [];
    private readonly List<AlloyBlock> _blocks = [];

    public bool IsEmpty => _attributes.Count == 0 && _blocks.Count == 0;

    /// <summary>Refers to what the component exports.</summary>
    public string Export(string export) => $"{name}.{label}.{export}";

    public bool Has(string attribute) => _attributes.Exists(set => set.Name == attribute);

    public void Set(string attribute, string expression) => _attributes.Add((attribute, expression));

    public AlloyBlock Add(string blockName)
    {
        var block = new AlloyBlock(blockName);
        _blocks.Add(block);
        return block;
    }

    public void Add(AlloyBlock block) => _blocks.Add(block);

    /// <summary>A line above the block, without the slashes.</summary>
    public void Comment(string line) => _comments.Add(line);

    public void WriteTo(StringBuilder text)
    {
        foreach (var comment in _comments) WriteComment(comment, text);
        text.Append(name);
        if (label is not null) text.Append(" \"").Append(label).Append('"');
        text.Append(" {");
        if (!IsEmpty) text.Append('\n');
        foreach (var (attribute, expression) in _attributes)
            text.Append(attribute).Append(" = ").Append(expression).Append('\n');
        for (var index = 0; index < _blocks.Count; index++)
        {
            if (index > 0 || _attributes.Count > 0) text.Append('\n');
            _blocks[index].WriteTo(text);
        }
        text.Append("}\n");
    }

    public static void WriteComment(string comment, StringBuilder text)
    {
        text.Append("// ");
        foreach (var character in comment.TrimEnd())
            text.Append(char.IsControl(character) || character is '\u2028' or '\u2029' ? ' ' : character);
        text.Append('\n');
    }
}
