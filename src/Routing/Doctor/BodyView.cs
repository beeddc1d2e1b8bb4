using System.Collections;
using Weir.Routing.Language;

namespace Weir.Routing.Doctor;

/// <summary>The body of a block as checks read it: values by the names that the configuration uses, with their
/// places.</summary>
/// <param name="syntax">The block.</param>
/// <param name="options">What it evaluates to while no component runs; references are unknown then.</param>
internal sealed class BodyView(BlockSyntax syntax, object options)
{
    private readonly RecordSchema _schema = RecordSchema.Of(options.GetType());

    /// <summary><c>loki.write</c>, <c>endpoint</c>, <c>stage.labels</c>.</summary>
    public string Name => syntax.Name;

    public BlockSyntax Syntax => syntax;

    /// <summary>The block's name and label.</summary>
    public SourcePlace Header => syntax.HeaderPlace;

    /// <summary>The nested blocks, in file order.</summary>
    public IEnumerable<BodyView> Blocks
    {
        get
        {
            var seen = new Dictionary<OptionSlot, int>(ReferenceEqualityComparer.Instance);
            foreach (var block in syntax.Body.Blocks)
            {
                if (SlotOf(block.Name) is not { } slot) continue;
                var index = seen[slot] = seen.GetValueOrDefault(slot, -1) + 1;
                var held = slot.Get(options);
                if (ValueTypes.ListElement(slot.Type) is not null) held = held is IList list ? list[index] : null;
                if (held is not null) yield return new BodyView(block, held);
            }
        }
    }

    /// <summary>This body and all nested in it.</summary>
    public IEnumerable<BodyView> All => Blocks.SelectMany(block => block.All).Prepend(this);

    /// <summary>Whether the configuration gives the argument.</summary>
    public bool Gives(string argument) => AttributeOf(argument) is not null;

    /// <summary>What the argument is, or its default; null where the block has no such argument.</summary>
    public object? Value(string argument) =>
        _schema.Arguments.TryGetValue(argument, out var slot) ? slot.Get(options) : null;

    /// <summary>A text, also of other types that are written as one; "" for none.</summary>
    public string Text(string argument) => Value(argument) switch
    {
        Enum word => word.ToString().ToLowerInvariant(),
        { } value => value.ToString() ?? "",
        null => "",
    };

    /// <summary>A list of texts, "" for each that is unknown; empty for anything else.</summary>
    public IReadOnlyList<string> Texts(string argument) => Value(argument) is IReadOnlyList<string?> texts
        ? [.. texts.Select(text => text ?? "")] : [];

    /// <summary>The names and texts of a map; empty for anything else.</summary>
    public IEnumerable<(string Name, string? Text)> Map(string argument)
    {
        if (Value(argument) is not IDictionary map) yield break;
        foreach (DictionaryEntry entry in map) yield return ((string)entry.Key, entry.Value?.ToString());
    }

    /// <summary>Where the argument's value stands; the header where it is not given.</summary>
    public SourcePlace PlaceOf(string argument) => AttributeOf(argument)?.Value.Place ?? Header;

    /// <summary>Where a field of the argument's map stands, or the map.</summary>
    public SourcePlace PlaceOf(string argument, string field)
    {
        var literal = AttributeOf(argument)?.Value as ObjectSyntax;
        return literal?.Fields.FirstOrDefault(known => known.Name == field)?.NamePlace ?? PlaceOf(argument);
    }

    /// <summary>The attribute itself, or null.</summary>
    public AttributeSyntax? AttributeOf(string argument) =>
        syntax.Body.Attributes.FirstOrDefault(attribute => attribute.Name == argument);

    /// <summary>The attributes that hold a secret, or a list of some.</summary>
    public IEnumerable<AttributeSyntax> Secrets => syntax.Body.Attributes.Where(attribute =>
        _schema.Arguments.TryGetValue(attribute.Name, out var slot)
        && (ValueTypes.ListElement(slot.Type) ?? slot.Type) == typeof(Secret));

    private OptionSlot? SlotOf(string block) => _schema.Blocks.TryGetValue(block, out var slot) ? slot
        : _schema.Members.ContainsKey(block) ? _schema.Sequence : null;
}
