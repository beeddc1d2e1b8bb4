using Weir.Routing.Components.Http;
using Weir.Routing.Language;

namespace Weir.Node.RabbitMq;

/// <summary>How a node reaches its brokers, and what it makes there.</summary>
internal sealed record RabbitMqOptions
{
    /// <summary>Nodes of one RabbitMQ cluster; any of them serves.</summary>
    public required IReadOnlyList<BrokerAddress> Brokers { get; init; }

    /// <summary>Begins the names of all that Weir makes on the broker.</summary>
    public required string Cluster { get; init; }

    /// <summary>This node's id.</summary>
    public required string Node { get; init; }

    /// <summary>What the broker shows as the connection's name.</summary>
    public required string DisplayName { get; init; }

    /// <summary>Of brokers whose URL has none; "" for RabbitMQ's own guest.</summary>
    public string Username { get; init; } = "";

    public Secret Password { get; init; } = new("");

    /// <summary>Read anew for each connection; "" for none.</summary>
    public string PasswordFile { get; init; } = "";

    /// <summary>For brokers reached by <c>amqps</c>.</summary>
    public TlsOptions Tls { get; init; } = new();

    public QueueSizes Sizes { get; init; } = new();

    /// <summary>How long nothing is put into a queue that was just made: RabbitMQ 3.10 writes its registration half a
    /// second late, and a broker killed before has confirmed messages in a log that it no longer knows.</summary>
    public TimeSpan NewQueueSettles { get; init; } = TimeSpan.FromSeconds(3);
}

/// <summary>Bytes that queues hold at the most; then they refuse, and the sender keeps what it has.</summary>
internal sealed record QueueSizes
{
    /// <summary>16 shards then hold 8 GiB: hours of a fleet's logs.</summary>
    public const long ShardDefault = 512L << 20;

    /// <summary>A lane whose endpoint is down for long is meant to fill this one, not the shard.</summary>
    public const long ParkedDefault = 2L << 30;

    public const long DeadLettersDefault = 512L << 20;

    /// <summary>Notes of some hundred bytes, one a lane.</summary>
    public const long ParkedIndex = 16L << 20;

    public long Shard { get; init; } = ShardDefault;

    public long Parked { get; init; } = ParkedDefault;

    public long DeadLetters { get; init; } = DeadLettersDefault;
}
