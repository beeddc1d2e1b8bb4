using System.Globalization;
using Weir.Routing.Language;

namespace Weir.Node.Cluster;

/// <summary>What the command line or the environment says of the cluster, over what the configuration says.</summary>
/// <param name="Brokers">URLs, parted by commas; null where nothing is said, as everywhere here.</param>
/// <param name="Roles">Parted by commas.</param>
internal sealed record ClusterOverrides(
    Secret? Brokers = null, string? Roles = null, string? Shards = null, string? Name = null, string? NodeName = null,
    string? Username = null, Secret? Password = null, string? PasswordFile = null)
{
    public static ClusterOverrides None { get; } = new();

    /// <param name="variable">Reads a variable of the environment; null where it is not set.</param>
    public static ClusterOverrides Of(Func<string, string?> variable)
    {
        return new ClusterOverrides(
            SecretOf("WEIR_CLUSTER_BROKER"), Text("WEIR_CLUSTER_ROLES"), Text("WEIR_CLUSTER_SHARDS"),
            Text("WEIR_CLUSTER_NAME"), Text("WEIR_NODE_NAME"), Text("WEIR_CLUSTER_USERNAME"),
            SecretOf("WEIR_CLUSTER_PASSWORD"), Text("WEIR_CLUSTER_PASSWORD_FILE"));
        string? Text(string name) => variable(name) is { Length: > 0 } text ? text : null;
        Secret? SecretOf(string name) => Text(name) is { } text ? new Secret(text) : null;
    }

    /// <summary>What this says, and the rest of <paramref name="others"/>.</summary>
    public ClusterOverrides Over(ClusterOverrides others) => new(
        Brokers ?? others.Brokers, Roles ?? others.Roles, Shards ?? others.Shards, Name ?? others.Name,
        NodeName ?? others.NodeName, Username ?? others.Username,
        // One password replaces another, wherever it stands.
        Password ?? (PasswordFile is null ? others.Password : null),
        PasswordFile ?? (Password is null ? others.PasswordFile : null));

    /// <param name="block">Of the configuration; null where it has none.</param>
    /// <param name="problems">What is wrong, a line each, with what to do.</param>
    /// <returns>Null where this node is alone, or there are problems.</returns>
    public ClusterBlockOptions? Apply(ClusterBlockOptions? block, out IReadOnlyList<string> problems)
    {
        problems = [];
        if (block is null && Brokers is null) return null;
        var options = block ?? new ClusterBlockOptions();
        if (Brokers is { } urls)
        {
            options = options with
            {
                Broker = null,
                Brokers = [.. Parts(urls.Reveal()).Select(url => new Secret(url))],
            };
        }

        if (Roles is not null) options = options with { Roles = Parts(Roles) };
        if (Name is not null) options = options with { Name = Name };
        if (NodeName is not null) options = options with { NodeName = NodeName };
        if (Username is not null) options = options with { Username = Username };
        if (Password is not null) options = options with { Password = Password, PasswordFile = "" };
        if (PasswordFile is not null) options = options with { Password = new Secret(""), PasswordFile = PasswordFile };
        var found = new OptionProblems();
        if (Shards is not null)
        {
            if (int.TryParse(Shards, CultureInfo.InvariantCulture, out var shards) && shards is >= 1 and <= 1024)
                options = options with { Shards = shards };
            else found.Add("shards", $"\"{Shards}\" is no number from 1 to 1024");
        }

        options.Validate(found);
        if (options.AllBrokers.Count == 0)
        {
            found.AddToBlock("no broker is named",
                "broker = \"amqp://host:5672\" in the block, --cluster.broker or WEIR_CLUSTER_BROKER");
        }

        problems = [.. found.Items.Select(item =>
            $"cluster: {(item.Name is null ? "" : $"{item.Name}: ")}{item.Message}"
            + (item.Hint is null ? "" : $" ({item.Hint})"))];
        return problems.Count == 0 ? options : null;
    }

    private static string[] Parts(string text) =>
        text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
