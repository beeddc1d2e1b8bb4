using System.Text;
using Weir.Routing.Components;
using Weir.Routing.Language;

namespace Weir.Routing.Secrets;

/// <summary>Block <c>loki.secretfilter</c>: hides secrets in lines.</summary>
[Component("loki.secretfilter", Exports = typeof(SecretFilterExports), Stability = Stability.PublicPreview)]
public sealed record SecretFilterOptions : IValidated
{
    private const int PercentDefault = 80;

    [Argument("forward_to", Required = true)]
    public IReadOnlyList<ILogsReceiver> ForwardTo { get; init; } = [];

    /// <summary>A file of rules in the format of Gitleaks; "" for the built-in ones.</summary>
    [Argument("gitleaks_config")]
    public string GitleaksConfig { get; init; } = "";

    /// <summary>Takes the place of each secret, with <c>$SECRET_NAME</c> and <c>$SECRET_HASH</c>; "": a part of the
    /// secret stays.</summary>
    [Argument("redact_with")]
    public string RedactWith { get; init; } = "";

    /// <summary>How much of a secret goes; 0 for the default, 80.</summary>
    [Argument("redact_percent")]
    public uint RedactPercent { get; init; } = PercentDefault;

    /// <summary>The label that the metric tells secrets apart by; "" for none.</summary>
    [Argument("origin_label")]
    public string OriginLabel { get; init; } = "";

    /// <summary>The part of the entries that is examined, 0 to 1.</summary>
    [Argument("rate")]
    public double Rate { get; init; } = 1;

    /// <summary>Longest time for one entry; 0 for no limit. Patterns take time in proportion to the line.</summary>
    [Argument("processing_timeout")]
    [Range(Min = "0s")]
    public TimeSpan ProcessingTimeout { get; init; }

    /// <summary>Drops what took too long; else it goes on as it is.</summary>
    [Argument("drop_on_timeout")]
    public bool DropOnTimeout { get; init; }

    /// <summary>Gives what took too long the label <c>secretfilter="timed-out"</c>.</summary>
    [Argument("label_timed_out")]
    public bool LabelTimedOut { get; init; }

    internal SecretPlaceholder Placeholder =>
        new(RedactWith, RedactPercent is >= 1 and <= 100 ? (int)RedactPercent : PercentDefault);

    /// <inheritdoc/>
    public void Validate(OptionProblems problems)
    {
        if (Rate is not (>= 0 and <= 1)) problems.Add("rate", "must be between 0 and 1");
    }
}

/// <summary>What <c>loki.secretfilter</c> gives to others.</summary>
public sealed record SecretFilterExports
{
    /// <summary>The same object as long as the component lives.</summary>
    [Export("receiver")]
    public required ILogsReceiver Receiver { get; init; }
}

/// <summary>Component <c>loki.secretfilter</c>: works on the loop of whoever sends.</summary>
/// <param name="readFile">Reads a file of rules.</param>
/// <param name="random">Chooses the entries that are examined.</param>
public sealed class SecretFilterComponent(IComponentHost host, Func<string, byte[]> readFile, Random random)
    : Component<SecretFilterOptions>(host), ILogsReceiver
{
    private SecretFilterSetting? _setting;
    private IReadOnlyList<ILogsReceiver> _receivers = [];

    public ILogsInlet Open()
    {
        // Sources open inlets from their own threads.
        lock (random)
        {
            return new SecretFilterInlet(
                () => Volatile.Read(ref _setting)!, Host, new Random(random.Next()),
                new FanOut(() => Volatile.Read(ref _receivers)));
        }
    }

    protected override ValueTask ApplyAsync(SecretFilterOptions options, CancellationToken cancel)
    {
        var finder = options.GitleaksConfig.Length == 0
            ? new SecretFinder(BuiltInRules.All, []) : Read(options.GitleaksConfig);
        Volatile.Write(ref _setting, new SecretFilterSetting(options, finder, options.Placeholder));
        Volatile.Write(ref _receivers, options.ForwardTo);
        Host.Export(new SecretFilterExports { Receiver = this });
        Host.Report(HealthState.Healthy, $"{finder.Rules.Count} rules");
        return ValueTask.CompletedTask;
    }

    private SecretFinder Read(string path)
    {
        try
        {
            return SecretRuleFile.Parse(Encoding.UTF8.GetString(readFile(path)));
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw new ComponentException($"{path} cannot be read: {unreadable.Message}");
        }
        catch (SecretRuleException wrong)
        {
            throw new ComponentException($"{path}: {wrong.Message}");
        }
    }
}

/// <summary>What inlets follow, swapped whole.</summary>
internal sealed record SecretFilterSetting(
    SecretFilterOptions Options, SecretFinder Finder, SecretPlaceholder Placeholder);
