namespace Weir.Routing.Promtail;

/// <summary>What a field of Promtail's file holds.</summary>
internal enum FieldKind : byte
{
    Text,

    /// <summary>One of some words, in any case; written in lower case.</summary>
    Word,

    /// <summary>A regular expression of Go.</summary>
    Regex,
    Flag,
    Integer,
    Number,

    /// <summary>Go's duration.</summary>
    Duration,

    /// <summary>Prometheus' duration, which also has days, weeks and years.</summary>
    LongDuration,

    /// <summary>A number of bytes, with or without a unit.</summary>
    Size,

    /// <summary>Likewise, where the attribute is a number.</summary>
    ByteCount,

    /// <summary>A list of texts; one text stands for a list of one.</summary>
    Texts,

    /// <summary>A list of texts, joined by commas into one.</summary>
    JoinedTexts,
    Numbers,
    TextMap,

    /// <summary>A map of label names to texts.</summary>
    Labels,

    /// <summary>A map of names to a text or a list of texts.</summary>
    TextListMap,

    /// <summary>A map that becomes a block.</summary>
    Block,

    /// <summary>A list of maps, each of which becomes a block.</summary>
    Blocks,

    /// <summary>A map whose fields stand in the block itself.</summary>
    Inline,

    /// <summary>Needs no equivalent; accepted with any value.</summary>
    Needless,

    /// <summary>Has no equivalent, but little depends on it: a warning.</summary>
    Missed,

    /// <summary>Has no equivalent, and what is collected depends on it: an error.</summary>
    Refused,
}

/// <summary>One field of a section of Promtail's file, and what it becomes.</summary>
/// <param name="Name">In Promtail's file.</param>
/// <param name="Kind">What it holds.</param>
/// <param name="Target">Name of the attribute or block that it becomes, when it differs.</param>
internal sealed record Field(string Name, FieldKind Kind, string? Target = null)
{
    /// <summary>Name of the attribute or block.</summary>
    public string Attribute => Target ?? Name;

    /// <summary>The attribute's own default, as the file would spell it; a field with this value is left out.</summary>
    public string? Default { get; init; }

    /// <summary>Promtail's default where the attribute's differs; written when the field is absent.</summary>
    public string? Otherwise { get; init; }

    public bool IsRequired { get; init; }

    /// <summary>Of a block, or inline map.</summary>
    public IReadOnlyList<Field> Fields { get; init; } = [];

    /// <summary>Of a word: those there are.</summary>
    public IReadOnlyList<string> Words { get; init; } = [];

    /// <summary>Of what has no equivalent: what that means for the operator.</summary>
    public string? Hint { get; init; }
}
