using Weir.Routing.Components.Http;
using Weir.Routing.Language;

namespace Weir.Node.Sources.Docker;

/// <summary>Arguments of <c>discovery.docker</c>.</summary>
[Component("discovery.docker", Exports = typeof(DockerDiscoveryExports))]
public sealed record DockerDiscoveryOptions : IValidated
{
    /// <summary>The engine: <c>unix://</c>, <c>tcp://</c>, <c>http://</c> or <c>https://</c>.</summary>
    [Argument("host", Required = true)]
    public string Host { get; init; } = "";

    /// <summary>The port of containers that expose none.</summary>
    [Argument("port")]
    [Range(Min = "0", Max = "65535")]
    public int Port { get; init; } = 80;

    /// <summary>The address of containers in the host's network.</summary>
    [Argument("host_networking_host")]
    public string HostNetworkingHost { get; init; } = "localhost";

    /// <summary>Only the first network by name, for containers in several.</summary>
    [Argument("match_first_network")]
    public bool MatchFirstNetwork { get; init; } = true;

    /// <summary>How often all containers are listed; between listings the engine's events tell what changed.</summary>
    [Argument("refresh_interval")]
    [Range(Min = "1s")]
    public TimeSpan RefreshInterval { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>All of them must match, each by any of its values.</summary>
    [Block("filter")]
    public IReadOnlyList<DockerFilter> Filters { get; init; } = [];

    /// <summary>How to speak to an engine at a network address.</summary>
    [Inline]
    public HttpClientOptions Http { get; init; } = new();

    internal TargetAddressing Addressing => new(Port, HostNetworkingHost, MatchFirstNetwork);

    /// <inheritdoc/>
    public void Validate(OptionProblems problems)
    {
        if (DockerHost.ProblemOf(Host) is { } problem) problems.Add("host", problem, DockerHost.Hint);
    }

    /// <summary>Whether the other arguments lead to the same targets.</summary>
    internal bool SameTargets(DockerDiscoveryOptions other) =>
        Host == other.Host && Addressing == other.Addressing && Filters.Count == other.Filters.Count
        && Filters.Zip(other.Filters).All(pair =>
            pair.First.Name == pair.Second.Name && pair.First.Values.SequenceEqual(pair.Second.Values));
}

/// <summary>Block <c>filter</c>: a filter of the engine's own list of containers.</summary>
public sealed record DockerFilter
{
    /// <summary>As the Engine API names it: label, name, network, status, …</summary>
    [Argument("name", Required = true)]
    public string Name { get; init; } = "";

    /// <summary>Any of them matches.</summary>
    [Argument("values", Required = true)]
    public IReadOnlyList<string> Values { get; init; } = [];
}

/// <summary>What <c>discovery.docker</c> exports.</summary>
/// <param name="Targets">Maps of label names to values.</param>
public sealed record DockerDiscoveryExports(
    [property: Export("targets")] IReadOnlyList<IReadOnlyDictionary<string, string>> Targets);
