namespace Weir.Routing.Stages;

/// <summary>What an extracted name holds for one entry.</summary>
public enum ExtractedKind : byte
{
    /// <summary>No stage has set it: it is the label of that name with which the entry came, if there is
    /// one.</summary>
    Unset,

    /// <summary>Not in the map.</summary>
    Absent,

    /// <summary>In the map without a value: a JSON null or a path that leads nowhere. It has no text.</summary>
    Nil,

    /// <summary>Text, or the JSON text of an object or array.</summary>
    String,

    /// <summary>A number; its text is the shortest decimal without an exponent.</summary>
    Number,

    /// <summary>Its text is <c>true</c> or <c>false</c>.</summary>
    Bool,
}

/// <summary>An extracted value: its kind, and its text as a place in the batch's arena.</summary>
public readonly record struct ExtractedValue(ExtractedKind Kind, int Start = 0, int Length = 0)
{
    public static readonly ExtractedValue Nil = new(ExtractedKind.Nil);

    public static readonly ExtractedValue Absent = new(ExtractedKind.Absent);

    /// <summary>It can be converted to text.</summary>
    public bool HasText => Kind >= ExtractedKind.String;

    /// <summary>The name is in the map, with or without a value.</summary>
    public bool Exists => Kind >= ExtractedKind.Nil;

    public static ExtractedValue Text(int start, int length) => new(ExtractedKind.String, start, length);
}
