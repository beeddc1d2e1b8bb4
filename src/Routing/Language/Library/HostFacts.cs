namespace Weir.Routing.Language;

/// <summary>What the configuration may ask about the host. The process fills it in.</summary>
public sealed record HostFacts
{
    /// <summary>Reads an environment variable; null when it is not set. Called when a configuration is
    /// evaluated.</summary>
    public required Func<string, string?> Environment { get; init; }

    /// <summary>The configuration is only checked, maybe on another host than it runs on: a variable that is not set
    /// is not known, instead of empty.</summary>
    public bool IsChecking { get; init; }

    /// <summary>The host's name.</summary>
    public required string Hostname { get; init; }

    /// <summary>As Go names it: <c>linux</c>.</summary>
    public required string Os { get; init; }

    /// <summary>As Go names it: <c>amd64</c>, <c>arm64</c>.</summary>
    public required string Arch { get; init; }

    /// <summary>Weir's version.</summary>
    public required string Version { get; init; }
}
