using Weir.Node.Sources.Docker;
using Weir.Protocol.Batches;

namespace Weir.Node.Tests.Sources.Docker;

public sealed class TailTargetsTests
{
    [Fact]
    public void Several_targets_of_a_container_make_one_whatever_their_order()
    {
        var one = Target("c1", "80");
        var other = Target("c1", "443");

        var forward = Of(out _, one, other)["c1"].Labels.Stdout;
        var backward = Of(out _, other, one)["c1"].Labels.Stdout;

        Assert.Equal(forward, backward);
    }

    [Fact]
    public void Targets_that_name_no_container_are_counted_and_left_out()
    {
        var targets = Of(out var nameless, Target("c1", "80"), new Dictionary<string, string> { ["job"] = "x" });

        Assert.Equal(1, nameless);
        Assert.Equal(["c1"], targets.Keys);
    }

    [Fact]
    public void The_name_is_shown_without_its_slash_and_hidden_labels_end_here()
    {
        var target = Of(out _, Target("c1", "80"))["c1"];

        Assert.Equal("web", target.Name);
        Assert.Equal("""{port="80"}""", target.Labels.Stdout!.ToString());
        Assert.Equal(1, target.Labels.Stdout.Count);
    }

    private static Dictionary<string, string> Target(string id, string port) => new()
    {
        ["__meta_docker_container_id"] = id,
        ["__meta_docker_container_name"] = "/web",
        ["port"] = port,
    };

    private static IReadOnlyDictionary<string, TailTarget> Of(
        out int nameless, params IReadOnlyDictionary<string, string>[] targets) =>
        TailTargets.Of(new DockerSourceOptions { Targets = targets }, new LabelSets(), out nameless);
}
