using Weir.Node.Sources.Docker;

namespace Weir.Node.Tests.Sources.Docker;

public sealed class DiscoveredContainersTests
{
    private static readonly DateTimeOffset Start = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000);

    private readonly DiscoveredContainers _containers = new();

    [Fact]
    public void A_container_stays_a_target_for_a_while_after_it_stopped()
    {
        Refresh(Start, Container("a", "running"));
        Refresh(Start, Container("a", "exited"));

        Assert.Equal(["a"], Ids());
        Assert.Equal(Start + DiscoveredContainers.StoppedHold, _containers.NextExpiry);

        _containers.Expire(Start + DiscoveredContainers.StoppedHold);

        Assert.Empty(Ids());
    }

    [Fact]
    public void A_stopped_container_keeps_the_labels_it_had_while_it_ran()
    {
        Refresh(Start, Container("a", "running"));
        var before = _containers.Targets;

        Refresh(Start, Container("a", "exited") with { Names = ["/other"] });

        Assert.Same(before, _containers.Targets);
    }

    [Fact]
    public void A_removed_container_stays_a_target_for_a_while()
    {
        Refresh(Start, Container("a", "running"));
        Refresh(Start);

        Assert.Equal(["a"], Ids());

        _containers.Expire(Start + DiscoveredContainers.StoppedHold);

        Assert.Empty(Ids());
    }

    [Fact]
    public void A_stopped_container_does_not_come_back_with_the_next_listing()
    {
        Refresh(Start, Container("a", "exited"));
        _containers.Expire(Start + DiscoveredContainers.StoppedHold);

        Refresh(Start + TimeSpan.FromMinutes(2), Container("a", "exited"));

        Assert.Empty(Ids());
    }

    [Fact]
    public void A_container_that_starts_again_is_a_target_again()
    {
        Refresh(Start, Container("a", "exited"));
        _containers.Expire(Start + DiscoveredContainers.StoppedHold);

        Refresh(Start + TimeSpan.FromMinutes(2), Container("a", "running"));

        Assert.Equal(["a"], Ids());
        Assert.Null(_containers.NextExpiry);
    }

    [Fact]
    public void A_created_container_is_a_target_for_a_minute_unless_it_starts()
    {
        Refresh(Start, Container("a", "created"), Container("b", "created"));
        Refresh(Start, Container("a", "created"), Container("b", "running"));

        _containers.Expire(Start + DiscoveredContainers.CreatedHold);

        Assert.Equal(["b"], Ids());
    }

    [Fact]
    public void A_container_created_long_ago_and_never_started_is_no_target()
    {
        Refresh(Start + TimeSpan.FromHours(1), Container("a", "created"));

        Assert.Empty(Ids());
    }

    [Fact]
    public void Asking_for_some_containers_leaves_the_others_alone()
    {
        Refresh(Start, Container("a", "running"), Container("b", "running"));

        _containers.Refresh(new HashSet<string> { "b" }, [], Targets, Start);
        _containers.Expire(Start + DiscoveredContainers.StoppedHold);

        Assert.Equal(["a"], Ids());
    }

    [Fact]
    public void Nothing_new_leaves_the_same_list()
    {
        Refresh(Start, Container("a", "running"));
        var before = _containers.Targets;

        Refresh(Start, Container("a", "running"));

        Assert.Same(before, _containers.Targets);
    }

    private static ContainerSummary Container(string id, string state) =>
        new() { Id = id, Names = ["/" + id], State = state, Created = Start.ToUnixTimeSeconds() };

    private static IReadOnlyList<IReadOnlyDictionary<string, string>> Targets(ContainerSummary container) =>
        [new Dictionary<string, string> { ["id"] = container.Id, ["name"] = container.Names![0] }];

    private void Refresh(DateTimeOffset now, params ContainerSummary[] listed) =>
        _containers.Refresh(null, listed, Targets, now);

    private string[] Ids() => [.. _containers.Targets.Select(target => target["id"])];
}
