using Weir.Routing.Language;
using Weir.Routing.Stages;

namespace Weir.Routing.Tests.Stages;

public sealed class LabelStagesTests
{
    [Theory]
    [InlineData("level", null, "info", "", "level=info")]
    [InlineData("level", "", "info", "", "level=info")]
    [InlineData("lvl", "level", "info", "", "lvl=info")]
    [InlineData("level", null, "info", "level=warn", "level=info")]
    [InlineData("level", null, "info", "app=x", "app=x level=info")]
    [InlineData("level", null, null, "level=warn", "level=warn")]
    [InlineData("level", null, null, "", "")]
    [InlineData("level", null, "", "level=warn app=x", "app=x")]
    [InlineData("level", null, "\xff", "level=warn", "level=warn")]
    [InlineData("level", null, "\xc3\xa9", "", "level=é")]
    [InlineData("level", null, "a b\tc\"d", "", "level=a b\tc\"d")]
    [InlineData("level", null, "true", "", "level=true")]
    [InlineData("other", "app", "info", "app=x", "app=x other=x")]
    [InlineData("other", "missing", "info", "app=x", "app=x")]
    [InlineData("__tenant_id__", "level", "t1", "", "__tenant_id__=t1")]
    public void Labels_come_from_extracted_values(
        string label, string? source, string? value, string before, string after)
    {
        var rig = new StageRig(
            new Extract("level", value),
            new LabelsOptions { Values = new Dictionary<string, string?> { [label] = source } });

        Assert.Equal(after, rig.One("line", before).Labels);
    }

    [Fact]
    public void A_label_that_came_with_the_entry_is_an_extracted_value_until_a_stage_sets_it()
    {
        var rig = new StageRig(new Probe("app"), new Extract("app", "y"), new Probe("app"));

        rig.One("line", "app=x");

        Assert.Equal("app=x app=y", rig.Probed);
    }

    [Theory]
    [InlineData("", "a=1", "a=1")]
    [InlineData("b=2", "a=1", "a=1 b=2")]
    [InlineData("a=0", "a=1", "a=1")]
    [InlineData("", "a=1 b=2", "a=1 b=2")]
    [InlineData("c=3", "b=", "c=3")]
    [InlineData("b=2", "b=", "b=2")]
    [InlineData("b=2", "b", "b=2")]
    [InlineData("", "", "")]
    [InlineData("a=1", "", "a=1")]
    [InlineData("", "b=é", "b=é")]
    [InlineData("", "_a1=x", "_a1=x")]
    [InlineData("", "__tenant_id__=t", "__tenant_id__=t")]
    [InlineData("b=1 a=1", "c=3 a=2", "a=2 b=1 c=3")]
    public void Static_labels_are_set_on_every_entry(string before, string values, string after)
    {
        var rig = new StageRig(new StaticLabelsOptions { Values = Map(values) });

        Assert.Equal(after, rig.One("line", before).Labels);
    }

    [Theory]
    [InlineData("a=1 b=2", "a", "b=2")]
    [InlineData("a=1 b=2", "a b", "")]
    [InlineData("a=1", "c", "a=1")]
    [InlineData("", "a", "")]
    [InlineData("a=1 b=2 c=3", "b", "a=1 c=3")]
    [InlineData("a=1 b=2 c=3", "c a", "b=2")]
    [InlineData("a=1", "a a", "")]
    [InlineData("a=1", "A", "a=1")]
    [InlineData("ab=1", "a", "ab=1")]
    [InlineData("a=1", "a.*", "a=1")]
    [InlineData("__tenant_id__=t a=1", "__tenant_id__", "a=1")]
    [InlineData("a=é", "a", "")]
    public void Label_drop_removes_labels(string before, string dropped, string after)
    {
        var rig = new StageRig(new LabelDropOptions { Values = dropped.Split(' ') });

        Assert.Equal(after, rig.One("line", before).Labels);
    }

    [Theory]
    [InlineData("a=1 b=2", "a", "a=1")]
    [InlineData("a=1 b=2", "a b", "a=1 b=2")]
    [InlineData("a=1", "c", "")]
    [InlineData("", "a", "")]
    [InlineData("a=1 b=2 c=3", "b", "b=2")]
    [InlineData("a=1 b=2 c=3", "c a", "a=1 c=3")]
    [InlineData("a=1 b=2", "a a", "a=1")]
    [InlineData("a=1", "A", "")]
    [InlineData("ab=1", "a", "")]
    [InlineData("a=1", "a.*", "")]
    [InlineData("__tenant_id__=t a=1", "a", "a=1")]
    [InlineData("a=é b=2", "a none", "a=é")]
    public void Label_keep_removes_the_others(string before, string kept, string after)
    {
        var rig = new StageRig(new LabelKeepOptions { Values = kept.Split(' ') });

        Assert.Equal(after, rig.One("line", before).Labels);
    }

    [Theory]
    [InlineData("1a")]
    [InlineData("a-b")]
    [InlineData("")]
    [InlineData("é")]
    public void An_impossible_label_name_is_refused(string name)
    {
        var problems = new OptionProblems();

        new LabelsOptions { Values = new Dictionary<string, string?> { [name] = null } }.Validate(problems);

        Assert.Equal("values", Assert.Single(problems.Items).Name);
    }

    [Theory]
    [InlineData("text", "text")]
    [InlineData("", "")]
    [InlineData(null, "line")]
    [InlineData("\xff\x00", "\xff\x00")]
    public void Output_replaces_the_line_by_a_value_that_has_text(string? value, string line)
    {
        var rig = new StageRig(new Extract("out", value), new OutputOptions { Source = "out" });

        Assert.Equal(line, rig.One("line").Line);
    }

    [Theory]
    [InlineData("app=x", "x")]
    [InlineData("", "line")]
    public void Output_takes_a_label_that_came_with_the_entry(string labels, string line)
    {
        var rig = new StageRig(new OutputOptions { Source = "app" });

        Assert.Equal(line, rig.One("line", labels).Line);
    }

    [Fact]
    public void A_warm_pipeline_of_label_stages_allocates_nothing()
    {
        var rig = new StageRig(
            new Extract("level", "info"),
            new LabelsOptions { Values = new Dictionary<string, string?> { ["level"] = null, ["app"] = null } },
            new StaticLabelsOptions { Values = Map("env=prod") },
            new OutputOptions { Source = "level" });
        using var batch = rig.Batch([.. Enumerable.Range(0, 50).Select(i => ("line", "app=x"))]);

        Allocations.AssertNone(() => rig.Run(batch));
    }

    internal static Dictionary<string, string?> Map(string pairs) =>
        pairs.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(pair => pair.Split('=', 2))
            .ToDictionary(pair => pair[0], pair => (string?)(pair.Length > 1 ? pair[1] : null));
}
