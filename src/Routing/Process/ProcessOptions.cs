using Weir.Routing.Components;
using Weir.Routing.Language;
using Weir.Routing.Stages;

namespace Weir.Routing.Process;

/// <summary>Block <c>loki.process</c>: stages in file order, then the receivers.</summary>
[Component("loki.process", Exports = typeof(ProcessExports))]
public sealed record ProcessOptions
{
    [Argument("forward_to", Required = true)]
    public IReadOnlyList<ILogsReceiver> ForwardTo { get; init; } = [];

    [BlockSequence]
    public IReadOnlyList<IStageOptions> Stages { get; init; } = [];
}

/// <summary>What <c>loki.process</c> gives to others.</summary>
public sealed record ProcessExports
{
    /// <summary>The same object as long as the component lives.</summary>
    [Export("receiver")]
    public required ILogsReceiver Receiver { get; init; }
}
