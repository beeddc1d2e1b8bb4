using Weir.Routing.Language;
using Weir.Routing.Stages;

namespace Weir.Routing.Tests.Stages;

public sealed class LogfmtStageTests
{
    [Theory]
    [InlineData("a", "a=1", "a=1")]
    [InlineData("a", "a=1 b=2", "a=1")]
    [InlineData("a=b", "a=1 b=2", "a=2")]
    [InlineData("a=b b=a", "a=1 b=2", "a=2 b=1")]
    [InlineData("a", "b=2", "")]
    [InlineData("a", "", "")]
    [InlineData("a", "a", "a=")]
    [InlineData("a", "a=", "a=")]
    [InlineData("a", "a= b=1", "a=")]
    [InlineData("a b", "a b=1", "a= b=1")]
    [InlineData("a", "a=1 a=2", "a=2")]
    [InlineData("a", "a=\"x y\"", "a=x y")]
    [InlineData("a", "a=\"\"", "a=")]
    [InlineData("a b", "a=\"x\"b=y", "a=x b=y")]
    [InlineData("a", "a=\"x=y\"", "a=x=y")]
    [InlineData("a", "a=\"x\\\"y\\\\z\\n\\t\"", "a=x\"y\\z\n\t")]
    [InlineData("a", "a=\"\\u00e9\\ud83d\\ude00\"", "a=\xc3\xa9\xf0\x9f\x98\x80")]
    [InlineData("a b", "\t a=1\t\tb=2 \r\n", "a=1 b=2")]
    [InlineData("a b", "a=1\nb=2", "a=1 b=2")]
    [InlineData("a", "a=\xff", "a=\xff")]
    [InlineData("a", "\xc3\xa9=1 a=2", "a=2")]
    [InlineData("a.b-c", "a.b-c=1", "a.b-c=1")]
    [InlineData("a", "level=info msg=\"started\" a=http://x/y", "a=http://x/y")]
    public void Values_are_taken_by_key(string mapping, string line, string seen)
    {
        var map = LabelStagesTests.Map(mapping);
        var rig = new StageRig(new LogfmtOptions { Mapping = map }, new Probe([.. map.Keys]));

        var left = rig.One(line).Line;

        Assert.Equal((line, seen, 0), (left, rig.Probed, rig.Failed("logfmt", "malformed")));
    }

    [Theory]
    [InlineData("a=1 =2 b=3", "a=1")]
    [InlineData("a=1 b=x=y", "a=1")]
    [InlineData("a=1 b=x\"y", "a=1")]
    [InlineData("a=1 b\"=2", "a=1")]
    [InlineData("a=1 b=\"open", "a=1")]
    [InlineData("a=1 b=\"open\\\"", "a=1")]
    [InlineData("a=1 b=\"\\q\"", "a=1")]
    [InlineData("a=1 b=\"\\u12\"", "a=1")]
    [InlineData("a=1 \xff=2 b=3", "a=1")]
    [InlineData("\"a=1", "")]
    [InlineData("{\"a\":1}", "")]
    public void What_stands_before_a_fault_counts_and_the_fault_is_counted(string line, string seen)
    {
        var rig = new StageRig(new LogfmtOptions { Mapping = LabelStagesTests.Map("a b") }, new Probe("a", "b"));

        rig.One(line);

        Assert.Equal((seen, 1), (rig.Probed, rig.Failed("logfmt", "malformed")));
    }

    [Theory]
    [InlineData("a=2 b=3", "a=2")]
    [InlineData(null, "")]
    [InlineData("", "")]
    public void A_source_is_read_in_place_of_the_line(string? value, string seen)
    {
        var rig = new StageRig(
            new Extract("src", value),
            new LogfmtOptions { Mapping = LabelStagesTests.Map("a"), Source = "src" }, new Probe("a"));

        rig.One("a=1");

        Assert.Equal(seen, rig.Probed);
    }

    [Theory]
    [InlineData("^ab", "ab=1 b=2 abc=\"x\\n\"", "ab=1 abc=x\n")]
    [InlineData(".", "b=", "b=")]
    public void A_regex_extracts_the_keys_that_match(string regex, string line, string seen)
    {
        var rig = new StageRig(new LogfmtOptions { Regex = regex }, new Probe("ab", "b", "abc"));

        rig.One(line);

        Assert.Equal(seen, rig.Probed);
    }

    [Theory]
    [InlineData("", "", "")]
    [InlineData("", "(", "regex")]
    [InlineData("a", "(?=x)", "regex")]
    public void Arguments_that_cannot_work_are_refused(string mapping, string regex, string argument)
    {
        var problems = new OptionProblems();

        new LogfmtOptions { Mapping = LabelStagesTests.Map(mapping), Regex = regex }.Validate(problems);

        Assert.Equal(argument, Assert.Single(problems.Items).Name ?? "");
    }

    [Fact]
    public void A_warm_stage_allocates_nothing()
    {
        var rig = new StageRig(
            new LogfmtOptions { Mapping = LabelStagesTests.Map("a b") },
            new LabelsOptions { Values = LabelStagesTests.Map("a") });
        using var batch = rig.Batch([.. Enumerable.Repeat(("a=x b=\"esc\\naped\" c=1", ""), 20)]);

        Allocations.AssertNone(() => rig.Run(batch));
    }

    [Fact]
    public void Random_lines_neither_crash_nor_lose_an_entry()
    {
        var rig = new StageRig(
            new LogfmtOptions { Mapping = LabelStagesTests.Map("a b=cd"), Regex = "." }, new Probe("a", "b"),
            new LabelsOptions { Values = LabelStagesTests.Map("a b") });
        string[] pieces =
            ["a", "cd", "=", "\"", " ", "\\", "\\n", "\\u00e", "\xff", "\0", "é", "a=\"", "\n", "cd=x ", "="];

        Fuzz.Run(2000, random =>
        {
            var lines = Enumerable.Range(0, 4).Select(_ => Fuzz.Text(random, pieces, 30)).ToArray();

            Assert.Equal(lines, rig.Lines(lines));
        });
    }
}
