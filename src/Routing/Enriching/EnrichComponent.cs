using Weir.Routing.Components;
using Weir.Routing.Language;

namespace Weir.Routing.Enriching;

/// <summary>Block <c>loki.enrich</c>: labels of discovered targets for log entries.</summary>
[Component("loki.enrich", Exports = typeof(EnrichExports), Stability = Stability.Experimental)]
public sealed record EnrichOptions : IValidated
{
    [Argument("forward_to", Required = true)]
    public IReadOnlyList<ILogsReceiver> ForwardTo { get; init; } = [];

    [Argument("targets", Required = true)]
    public IReadOnlyList<IReadOnlyDictionary<string, string>> Targets { get; init; } = [];

    /// <summary>The label of targets that says which entries they belong to.</summary>
    [Argument("target_match_label", Required = true)]
    public string TargetMatchLabel { get; init; } = "";

    /// <summary>The label of entries that has to be equal to it; "" for the same name.</summary>
    [Argument("logs_match_label")]
    public string LogsMatchLabel { get; init; } = "";

    /// <summary>The target's labels that are copied; empty for all.</summary>
    [Argument("labels_to_copy")]
    public IReadOnlyList<string> LabelsToCopy { get; init; } = [];

    /// <inheritdoc/>
    public void Validate(OptionProblems problems)
    {
        if (TargetMatchLabel.Length == 0) problems.Add("target_match_label", "it must name a label");
    }
}

/// <summary>What <c>loki.enrich</c> gives to others.</summary>
public sealed record EnrichExports
{
    /// <summary>The same object as long as the component lives.</summary>
    [Export("receiver")]
    public required ILogsReceiver Receiver { get; init; }
}

/// <summary>
/// Component <c>loki.enrich</c>: entries whose label is equal to that of a target get the target's labels, on the loop
/// of whoever sends. Entries without a target go on as they are.
/// </summary>
public sealed class EnrichComponent(IComponentHost host) : Component<EnrichOptions>(host), ILogsReceiver
{
    private EnrichTable _table = new(new EnrichOptions());
    private IReadOnlyList<ILogsReceiver> _receivers = [];

    public ILogsInlet Open() => new EnrichInlet(
        () => Volatile.Read(ref _table), Labels, new FanOut(() => Volatile.Read(ref _receivers)));

    protected override ValueTask ApplyAsync(EnrichOptions options, CancellationToken cancel)
    {
        var table = new EnrichTable(options);
        Volatile.Write(ref _table, table);
        Volatile.Write(ref _receivers, options.ForwardTo);
        Host.Export(new EnrichExports { Receiver = this });
        Host.Report(HealthState.Healthy, $"{table.Count} targets to match");
        return ValueTask.CompletedTask;
    }
}
