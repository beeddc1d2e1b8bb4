using System.Text.Json.Serialization;

namespace Weir.Node.Sources.Docker;

/// <summary>An element of <c>GET /containers/json</c>, as far as it is used.</summary>
public sealed record ContainerSummary
{
    public string Id { get; init; } = "";

    /// <summary>Each with a leading slash; links add further ones.</summary>
    public IReadOnlyList<string>? Names { get; init; }

    /// <summary>Unix seconds.</summary>
    public long Created { get; init; }

    /// <summary>created, running, paused, restarting, removing, exited or dead.</summary>
    public string State { get; init; } = "";

    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    public IReadOnlyList<ContainerPort>? Ports { get; init; }

    public ContainerHostConfig? HostConfig { get; init; }

    public ContainerNetworks? NetworkSettings { get; init; }

    /// <summary>Paused and restarting containers count as running, as in <c>docker ps</c>.</summary>
    [JsonIgnore]
    public bool IsRunning => State is "running" or "paused" or "restarting";
}

public sealed record ContainerPort
{
    [JsonPropertyName("IP")]
    public string? Ip { get; init; }

    public int PrivatePort { get; init; }

    /// <summary>0: not published.</summary>
    public int PublicPort { get; init; }

    /// <summary>tcp, udp or sctp.</summary>
    public string Type { get; init; } = "";
}

public sealed record ContainerHostConfig
{
    /// <summary>bridge, host, none, a network's name, or <c>container:ID</c>.</summary>
    public string NetworkMode { get; init; } = "";
}

public sealed record ContainerNetworks
{
    /// <summary>By network name; a value may be null.</summary>
    public IReadOnlyDictionary<string, ContainerNetwork?>? Networks { get; init; }
}

public sealed record ContainerNetwork
{
    [JsonPropertyName("NetworkID")]
    public string NetworkId { get; init; } = "";

    [JsonPropertyName("IPAddress")]
    public string IpAddress { get; init; } = "";
}

/// <summary>An element of <c>GET /networks</c>.</summary>
public sealed record NetworkSummary
{
    public string Id { get; init; } = "";
    public string Name { get; init; } = "";
    public string Scope { get; init; } = "";
    public bool Internal { get; init; }
    public bool Ingress { get; init; }
    public IReadOnlyDictionary<string, string>? Labels { get; init; }
}

/// <summary>The answer to <c>GET /containers/ID/json</c>, as far as it is used.</summary>
public sealed record ContainerDetails
{
    public string Id { get; init; } = "";

    /// <summary>With a leading slash.</summary>
    public string Name { get; init; } = "";

    public ContainerState State { get; init; } = new();

    public ContainerConfig Config { get; init; } = new();
}

public sealed record ContainerState
{
    /// <summary>created, running, paused, restarting, removing, exited or dead.</summary>
    public string Status { get; init; } = "";

    public bool Running { get; init; }

    /// <summary>The year 1 when it never ran.</summary>
    public DateTimeOffset FinishedAt { get; init; }
}

public sealed record ContainerConfig
{
    /// <summary>A terminal: one raw stream instead of two multiplexed ones.</summary>
    public bool Tty { get; init; }
}

/// <summary>A message of <c>GET /events</c>.</summary>
public sealed record EngineEvent
{
    /// <summary>container or network.</summary>
    public string Type { get; init; } = "";

    public string Action { get; init; } = "";

    public EngineEventActor Actor { get; init; } = new();

    /// <summary>The container that it is about; "" when it is about none.</summary>
    [JsonIgnore]
    public string ContainerId =>
        Type == "container" ? Actor.Id
        : Actor.Attributes is { } attributes && attributes.TryGetValue("container", out var id) ? id
        : "";
}

public sealed record EngineEventActor
{
    [JsonPropertyName("ID")]
    public string Id { get; init; } = "";

    public IReadOnlyDictionary<string, string>? Attributes { get; init; }
}

internal sealed record EngineRefusal
{
    [JsonPropertyName("message")]
    public string? Message { get; init; }
}

[JsonSerializable(typeof(List<ContainerSummary>))]
[JsonSerializable(typeof(List<NetworkSummary>))]
[JsonSerializable(typeof(ContainerDetails))]
[JsonSerializable(typeof(EngineEvent))]
[JsonSerializable(typeof(EngineRefusal))]
[JsonSerializable(typeof(SortedDictionary<string, IReadOnlyList<string>>))]
internal sealed partial class DockerJson : JsonSerializerContext;
