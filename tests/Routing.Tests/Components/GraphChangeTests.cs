using Weir.Routing.Components;
using static Weir.Routing.Tests.Components.GraphRig;

namespace Weir.Routing.Tests.Components;

/// <summary>What a graph does while it runs: exports that change, work that faults.</summary>
public sealed class GraphChangeTests
{
    [Fact]
    public async Task Changed_exports_reach_dependents_and_their_dependents()
    {
        await using var rig = new GraphRig();
        await rig.LoadAsync(Plan("docker", "d"), Plan("relabel", "r", "docker"), Plan("source", "s", "relabel"));

        rig.ProbeOf("docker").Host.Export("targets");
        await rig.SeenAsync("source takes s+r+targets");

        Assert.Contains("relabel takes r+targets", rig.Journal);
    }

    [Fact]
    public async Task Equal_exports_and_equal_results_are_nobody_s_business()
    {
        await using var rig = new GraphRig();
        var length = new ComponentPlan("length", "probe", ["docker"],
            exportsOf => new PlanResult($"{((string)exportsOf("docker")!).Length}", []));
        await rig.LoadAsync(Plan("docker", "one"), length, Plan("end", "e", "docker"));

        var docker = rig.ProbeOf("docker").Host;
        docker.Export("one");
        docker.Export("two");
        await rig.SeenAsync("end takes e+two");

        Assert.Equal(1, rig.Journal.Count(line => line.StartsWith("length takes", StringComparison.Ordinal)));
        Assert.Equal(
            ["end takes e+one", "end takes e+two"],
            rig.Journal.Where(line => line.StartsWith("end takes", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Exports_that_a_dependent_cannot_use_make_it_unhealthy_until_it_can()
    {
        await using var rig = new GraphRig();
        var picky = new ComponentPlan("picky", "probe", ["docker"], exportsOf => exportsOf("docker") is "bad"
            ? new PlanResult(null, ["cannot be used"])
            : new PlanResult($"picky {exportsOf("docker")}", []));
        await rig.LoadAsync(Plan("docker", "good"), picky, Plan("end", "e", "docker"));

        rig.ProbeOf("docker").Host.Export("bad");
        await rig.SeenAsync("end takes e+bad");
        var (bad, options) = (rig.HealthOf("picky"), rig.Graph.Components[1].Options);
        rig.Clear();
        rig.ProbeOf("docker").Host.Export("good");
        await rig.SeenAsync("end takes e+good");

        Assert.Equal((HealthState.Unhealthy, "cannot be used"), (bad.State, bad.Message));
        Assert.Equal("picky good", options);
        Assert.Equal(HealthState.Healthy, rig.HealthOf("picky").State);
    }

    [Fact]
    public async Task A_fault_restarts_the_work_after_a_delay_and_it_is_healthy_once_it_has_settled()
    {
        await using var rig = new GraphRig();
        await rig.LoadAsync(Plan("file", "f"));
        await rig.SeenAsync("file runs");
        rig.Clear();

        rig.ProbeOf("file").Fault();
        var delay = await rig.Time.ArmedAsync();
        var faulted = rig.HealthOf("file");
        rig.Time.Advance(delay);
        await rig.SeenAsync("file runs");
        var restarted = rig.HealthOf("file");
        rig.Time.Advance(GraphNode.SettledAfter);

        Assert.Equal(HealthState.Unhealthy, faulted.State);
        Assert.Equal(HealthState.Unhealthy, restarted.State);
        Assert.Equal(HealthState.Healthy, rig.HealthOf("file").State);
        Assert.DoesNotContain("file disposed", rig.Journal);
    }

    [Fact]
    public async Task Faults_in_a_row_wait_longer_each_time_and_stay_unhealthy()
    {
        await using var rig = new GraphRig();
        await rig.LoadAsync(Plan("file", "f"));
        var delays = new List<TimeSpan>();

        for (var i = 0; i < 4; i++)
        {
            await rig.SeenAsync("file runs");
            rig.Clear();
            rig.ProbeOf("file").Fault();
            delays.Add(await rig.Time.ArmedAsync(within: GraphNode.SettledAfter / 2));
            Assert.Equal(HealthState.Unhealthy, rig.HealthOf("file").State);
            rig.Time.Advance(delays[^1]);
        }

        Assert.Equal([250, 500, 1000, 2000], delays.Select(delay => delay.TotalMilliseconds));
        Assert.Equal(4, rig.Log.Lines.Count(line => line.Contains("file: faulted", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task What_a_component_says_of_itself_after_a_fault_stands()
    {
        await using var rig = new GraphRig();
        await rig.LoadAsync(Plan("file", "f"));
        await rig.SeenAsync("file runs");
        rig.Clear();
        rig.ProbeOf("file").Fault();
        rig.Time.Advance(await rig.Time.ArmedAsync());
        await rig.SeenAsync("file runs");

        rig.ProbeOf("file").Host.Report(HealthState.Unhealthy, "the folder is not readable");
        rig.Time.Advance(GraphNode.SettledAfter);

        Assert.Equal("the folder is not readable", rig.HealthOf("file").Message);
    }

    [Fact]
    public async Task Work_that_is_done_shows_as_exited()
    {
        var rig = new GraphRig();
        await rig.LoadAsync(Plan("once", "o"));
        await rig.SeenAsync("once runs");
        var node = (GraphNode)rig.ProbeOf("once").Host;

        rig.ProbeOf("once").Finish();
        await rig.SeenAsync("once ends");
        await rig.DisposeAsync();

        Assert.Equal(HealthState.Exited, node.State.Health.State);
        Assert.Contains("once disposed", rig.Journal);
    }
}
