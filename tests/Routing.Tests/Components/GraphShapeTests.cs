using Weir.Routing.Components;
using static Weir.Routing.Tests.Components.GraphRig;

namespace Weir.Routing.Tests.Components;

/// <summary>Configurations whose components depend on what runs.</summary>
public sealed class GraphShapeTests
{
    /// <summary>A module, what refers to it, and the components that it names, separated by commas.</summary>
    private static PlanGraph Shaped(string module = "a") => exportsOf =>
    {
        var shape = Plan("module", module) with { IsModule = true };
        if (exportsOf("module") is not string names) return new GraphPlan([shape], ["module"], ["module awaited"], []);
        return names.Contains("bad", StringComparison.Ordinal)
            ? new GraphPlan([], [], [], ["it is bad"])
            : new GraphPlan(
                [shape, Plan("end", "e", "module"), .. names.Split(',').Select(name => Plan(name, name))],
                ["module"], [], []);
    };

    private static IEnumerable<string> Ids(GraphRig rig) => rig.Graph.Components.Select(component => component.Id);

    [Fact]
    public async Task What_depends_on_a_new_component_is_planned_in_the_same_load()
    {
        await using var rig = new GraphRig();

        var errors = await rig.Graph.LoadAsync(Shaped("a,b"), default);

        Assert.Empty(errors);
        Assert.Equal(["module", "end", "a", "b"], Ids(rig));
    }

    [Fact]
    public async Task Changed_exports_change_the_components_and_the_others_keep_running()
    {
        await using var rig = new GraphRig();
        await rig.Graph.LoadAsync(Shaped("a,b"), default);
        await rig.SeenAsync("a runs");
        rig.Clear();

        rig.ProbeOf("module").Host.Export("a,c");
        await rig.SeenAsync("c runs");
        await rig.SeenAsync("b disposed");

        Assert.Equal(["module", "end", "a", "c"], Ids(rig));
        Assert.DoesNotContain(rig.Journal, line => line.StartsWith("a ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_change_that_is_a_mistake_leaves_all_as_it_was_and_says_why()
    {
        await using var rig = new GraphRig();
        await rig.Graph.LoadAsync(Shaped("a,b"), default);

        rig.ProbeOf("module").Host.Export("bad");
        await rig.SeenAsync("end takes e+bad");
        var (ids, refused) = (Ids(rig).ToList(), rig.HealthOf("module").Message);
        rig.ProbeOf("module").Host.Export("c");
        await rig.SeenAsync("c runs");

        Assert.Equal(["module", "end", "a", "b"], ids);
        Assert.Contains("it is bad", refused, StringComparison.Ordinal);
        Assert.Equal(HealthState.Healthy, rig.HealthOf("module").State);
    }

    [Fact]
    public async Task What_never_comes_to_be_known_is_refused()
    {
        await using var rig = new GraphRig();

        var errors = await rig.Graph.LoadAsync(_ => new GraphPlan([Plan("a", "a")], [], ["b awaited"], []), default);

        Assert.Equal(["b awaited"], errors);
        Assert.Empty(Ids(rig));
        Assert.Contains("a disposed", rig.Journal);
    }

    [Fact]
    public async Task A_module_with_other_arguments_is_another_one_before_the_configuration_is_planned()
    {
        await using var rig = new GraphRig();
        await rig.Graph.LoadAsync(Shaped("a,b"), default);
        rig.Clear();

        var errors = await rig.Graph.LoadAsync(Shaped("c"), default);
        await rig.SeenAsync("c runs");

        Assert.Empty(errors);
        Assert.Equal(["module", "end", "c"], Ids(rig));
        Assert.Contains("module disposed", rig.Journal);
    }
}
