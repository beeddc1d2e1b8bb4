using Weir.Routing.Components;
using Weir.Routing.Language;
using Weir.Routing.Stages;

namespace Weir.Routing.Tests.Stages;

public sealed class MatchStageTests
{
    [Theory]
    [InlineData("{app=\"x\"}", "app=x", "line", true)]
    [InlineData("{app=\"x\"}", "app=y", "line", false)]
    [InlineData("{app=\"x\"}", "", "line", false)]
    [InlineData("{app=\"\"}", "", "line", true)]
    [InlineData("{app!=\"x\"}", "", "line", true)]
    [InlineData("{app!=\"x\"}", "app=x", "line", false)]
    [InlineData("{app=~\"x|y\"}", "app=y", "line", true)]
    [InlineData("{app=~\"x\"}", "app=xy", "line", false)]
    [InlineData("{app!~\"x.*\"}", "app=xy", "line", false)]
    [InlineData("{app=\"x\",env=\"e\"}", "app=x", "line", false)]
    [InlineData("{app=\"x\", env=\"e\"}", "app=x env=e", "line", true)]
    [InlineData("{app=\"x\"} |= \"in\"", "app=x", "line", true)]
    [InlineData("{app=\"x\"} |= \"IN\"", "app=x", "line", false)]
    [InlineData("{app=\"x\"} != \"in\"", "app=x", "line", false)]
    [InlineData("{app=\"x\"} |~ \"l.n\"", "app=x", "line", true)]
    [InlineData("{app=\"x\"} !~ \"l.n\"", "app=x", "line", false)]
    [InlineData("{app=\"x\"} |= \"l\" != \"z\" |~ \"e$\"", "app=x", "line", true)]
    [InlineData("{app=\"x\"} |= `\"q\"`", "app=x", "a \"q\"", true)]
    public void Entries_are_selected_by_labels_and_line(string selector, string labels, string line, bool selects)
    {
        var nested = new StageRig(Nested(selector, new StaticLabelsOptions { Values = LabelStagesTests.Map("hit=1") }));
        var dropping = new StageRig(
            new MatchOptions { Selector = selector, Action = MatchAction.Drop, Reason = "why" });

        var hit = nested.One(line, labels).Labels.Contains("hit=1", StringComparison.Ordinal);
        var left = dropping.Run(dropping.Batch((line, labels))).Count;

        Assert.Equal((selects, selects ? 0 : 1, selects ? 1 : 0), (hit, left, dropping.Dropped("why")));
    }

    [Fact]
    public void Matching_and_other_lines_keep_their_order()
    {
        var rig = new StageRig(Nested(
            "{a=~\".*\"} |= \"m\"", new DropOptions { Expression = "^mdrop" },
            Nested("{a=\"\"} |= \"mm\"", new StaticLabelsOptions { Values = LabelStagesTests.Map("mm=1") })));

        Assert.Equal(
            ["1", "m2", "3", "mm4", "5", "m6", "mm7"],
            rig.Lines("mdrop", "1", "m2", "mdrop", "3", "mm4", "mdrop", "5", "m6", "mm7", "mdrop"));
    }

    [Fact]
    public void Held_lines_leave_a_nested_stage_where_their_end_stands()
    {
        var rig = new StageRig(Nested("{a=~\".*\"} |= \" std\"", new CriOptions()));

        var left = rig.Lines("0", "t stdout P 1", "2", "t stderr F 3", "t stdout F 4", "5", "t stdout P 6");
        var ended = rig.Run(new(), ending: true);

        Assert.Equal(["0", "2", "3", "14", "5"], left);
        Assert.Equal(["6"], StageRig.Lines(ended));
    }

    [Fact]
    public void Nested_stages_share_the_values_and_begin_with_the_labels_as_they_are()
    {
        var rig = new StageRig(
            new Extract("app", "extracted"), new Extract("x", "kept"),
            new StaticLabelsOptions { Values = LabelStagesTests.Map("new=label") },
            new LabelDropOptions { Values = ["gone"] },
            Nested("{a=\"\"}", new Probe("app", "x", "new", "gone"), new Extract("x", "changed")),
            new Probe("x", "app"));

        rig.One("line", "app=label gone=still");

        Assert.Equal("app=label x=kept new=label gone=still x=changed app=label", rig.Probed);
    }

    [Theory]
    [InlineData("", MatchAction.Keep, true, "selector")]
    [InlineData("app=x", MatchAction.Keep, true, "selector")]
    [InlineData("{app=\"x\"} |> \"<_>\"", MatchAction.Keep, true, "selector")]
    [InlineData("{app=\"x\"} | json", MatchAction.Keep, true, "selector")]
    [InlineData("{app=\"x\"}", MatchAction.Keep, false, "")]
    [InlineData("{app=\"x\"}", MatchAction.Drop, true, "action")]
    public void Arguments_that_cannot_work_are_refused(
        string selector, MatchAction action, bool hasStages, string argument)
    {
        var problems = new OptionProblems();

        new MatchOptions
        {
            Selector = selector, Action = action, Stages = hasStages ? [new DockerOptions()] : [],
        }.Validate(problems);

        Assert.Equal(argument, Assert.Single(problems.Items).Name ?? "");
    }

    [Fact]
    public void Nesting_too_deep_is_refused()
    {
        IStageOptions stage = new DockerOptions();
        for (var i = 0; i < StageCompiler.DepthMax; i++) stage = Nested("{a=\"\"}", stage);

        Assert.Throws<ComponentException>(() => new StageRig(stage));
    }

    [Fact]
    public void Random_selectors_are_refused_or_select_without_losing_a_line()
    {
        string[] pieces =
        [
            "{", "}", "app", "=", "\"x\"", "!=", "=~", "!~", ",", "|=", "|~", "\"l.*\"", "`", " ", "|>", "(", "\\", "é",
            "{app=\"x\"}", "{app=~\".*\"} |= \"l\"",
        ];
        Fuzz.Run(2000, random =>
        {
            var options = Nested(Fuzz.Text(random, pieces, 8), new StaticLabelsOptions());
            var problems = new OptionProblems();
            options.Validate(problems);
            if (problems.Items.Count > 0) return;
            var bytes = new byte[random.Next(20)];
            random.NextBytes(bytes);
            var line = System.Text.Encoding.Latin1.GetString(bytes);

            var left = new StageRig(options).One(line, "app=x");

            Assert.Equal((line, "app=x"), (left.Line, left.Labels));
        });
    }

    [Fact]
    public void A_warm_stage_allocates_nothing()
    {
        var rig = new StageRig(Nested(
            "{app=~\"x|y\"} |= \"m\"", new LogfmtOptions { Mapping = LabelStagesTests.Map("k") },
            new LabelsOptions { Values = LabelStagesTests.Map("k app") }));
        using var batch = rig.Batch([.. Enumerable.Range(0, 20).Select(i => (i % 2 == 0 ? "m k=v" : "line", "app=x"))]);

        Allocations.AssertNone(() => rig.Run(batch));
    }

    private static MatchOptions Nested(string selector, params IStageOptions[] stages) =>
        new() { Selector = selector, Stages = stages };
}
