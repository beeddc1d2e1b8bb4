using Weir.Routing.Components;
using Weir.Routing.Components.Http;
using Weir.Routing.Language;
using Weir.Routing.Relabeling;

namespace Weir.Node.Sources.Docker;

/// <summary>Arguments of <c>loki.source.docker</c>.</summary>
[Component("loki.source.docker")]
public sealed record DockerSourceOptions : IValidated
{
    /// <summary>The engine: <c>unix://</c>, <c>tcp://</c>, <c>http://</c> or <c>https://</c>.</summary>
    [Argument("host", Required = true)]
    public string Host { get; init; } = "";

    /// <summary>What discovery found; only those with <c>__meta_docker_container_id</c> count.</summary>
    [Argument("targets", Required = true)]
    public IReadOnlyList<IReadOnlyDictionary<string, string>> Targets { get; init; } = [];

    [Argument("forward_to", Required = true)]
    public IReadOnlyList<ILogsReceiver> ForwardTo { get; init; } = [];

    /// <summary>Added to every line; they win over labels of the target.</summary>
    [Argument("labels")]
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>Applied to the labels of each stream, with those of its target and
    /// <c>__meta_docker_container_log_stream</c> (stdout or stderr); labels that begin with __ are dropped after that.
    /// </summary>
    [Argument("relabel_rules")]
    public RelabelRules RelabelRules { get; init; } = RelabelRules.Empty;

    /// <summary>How often the containers are compared with the targets should no event tell of a change.</summary>
    [Argument("refresh_interval")]
    [Range(Min = "1s")]
    public TimeSpan RefreshInterval { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>A positions file of Promtail or Alloy, taken over for containers that have no position here; "" for
    /// none. Alloy has no such argument: its own positions are where it left them.</summary>
    [Argument("legacy_positions_file")]
    public string LegacyPositionsFile { get; init; } = "";

    /// <summary>How to speak to an engine at a network address.</summary>
    [Block("http_client_config")]
    public HttpClientOptions Http { get; init; } = new();

    internal bool SameEngine(DockerSourceOptions other) =>
        Host == other.Host && OptionEquality.AreEqual(Http, other.Http);

    /// <inheritdoc/>
    public void Validate(OptionProblems problems)
    {
        if (DockerHost.ProblemOf(Host) is { } problem) problems.Add("host", problem, DockerHost.Hint);
    }
}
