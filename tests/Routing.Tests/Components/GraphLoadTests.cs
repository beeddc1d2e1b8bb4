using Weir.Routing.Components;
using static Weir.Routing.Tests.Components.GraphRig;

namespace Weir.Routing.Tests.Components;

public sealed class GraphLoadTests
{
    [Fact]
    public async Task A_load_makes_components_in_order_with_the_exports_of_those_before()
    {
        await using var rig = new GraphRig();

        var errors = await rig.LoadAsync(
            Plan("write", "w"), Plan("process", "p", "write"), Plan("file", "f", "process"));

        Assert.Empty(errors);
        Assert.Equal(
            ["write takes w", "process takes p+w", "file takes f+p+w"],
            rig.Journal.Where(line => line.Contains("takes", StringComparison.Ordinal)));
        Assert.Equal(["write", "process", "file"], rig.Graph.Components.Select(component => component.Id));
        Assert.All(rig.Graph.Components, component => Assert.Equal(HealthState.Healthy, component.Health.State));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_load_with_a_mistake_leaves_the_former_graph_alone_and_disposes_what_it_made(bool isEvaluation)
    {
        await using var rig = new GraphRig();
        await rig.LoadAsync(Plan("write", "w"), Plan("file", "f", "write"));
        await rig.SeenAsync("file runs");
        await rig.SeenAsync("write runs");
        rig.Clear();
        var broken = isEvaluation ? Broken("echo", "3:4: no such thing") : Plan("echo", Refused);

        var errors = await rig.LoadAsync(Plan("write", "other"), Plan("relabel", "r"), broken);

        Assert.Equal([isEvaluation ? "3:4: no such thing" : "echo: refused cannot work"], errors);
        Assert.Equal(["write", "file"], rig.Graph.Components.Select(component => component.Id));
        Assert.Equal("w", rig.Graph.Components[0].Options);
        Assert.DoesNotContain("write takes other", rig.Journal);
        Assert.DoesNotContain("write ends", rig.Journal);
        Assert.Contains("relabel disposed", rig.Journal);
        Assert.DoesNotContain("relabel runs", rig.Journal);
    }

    [Fact]
    public async Task Every_mistake_is_named_once_and_what_refers_to_a_broken_component_names_none()
    {
        await using var rig = new GraphRig();

        var errors = await rig.LoadAsync(
            Broken("a", "a is wrong"), Plan("b", "b", "a"), Plan("c", Refused, "b"), Plan("d", Refused));

        Assert.Equal(["a is wrong", "d: refused cannot work"], errors);
        Assert.Empty(rig.Graph.Components);
    }

    [Fact]
    public async Task A_cancelled_load_disposes_what_it_made()
    {
        await using var rig = new GraphRig();
        using var cancel = new CancellationTokenSource();
        ComponentPlan cancelling = new("b", "probe", [], _ => throw new OperationCanceledException());

        await Assert.ThrowsAsync<OperationCanceledException>(
            () => rig.Graph.LoadAsync([Plan("a", "a"), cancelling], cancel.Token));

        Assert.Equal(["a takes a", "a disposed"], rig.Journal);
    }

    [Fact]
    public async Task A_reload_touches_only_what_changed()
    {
        await using var rig = new GraphRig();
        await rig.LoadAsync(Plan("write", "w"), Plan("process", "p"), Plan("file", "f"));
        foreach (var id in new[] { "write", "process", "file" }) await rig.SeenAsync($"{id} runs");
        var before = rig.ProbeOf("write");
        rig.Clear();

        var errors = await rig.LoadAsync(Plan("write", "w"), Plan("process", "changed"), Plan("docker", "d"));

        Assert.Empty(errors);
        await rig.SeenAsync("docker runs");
        Assert.Same(before, rig.ProbeOf("write"));
        Assert.Equal(1, before.Reloads); // told, for it may have given something up
        Assert.Equal(
            ["docker takes d", "process takes changed", "file ends", "file disposed"],
            rig.Journal.Where(line => line != "docker runs"));
        Assert.Contains(rig.Log.Lines, line => line.Contains("file: removed", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Sources_stop_before_what_they_send_to()
    {
        var rig = new GraphRig();
        await rig.LoadAsync(Plan("write", "w"), Plan("process", "p", "write"), Plan("file", "f", "process"));
        foreach (var id in new[] { "write", "process", "file" }) await rig.SeenAsync($"{id} runs");
        rig.Clear();

        await rig.LoadAsync(Plan("write", "w"));
        var removed = rig.Journal;
        await rig.DisposeAsync();

        Assert.Equal(["file ends", "file disposed", "process ends", "process disposed"], removed);
        Assert.Equal(["write ends", "write disposed"], rig.Journal.Skip(removed.Count));
    }

    [Fact]
    public async Task A_stop_waits_for_the_work_to_end()
    {
        var rig = new GraphRig();
        await rig.LoadAsync(Plan("file", "f"));
        await rig.SeenAsync("file runs");
        var lingers = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        rig.ProbeOf("file").Lingers = lingers;

        var stop = rig.DisposeAsync().AsTask();
        Assert.False(stop.IsCompleted);
        Assert.DoesNotContain("file disposed", rig.Journal);
        lingers.SetResult();
        await stop;

        Assert.Equal(["file ends", "file disposed"], rig.Journal.TakeLast(2));
    }

    [Fact]
    public async Task Changed_arguments_that_a_running_component_refuses_leave_it_with_those_it_had()
    {
        await using var rig = new GraphRig();
        await rig.LoadAsync(Plan("write", "w"));

        var errors = await rig.LoadAsync(Plan("write", Refused));
        var refused = rig.Graph.Components[0];
        await rig.LoadAsync(Plan("write", "w"));

        Assert.Empty(errors);
        Assert.Equal((HealthState.Unhealthy, "refused cannot work"), (refused.Health.State, refused.Health.Message));
        Assert.Equal("w", refused.Options);
        Assert.Equal(HealthState.Healthy, rig.HealthOf("write").State);
    }
}
