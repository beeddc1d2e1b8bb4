using System.CommandLine;
using Weir.Node.Cluster;
using Weir.Routing.Language;

namespace Weir.Node.Commands;

/// <summary>What the command line says of the cluster. Two of the names are Alloy's, and without effect where no broker
/// is named.</summary>
internal sealed class ClusterFlags
{
    private readonly Option<string?> _broker = Text(
        "--cluster.broker", "URL of the RabbitMQ broker that the nodes share (amqp:// or amqps://); several are parted "
        + "by commas. Better in WEIR_CLUSTER_BROKER where it holds a password.");

    private readonly Option<string?> _roles = Text("--cluster.roles", "agent, writer, or both parted by a comma.");

    private readonly Option<string?> _shards = Text(
        "--cluster.shards", "Parts of each destination that writers share out; the same on all nodes.");

    private readonly Option<string?> _name = Text("--cluster.name", "Tells clusters on one broker apart.");

    private readonly Option<string?> _nodeName = Text(
        "--cluster.node-name", "What people call this node; the host's name by default.");

    private readonly Option<string?> _username = Text("--cluster.username", "User on the broker.");

    private readonly Option<string?> _passwordFile = Text(
        "--cluster.password-file", "Holds the user's password; read anew for each connection.");

    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[_broker, _roles, _shards, _name, _nodeName, _username, _passwordFile])
            command.Add(option);
    }

    public ClusterOverrides Value(ParseResult parsed)
    {
        return new ClusterOverrides(
            Of(_broker) is { } broker ? new Secret(broker) : null, Of(_roles), Of(_shards), Of(_name), Of(_nodeName),
            Of(_username), Password: null, Of(_passwordFile));
        string? Of(Option<string?> option) => parsed.GetValue(option) is { Length: > 0 } text ? text : null;
    }

    private static Option<string?> Text(string name, string description) =>
        new(name) { Description = description, Arity = ArgumentArity.ZeroOrOne };
}
