using Weir.Node.Sources.Docker;

namespace Weir.Node.Tests.Sources.Docker;

public sealed class ContainerTargetsTests
{
    private static readonly TargetAddressing Addressing = new(80, "localhost", MatchFirstNetwork: true);

    private static readonly NetworkSummary Backend = new()
    {
        Id = "n1",
        Name = "backend",
        Scope = "local",
        Internal = true,
        Labels = new Dictionary<string, string> { ["com.docker.compose.network"] = "backend" },
    };

    [Fact]
    public void A_container_without_ports_has_one_target_with_the_fallback_port()
    {
        var target = Assert.Single(Of(Container(("backend", "n1", "10.0.0.2"))));

        Assert.Equal(
            new Dictionary<string, string>
            {
                ["__address__"] = "10.0.0.2:80",
                ["__meta_docker_container_id"] = "c1",
                ["__meta_docker_container_name"] = "/web",
                ["__meta_docker_container_network_mode"] = "backend",
                ["__meta_docker_container_label_com_docker_compose_project"] = "shop",
                ["__meta_docker_network_id"] = "n1",
                ["__meta_docker_network_name"] = "backend",
                ["__meta_docker_network_scope"] = "local",
                ["__meta_docker_network_internal"] = "true",
                ["__meta_docker_network_ingress"] = "false",
                ["__meta_docker_network_ip"] = "10.0.0.2",
                ["__meta_docker_network_label_com_docker_compose_network"] = "backend",
            }.OrderBy(label => label.Key),
            target.OrderBy(label => label.Key));
    }

    [Fact]
    public void Each_exposed_tcp_port_is_a_target()
    {
        var container = Container(("backend", "n1", "10.0.0.2")) with
        {
            Ports =
            [
                new ContainerPort { PrivatePort = 8080, PublicPort = 18080, Ip = "0.0.0.0", Type = "tcp" },
                new ContainerPort { PrivatePort = 9090, Type = "tcp" },
                new ContainerPort { PrivatePort = 53, Type = "udp" },
            ],
        };

        var targets = Of(container);

        Assert.Equal(["10.0.0.2:8080", "10.0.0.2:9090"], targets.Select(target => target["__address__"]));
        Assert.Equal("18080", targets[0]["__meta_docker_port_public"]);
        Assert.Equal("0.0.0.0", targets[0]["__meta_docker_port_public_ip"]);
        Assert.Equal("9090", targets[1]["__meta_docker_port_private"]);
        Assert.False(targets[1].ContainsKey("__meta_docker_port_public"));
    }

    [Fact]
    public void Only_the_first_network_by_name_counts_unless_all_are_wanted()
    {
        var container = Container(("zoo", "n2", "10.0.1.2"), ("backend", "n1", "10.0.0.2"));

        Assert.Equal(["10.0.0.2:80"], Of(container).Select(target => target["__address__"]));
        Assert.Equal(
            ["10.0.0.2:80", "10.0.1.2:80"],
            Of(container, Addressing with { MatchFirstNetwork = false }).Select(target => target["__address__"]));
    }

    [Fact]
    public void A_container_in_the_network_of_the_host_has_the_configured_address()
    {
        var container = Container(("host", "n0", ""));

        Assert.Equal("localhost", Assert.Single(Of(container))["__address__"]);
    }

    [Fact]
    public void A_shared_network_is_that_of_its_owner()
    {
        var owner = Container(("backend", "n1", "10.0.0.2"));
        var sharer = Container() with
        {
            Id = "c2",
            HostConfig = new ContainerHostConfig { NetworkMode = "container:c1" },
        };

        var targets = new ContainerTargets(Addressing, [owner, sharer], [Backend]).Of(sharer);

        Assert.Equal("10.0.0.2:80", Assert.Single(targets)["__address__"]);
    }

    [Fact]
    public void Containers_that_share_networks_in_a_circle_have_a_target_all_the_same()
    {
        var one = Container() with { HostConfig = new ContainerHostConfig { NetworkMode = "container:c2" } };
        var two = one with { Id = "c2", HostConfig = new ContainerHostConfig { NetworkMode = "container:c1" } };

        var target = Assert.Single(new ContainerTargets(Addressing, [one, two], []).Of(one));

        Assert.Equal("c1", target["__meta_docker_container_id"]);
    }

    [Fact]
    public void A_stopped_container_names_its_network_and_gets_its_labels()
    {
        var target = Assert.Single(Of(Container(("backend", "", ""))));

        Assert.Equal("n1", target["__meta_docker_network_id"]);
    }

    [Fact]
    public void An_address_of_version_six_is_bracketed()
    {
        Assert.Equal("[fd00::2]:80", Assert.Single(Of(Container(("backend", "n1", "fd00::2"))))["__address__"]);
    }

    [Theory]
    [InlineData("com.docker.compose.project", "com_docker_compose_project")]
    [InlineData("a-b/c d", "a_b_c_d")]
    [InlineData("größe😀", "gr__e_")]
    public void Names_are_sanitised_as_prometheus_does(string name, string expected)
    {
        Assert.Equal(expected, ContainerTargets.Sanitise(name));
    }

    private static IReadOnlyList<IReadOnlyDictionary<string, string>> Of(
        ContainerSummary container, TargetAddressing? addressing = null) =>
        new ContainerTargets(addressing ?? Addressing, [container], [Backend]).Of(container);

    private static ContainerSummary Container(params (string Name, string Id, string Ip)[] networks) => new()
    {
        Id = "c1",
        Names = ["/web", "/alias/web"],
        State = "running",
        Labels = new Dictionary<string, string> { ["com.docker.compose.project"] = "shop" },
        HostConfig = new ContainerHostConfig { NetworkMode = networks.Length > 0 ? networks[0].Name : "" },
        NetworkSettings = new ContainerNetworks
        {
            Networks = networks.ToDictionary(
                network => network.Name,
                network => (ContainerNetwork?)new ContainerNetwork { NetworkId = network.Id, IpAddress = network.Ip }),
        },
    };
}
