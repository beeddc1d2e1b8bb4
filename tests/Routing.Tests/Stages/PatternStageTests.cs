using System.Text;
using Weir.Routing.Language;
using Weir.Routing.LogQl;
using Weir.Routing.Stages;

namespace Weir.Routing.Tests.Stages;

public sealed class PatternStageTests
{
    [Theory]
    [InlineData("<a>", "line", "a=line")]
    [InlineData("<a> <b>", "1 2 3", "a=1 b=2 3")]
    [InlineData("<a> <_> <b>", "1 2 3", "a=1 b=3")]
    [InlineData("<a> <_>", "1 2 3", "a=1")]
    [InlineData("x=<a>,<_>", "x=1,2", "a=1")]
    [InlineData("x=<a>,<_>", "y=1,2", "")]
    [InlineData("x=<a>", " x=1", "")]
    [InlineData("<a>", "", "")]
    [InlineData("x<a>", "x", "a=")]
    [InlineData("<a> <b>", "1", "a=1")]
    [InlineData("<_> <a>", "1", "")]
    [InlineData("<a>]", "1]2]", "a=1")]
    [InlineData("<a> - <b>", " - ", "a= b=")]
    [InlineData("<a>\xc3\xa9<b>", "1\xc3\xa9\x32", "", "a=1\xc3\xa9\x32")]
    [InlineData("<a>é<b>", "1\u00c3\u00a92", "a=1 b=2")]
    [InlineData("<a> <b>", "\xff \xfe", "a=\xff b=\xfe")]
    [InlineData("<<a>>", "<1>", "a=1")]
    [InlineData("<1> <a>", "<1> 2", "a=2")]
    [InlineData("< a> <a>", "< a> 2", "a=2")]
    [InlineData("<_><a", "x", "", "refused")]
    [InlineData("<a> \"<b> <_>\" <b2>", "1 \"GET /x\" 200", "a=1 b=GET b2=200")]
    public void Captures_go_up_to_the_text_behind_them(
        string pattern, string line, string after, string otherwise = "")
    {
        if (otherwise == "refused")
        {
            Assert.False(LinePattern.TryCompile(pattern, out _, out _));
            return;
        }

        var rig = new StageRig(new PatternOptions { Pattern = pattern }, new Probe("a", "b", "b2"));

        rig.One(line);

        Assert.Equal(after.Length > 0 ? after : otherwise, rig.Probed);
    }

    [Theory]
    [InlineData("1 2", "x=1 2 a=1 b=2")]
    [InlineData("", "x=")]
    [InlineData(null, "x:nil")]
    public void A_source_is_read_in_place_of_the_line(string? value, string after)
    {
        var rig = new StageRig(
            new Extract("x", value), new PatternOptions { Pattern = "<a> <b>", Source = "x" },
            new Probe("x", "a", "b"));

        rig.One("8 9");

        Assert.Equal(after, rig.Probed);
    }

    [Theory]
    [InlineData("1 2", "", "a=1 b=2")]
    [InlineData("1 2", "a=0 c=3", "a=1 b=2 c=3")]
    [InlineData("\xff 2", "a=0", "a=0 b=2")]
    [InlineData(" 2", "a=0", "b=2")]
    [InlineData("1", "b=0", "a=1 b=0")]
    public void Captures_become_labels_where_asked(string line, string before, string after)
    {
        var rig = new StageRig(new PatternOptions { Pattern = "<a> <b>", LabelsFromGroups = true });

        Assert.Equal(after, rig.One(line, before).Labels);
    }

    [Theory]
    [InlineData("")]
    [InlineData("text")]
    [InlineData("<_>")]
    [InlineData("<a><b>")]
    [InlineData("x<a><_>")]
    [InlineData("<a> <a>")]
    public void A_pattern_that_cannot_work_is_refused(string pattern)
    {
        var problems = new OptionProblems();

        new PatternOptions { Pattern = pattern }.Validate(problems);

        Assert.Equal("pattern", Assert.Single(problems.Items).Name);
    }

    [Fact]
    public void Lines_that_do_not_match_are_counted()
    {
        var rig = new StageRig(new PatternOptions { Pattern = "x<a>" });

        rig.Lines("x1", "y", "");

        Assert.Equal(2, rig.Failed("pattern", "no_match"));
    }

    [Fact]
    public void A_warm_stage_allocates_nothing()
    {
        var rig = new StageRig(
            new PatternOptions { Pattern = "<ip> - <_> [<time>] <rest>", LabelsFromGroups = true });

        Allocations.AssertNone(() => rig.Run(rig.Reused("10.0.0.1 - - [now] GET /", "app=x")));
    }

    [Fact]
    public void Random_patterns_match_within_random_lines_or_are_refused()
    {
        Fuzz.Run(2000, random =>
        {
            var text = Fuzz.Text(random, ["<", ">", "<a>", "<b>", "<_>", "_", "x", " ", "é", "1"], 10);
            var line = new byte[random.Next(40)];
            random.NextBytes(line);
            if (random.Next(2) == 0) line = Encoding.UTF8.GetBytes(Fuzz.Text(random, ["x", " ", "é", "1", "<"], 20));
            if (!LinePattern.TryCompile(text, out var pattern, out var error))
            {
                Assert.NotEmpty(error);
                return;
            }

            var bounds = new int[pattern.Names.Count * 2];
            var filled = pattern.Match(line, bounds);

            Assert.InRange(filled, -1, pattern.Names.Count);
            for (var i = 0; i < filled; i++) Assert.InRange(bounds[i * 2], 0, bounds[i * 2 + 1]);
            Assert.True(filled <= 0 || bounds[filled * 2 - 1] <= line.Length);
        });
    }
}
