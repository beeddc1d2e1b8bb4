using Weir.Routing.Components;
using Weir.Routing.Language;

namespace Weir.Routing.Relabeling;

/// <summary>Block <c>loki.relabel</c>: rules for the labels of log entries.</summary>
[Component("loki.relabel", Exports = typeof(LokiRelabelExports))]
public sealed record LokiRelabelOptions
{
    /// <summary>May be empty: often only the rules are wanted.</summary>
    [Argument("forward_to", Required = true)]
    public IReadOnlyList<ILogsReceiver> ForwardTo { get; init; } = [];

    /// <summary>Label sets whose outcome is remembered, for each source. Default 10000.</summary>
    [Argument("max_cache_size")]
    [Range(Min = "0", Max = "1000000")]
    public int MaxCacheSize { get; init; } = 10_000;

    [Block("rule")]
    public IReadOnlyList<RuleOptions> Rules { get; init; } = [];
}

/// <summary>What <c>loki.relabel</c> gives to others.</summary>
public sealed record LokiRelabelExports
{
    /// <summary>The same object as long as the component lives.</summary>
    [Export("receiver")]
    public required ILogsReceiver Receiver { get; init; }

    [Export("rules")]
    public required RelabelRules Rules { get; init; }
}

/// <summary>
/// Component <c>loki.relabel</c>: changes or drops entries by their labels, on the loop of whoever sends.
/// </summary>
public sealed class LokiRelabelComponent(IComponentHost host) : Component<LokiRelabelOptions>(host), ILogsReceiver
{
    private Setting _setting = new(RelabelRules.Empty, 0);
    private IReadOnlyList<ILogsReceiver> _receivers = [];

    public ILogsInlet Open() => new RelabelInlet(
        () => Volatile.Read(ref _setting), Host, new FanOut(() => Volatile.Read(ref _receivers)));

    protected override ValueTask ApplyAsync(LokiRelabelOptions options, CancellationToken cancel)
    {
        var setting = new Setting(new RelabelRules(options.Rules), options.MaxCacheSize);
        if (setting != _setting) Volatile.Write(ref _setting, setting);
        Volatile.Write(ref _receivers, options.ForwardTo);
        Host.Export(new LokiRelabelExports { Receiver = this, Rules = setting.Rules });
        return ValueTask.CompletedTask;
    }

    /// <summary>What inlets follow, swapped whole.</summary>
    internal sealed record Setting(RelabelRules Rules, int CacheSizeMax);
}
