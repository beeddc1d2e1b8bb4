using Weir.Routing.Language;

namespace Weir.Routing.Cardinality;

/// <summary>What becomes of a label that takes more values than it may.</summary>
public enum CardinalityAction
{
    /// <summary>It stays; the log, the metrics and the API tell of it.</summary>
    Warn,

    /// <summary>It becomes structured metadata, where queries still find it.</summary>
    Demote,

    /// <summary>It is dropped.</summary>
    DropLabel,
}

/// <summary>Block <c>cardinality_guard</c> of <c>loki.write</c>: how many values a label may take.</summary>
public sealed record CardinalityOptions
{
    /// <summary>Values of one label within a tenant since the node was started. Default 100.</summary>
    [Argument("max_values_per_label")]
    [Range(Min = "1", Max = "100000")]
    public int ValuesMax { get; init; } = 100;

    [Argument("action")]
    public CardinalityAction Action { get; init; } = CardinalityAction.Warn;
}
