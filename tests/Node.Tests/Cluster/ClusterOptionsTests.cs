using Weir.Node.Agent;
using Weir.Node.Cluster;
using Weir.Routing.Language;

namespace Weir.Node.Tests.Cluster;

public sealed class ClusterOptionsTests
{
    [Fact]
    public void A_block_names_brokers_roles_and_shards()
    {
        var block = Read("""
            cluster {
              brokers       = ["amqps://one", "amqps://two:1234/logs"]
              roles         = ["writer"]
              shards        = 8
              name          = "prod"
              username      = "weir"
              password_file = "/run/secrets/broker"

              tls_config {
                ca_file = "/etc/ca.pem"
              }
            }
            """);

        var options = ClusterOverrides.None.Apply(block, out var problems);

        Assert.Empty(problems);
        Assert.Equal(["one:5671", "two:1234"], options!.Addresses.Select(address => $"{address}"));
        Assert.Equal((8, "prod", "/etc/ca.pem"), (options.Shards, options.Name, options.Tls.CaFile));
        Assert.Equal(["writer"], options.Roles);
    }

    [Fact]
    public void Without_block_flag_and_variable_a_node_is_alone()
    {
        var alloys = new ClusterOverrides(Name: "alloys-own", NodeName: "n");

        Assert.Null(ClusterOverrides.None.Apply(null, out _));
        Assert.Null(alloys.Apply(null, out var problems));
        Assert.Empty(problems);
    }

    [Fact]
    public void A_flag_wins_over_a_variable_and_that_over_the_block()
    {
        var block = Read("""
            cluster {
              broker   = "amqp://block"
              name     = "block"
              shards   = 2
              username = "u"
              password = "block"
            }
            """);
        var environment = ClusterOverrides.Of(name => name switch
        {
            "WEIR_CLUSTER_NAME" => "variable",
            "WEIR_CLUSTER_BROKER" => "amqp://one, amqp://two",
            "WEIR_CLUSTER_PASSWORD_FILE" => "/run/secret",
            _ => null,
        });

        var options = new ClusterOverrides(Name: "flag", Shards: "4").Over(environment).Apply(block, out var problems);

        Assert.Empty(problems);
        Assert.Equal(("flag", 4, "/run/secret", ""),
            (options!.Name, options.Shards, options.PasswordFile, options.Password.Reveal()));
        Assert.Equal(["one:5672", "two:5672"], options.Addresses.Select(address => $"{address}"));
    }

    [Theory]
    [InlineData("""cluster { roles = ["agent"] }""", "no broker is named")]
    public void What_is_missing_at_the_start_is_said_with_what_to_do(string text, string expected)
    {
        var options = ClusterOverrides.None.Apply(Read(text), out var problems);

        Assert.Null(options);
        Assert.Contains(expected, Assert.Single(problems), StringComparison.Ordinal);
        Assert.Contains("WEIR_CLUSTER_BROKER", problems[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("roles = [\"boss\"]", "\"boss\" is no role")]
    [InlineData("roles = []", "at least one")]
    [InlineData("name = \"a.b\"", "letters, digits")]
    [InlineData("shards = 0", "shards")]
    [InlineData("shard_max_bytes = \"1KiB\"", "shard_max_bytes")]
    [InlineData("password = \"topsecret\"", "a password needs its user")]
    [InlineData("username = \"u\"\npassword = \"topsecret\"\npassword_file = \"f\"", "exclude each other")]
    [InlineData("brokers = [\"http://u:topsecret@x\"]", "amqp://host:5672")]
    public void A_wrong_argument_is_refused_where_it_stands(string argument, string expected)
    {
        var text = $"cluster {{\nbroker = \"amqp://x\"\n{argument}\n}}\n";

        var read = Reader().Read([new SourceFile("weir.alloy", text)]);

        var late = read.Plans?.SelectMany(plan => plan.Evaluate(_ => null).Errors) ?? [];
        var said = string.Join('\n', read.Errors.Concat(late));
        Assert.Contains(expected, said, StringComparison.Ordinal);
        Assert.Contains("weir.alloy:", said, StringComparison.Ordinal);
    }

    [Fact]
    public void Shards_on_the_command_line_are_a_number()
    {
        var overrides = new ClusterOverrides(Brokers: new Secret("amqp://x"), Shards: "many");

        Assert.Null(overrides.Apply(null, out var problems));

        Assert.Contains("\"many\" is no number from 1 to 1024", Assert.Single(problems), StringComparison.Ordinal);
    }

    private static ConfigurationReader Reader() => new(Stability.GenerallyAvailable, new ConfigurationFormat());

    private static ClusterBlockOptions Read(string text)
    {
        var read = Reader().Read([new SourceFile("weir.alloy", text)]);
        Assert.Empty(read.Errors);
        return (ClusterBlockOptions)Assert.Single(read.Plans!).Evaluate(_ => null).Options!;
    }
}
