using Weir.Routing.Language;
using Weir.Routing.Stages;

namespace Weir.Routing.Tests.Stages;

public sealed class RegexStageTests
{
    [Theory]
    [InlineData("(?P<a>x)", "x", "a=x")]
    [InlineData("(?<a>x)", "x", "a=x")]
    [InlineData("(?P<a>\\w+) (?P<b>\\w+)", "one two three", "a=one b=two")]
    [InlineData("(?P<a>\\d)", "1 2 3", "a=1")]
    [InlineData("(?P<a>x)?y", "y", "a=")]
    [InlineData("(?P<a>x)|(?P<b>y)", "y", "a= b=y")]
    [InlineData("(?P<a>x*)", "y", "a=")]
    [InlineData("(x)(?P<a>y)(z)", "xyz", "a=y")]
    [InlineData("(?P<a>x)", "y", "")]
    [InlineData("^(?P<a>x)$", "x\n", "")]
    [InlineData("(?m)^(?P<a>x)$", "y\nx\n", "a=x")]
    [InlineData("(?s)(?P<a>.*)", "x\ny", "a=x\ny")]
    [InlineData("(?P<a>.*)", "x\ny", "a=x")]
    [InlineData("(?i)(?P<a>error)", "An ERROR", "a=ERROR")]
    [InlineData("(?P<a>[^ ]+)", "\xff\xfe ", "a=\xff\xfe")]
    [InlineData("(?P<a>.)$", "caf\xc3\xa9", "a=\xc3\xa9")]
    [InlineData("(?P<a>.*)", "", "a=")]
    [InlineData("(?P<a>\\S+) (?P<b>stdout|stderr)", "2024 stderr", "a=2024 b=stderr")]
    public void Named_groups_of_the_first_match_are_extracted(string expression, string line, string seen)
    {
        var rig = new StageRig(new RegexOptions { Expression = expression }, new Probe("a", "b"));

        var left = rig.One(line).Line;

        Assert.Equal((line, seen), (left, rig.Probed));
    }

    [Theory]
    [InlineData("(?P<a>x)(?P<b>y)?", "x", "b=old c=1", "a=x c=1")]
    [InlineData("(?P<a>x)", "y", "a=old", "a=old")]
    [InlineData("(?P<a>\\S+)", "\xff", "a=old", "a=old")]
    [InlineData("(?P<a>x)(z)", "xz", "", "a=x")]
    public void Groups_become_labels_when_asked(string expression, string line, string before, string after)
    {
        var rig = new StageRig(new RegexOptions { Expression = expression, LabelsFromGroups = true });

        Assert.Equal(after, rig.One(line, before).Labels);
    }

    [Theory]
    [InlineData("x2", "a=2")]
    [InlineData(null, "")]
    public void A_source_is_read_in_place_of_the_line(string? value, string seen)
    {
        var rig = new StageRig(
            new Extract("src", value), new RegexOptions { Expression = "x(?P<a>.)", Source = "src" }, new Probe("a"));

        rig.One("x1");

        Assert.Equal(seen, rig.Probed);
    }

    [Fact]
    public void A_later_match_replaces_what_was_extracted_and_a_miss_keeps_it()
    {
        var rig = new StageRig(
            new RegexOptions { Expression = "(?P<a>1)" }, new RegexOptions { Expression = "(?P<a>3)" }, new Probe("a"),
            new RegexOptions { Expression = "(?P<a>2)" }, new Probe("a"));

        rig.One("1 2");

        Assert.Equal(("a=1 a=2", 1), (rig.Probed, rig.Failed("regex", "no_match")));
    }

    [Theory]
    [InlineData("", null, "expression")]
    [InlineData("(", null, "expression")]
    [InlineData("(?P<a>x)(?=y)", null, "expression")]
    [InlineData("(x)\\1", null, "expression")]
    [InlineData("x", "", "source")]
    public void Arguments_that_cannot_work_are_refused(string expression, string? source, string argument)
    {
        var problems = new OptionProblems();

        new RegexOptions { Expression = expression, Source = source }.Validate(problems);

        Assert.Equal(argument, Assert.Single(problems.Items).Name);
    }

    [Fact]
    public void A_warm_stage_allocates_nothing()
    {
        var rig = new StageRig(
            new RegexOptions
            {
                Expression = @"^(?P<ip>\S+) \S+ (?P<verb>[A-Z]+) (?P<code>\d+)",
                LabelsFromGroups = true,
            });
        using var batch = rig.Batch([.. Enumerable.Repeat(("10.0.0.1 - GET 200 rest", ""), 20)]);

        Allocations.AssertNone(() => rig.Run(batch));
    }

    [Fact]
    public void Random_lines_neither_crash_nor_lose_an_entry()
    {
        var rig = new StageRig(
            new RegexOptions { Expression = @"(?s)(?P<a>\w+|.)\s?(?P<b>x*)(?P<c>[^a]+)?", LabelsFromGroups = true });
        string[] pieces = ["a", "x", " ", "\xff", "\xc3", "\xa9", "\0", "\n", "é", "0", "\"", "\\"];

        Fuzz.Run(1000, random =>
        {
            var lines = Enumerable.Range(0, 4).Select(_ => Fuzz.Text(random, pieces, 20)).ToArray();

            Assert.Equal(lines, rig.Lines(lines));
        });
    }
}
