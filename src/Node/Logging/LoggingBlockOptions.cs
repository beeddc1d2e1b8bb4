using Weir.Routing.Components;
using Weir.Routing.Language;

namespace Weir.Node.Logging;

/// <summary>Block <c>logging</c>: what Weir says of itself, how, and where it goes besides stderr.</summary>
[ConfigurationBlock("logging")]
public sealed record LoggingBlockOptions : IValidated
{
    /// <summary>error, warn, info or debug.</summary>
    [Argument("level")]
    public string Level { get; init; } = "info";

    /// <summary>logfmt or json.</summary>
    [Argument("format")]
    public string Format { get; init; } = "logfmt";

    /// <summary>Receivers of Weir's own log lines.</summary>
    [Argument("write_to")]
    public IReadOnlyList<ILogsReceiver> WriteTo { get; init; } = [];

    /// <summary>stderr; Alloy's Windows event log is not to be had here.</summary>
    [Argument("destination")]
    public string Destination { get; init; } = "stderr";

    public void Validate(OptionProblems problems)
    {
        if (Level is not ("error" or "warn" or "info" or "debug"))
            problems.Add("level", $"\"{Level}\" is no level", "use error, warn, info or debug");
        if (Format is not ("logfmt" or "json"))
            problems.Add("format", $"\"{Format}\" is no log format", "use logfmt or json");
        if (Destination is not "stderr")
            problems.Add("destination", $"\"{Destination}\" is no destination here", "Weir logs to stderr");
    }
}
