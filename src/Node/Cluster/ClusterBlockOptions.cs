using Weir.Node.RabbitMq;
using Weir.Routing.Components.Http;
using Weir.Routing.Language;
using Weir.Routing.Membership;

namespace Weir.Node.Cluster;

/// <summary>Block <c>cluster</c>: this node is one of several that share a broker. Read when the node starts.</summary>
[ConfigurationBlock("cluster")]
public sealed record ClusterBlockOptions : IValidated
{
    /// <summary>Shards of each destination unless the configuration says otherwise: enough for some dozen
    /// writers.</summary>
    public const int ShardsDefault = 16;

    public const string NameDefault = "weir";

    // Longer ones leave too little of a queue's name for the rest.
    private const int NameLengthMax = 60;

    /// <summary>URL of the one broker.</summary>
    [Argument("broker")]
    public Secret? Broker { get; init; }

    /// <summary>URLs of several nodes of one RabbitMQ cluster.</summary>
    [Argument("brokers")]
    public IReadOnlyList<Secret> Brokers { get; init; } = [];

    /// <summary><c>agent</c> collects, <c>writer</c> pushes what agents collected.</summary>
    [Argument("roles")]
    public IReadOnlyList<string> Roles { get; init; } = [NodeSelf.Agent, NodeSelf.Writer];

    /// <summary>Parts of each destination that writers share out; the same on all nodes.</summary>
    [Argument("shards")]
    [Range(Min = "1", Max = "1024")]
    public int Shards { get; init; } = ShardsDefault;

    /// <summary>Tells clusters on one broker apart; begins the names of its queues.</summary>
    [Argument("name")]
    public string Name { get; init; } = NameDefault;

    /// <summary>What people call this node; "" for the name of its host.</summary>
    [Argument("node_name")]
    public string NodeName { get; init; } = "";

    /// <summary>Of brokers whose URL names no user.</summary>
    [Argument("username")]
    public string Username { get; init; } = "";

    [Argument("password")]
    public Secret Password { get; init; } = new("");

    /// <summary>Read anew for each connection.</summary>
    [Argument("password_file")]
    public string PasswordFile { get; init; } = "";

    /// <summary>Bytes that each shard's queue holds at the most; then spools fill.</summary>
    [Argument("shard_max_bytes")]
    [Range(Min = "16MiB")]
    public ByteSize ShardMaxBytes { get; init; } = new(QueueSizes.ShardDefault);

    /// <summary>Bytes that are kept of a lane whose endpoint takes nothing, in each shard.</summary>
    [Argument("parked_max_bytes")]
    [Range(Min = "16MiB")]
    public ByteSize ParkedMaxBytes { get; init; } = new(QueueSizes.ParkedDefault);

    /// <summary>Bytes of dead letters that are kept of each destination.</summary>
    [Argument("dead_letters_max_bytes")]
    [Range(Min = "1MiB")]
    public ByteSize DeadLettersMaxBytes { get; init; } = new(QueueSizes.DeadLettersDefault);

    /// <summary>For brokers that are reached by <c>amqps</c>.</summary>
    [Block("tls_config")]
    public TlsOptions Tls { get; init; } = new();

    /// <summary>All of <see cref="Broker"/> and <see cref="Brokers"/>.</summary>
    public IReadOnlyList<Secret> AllBrokers => Broker is { IsEmpty: false } one ? [one, .. Brokers] : Brokers;

    /// <summary>Validated: every URL is one.</summary>
    internal IReadOnlyList<BrokerAddress> Addresses =>
        [.. AllBrokers.Select(url => BrokerAddress.TryParse(url.Reveal(), out var address, out _) ? address : null)
            .OfType<BrokerAddress>()];

    /// <inheritdoc/>
    public void Validate(OptionProblems problems)
    {
        foreach (var url in AllBrokers)
            if (!BrokerAddress.TryParse(url.Reveal(), out _, out var problem)) problems.Add("broker", problem);
        foreach (var role in Roles)
        {
            if (role is not (NodeSelf.Agent or NodeSelf.Writer))
                problems.Add("roles", $"\"{role}\" is no role", "roles are \"agent\" and \"writer\"");
        }

        if (Roles.Count == 0) problems.Add("roles", "a node has at least one", "roles are \"agent\" and \"writer\"");
        if (Name.Length is 0 or > NameLengthMax || !Name.All(IsNameLetter))
        {
            problems.Add("name", $"it takes 1 to {NameLengthMax} letters, digits, - and _",
                "it begins the names of queues");
        }

        if (!Password.IsEmpty && PasswordFile.Length > 0)
            problems.Add("password_file", "password and password_file exclude each other");
        if ((!Password.IsEmpty || PasswordFile.Length > 0) && Username.Length == 0)
            problems.Add("username", "a password needs its user");
    }

    private static bool IsNameLetter(char letter) => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_';
}
