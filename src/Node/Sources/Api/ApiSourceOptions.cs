using Weir.Node.Admin;
using Weir.Routing.Components;
using Weir.Routing.Language;
using Weir.Routing.Relabeling;

namespace Weir.Node.Sources.Api;

/// <summary>Arguments of <c>loki.source.api</c>.</summary>
[Component("loki.source.api")]
public sealed record ApiSourceOptions
{
    [Argument("forward_to", Required = true)]
    public IReadOnlyList<ILogsReceiver> ForwardTo { get; init; } = [];

    /// <summary>Added to every line, over those that were pushed.</summary>
    [Argument("labels")]
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>Applied to the labels of each stream; raw lines go past them.</summary>
    [Argument("relabel_rules")]
    public RelabelRules RelabelRules { get; init; } = RelabelRules.Empty;

    /// <summary>Lines keep the time they were pushed with; otherwise it is that of their arrival.</summary>
    [Argument("use_incoming_timestamp")]
    public bool UseIncomingTimestamp { get; init; }

    /// <summary>Largest push, unpacked. Default 100 MiB; 1 KiB to 256 MiB.</summary>
    [Range(Min = "1KiB", Max = "256MiB")]
    [Argument("max_send_message_size")]
    public ByteSize MessageSizeMax { get; init; } = new(100 * 1024 * 1024);

    /// <summary>At a stop, requests have this long to end. Default 30 s.</summary>
    [Range(Min = "0s")]
    [Argument("graceful_shutdown_timeout")]
    public TimeSpan GracefulShutdownTimeout { get; init; } = TimeSpan.FromSeconds(30);

    [Block("http")]
    public ApiHttpOptions Http { get; init; } = new();

    /// <summary>Accepted for compatibility: pushes come over HTTP.</summary>
    [Block("grpc")]
    public ApiGrpcOptions? Grpc { get; init; }
}

/// <summary>Block <c>http</c>: where it listens.</summary>
public sealed record ApiHttpOptions
{
    /// <summary>"" is every address of this host.</summary>
    [Argument("listen_address")]
    public string Address { get; init; } = "";

    /// <summary>0: the system chooses one.</summary>
    [Range(Min = "0", Max = "65535")]
    [Argument("listen_port")]
    public int Port { get; init; } = 8080;

    /// <summary>Connections at once; 0 stands for <see cref="ApiServer.ConnectionsMax"/>.</summary>
    [Range(Min = "0")]
    [Argument("conn_limit")]
    public int ConnectionsMax { get; init; }

    /// <summary>Longest time for the head of a request. Default 30 s.</summary>
    [Range(Min = "1ms")]
    [Argument("server_read_timeout")]
    public TimeSpan ReadTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Accepted for compatibility: answers are a line.</summary>
    [Argument("server_write_timeout")]
    public TimeSpan WriteTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>A connection without a request for this long is closed. Default 120 s.</summary>
    [Range(Min = "1ms")]
    [Argument("server_idle_timeout")]
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(120);

    [Block("tls")]
    public HttpTlsOptions? Tls { get; init; }
}

/// <summary>Block <c>grpc</c>, which nothing needs.</summary>
public sealed record ApiGrpcOptions
{
    [Argument("listen_address")]
    public string Address { get; init; } = "";

    [Argument("listen_port")]
    public int Port { get; init; }

    [Argument("conn_limit")]
    public int ConnectionsMax { get; init; }

    [Argument("max_connection_age")]
    public TimeSpan ConnectionAgeMax { get; init; }

    [Argument("max_connection_age_grace")]
    public TimeSpan ConnectionAgeGrace { get; init; }

    [Argument("max_connection_idle")]
    public TimeSpan ConnectionIdleMax { get; init; }

    [Argument("server_max_recv_msg_size")]
    public int ReceivedBytesMax { get; init; }

    [Argument("server_max_send_msg_size")]
    public int SentBytesMax { get; init; }

    [Argument("server_max_concurrent_streams")]
    public int StreamsMax { get; init; }

    [Block("tls")]
    public HttpTlsOptions? Tls { get; init; }
}
