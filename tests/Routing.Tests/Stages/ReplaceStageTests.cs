using Weir.Routing.Language;
using Weir.Routing.Stages;

namespace Weir.Routing.Tests.Stages;

public sealed class ReplaceStageTests
{
    [Theory]
    [InlineData("password=(\\S+)", "***", "user=a password=b c", "user=a password=*** c")]
    [InlineData("password=\\S+", "***", "password=b", "password=b")]
    [InlineData("(\\d+)", "#", "a1b22c", "a#b#c")]
    [InlineData("(\\d+)", "", "a1b22c", "abc")]
    [InlineData("(\\d+)", "#", "none", "none")]
    [InlineData("(\\d+)", "#", "", "")]
    [InlineData("(a)(b)", "#", "ab-ab", "##-##")]
    [InlineData("((a)b)", "#", "ab", "#")]
    [InlineData("(a)|(b)", "#", "ab", "##")]
    [InlineData("x(a*)x", "#", "xx", "x#x")]
    [InlineData("(a*)", "#", "ba", "#b#")]
    [InlineData("(\\d+)", "{{ .Value }}{{ .Value }}", "a1b2", "a11b22")]
    [InlineData("(\\w+)", "{{ .Value | ToUpper }}", "ab cd", "AB CD")]
    [InlineData("(\\w+)", "{{ Hash \"salt\" .Value | trunc 4 }}", "", "")]
    [InlineData("(b)", "{{ .app }}", "abc", "awebc")]
    [InlineData("(b)", "{{ .missing }}", "abc", "a<no value>c")]
    [InlineData("(b)", "{{ ToUpper .missing }}", "abc", "abc")]
    [InlineData("(b)", "{{ if eq .Value \"x\" }}y{{ end }}", "abc", "ac")]
    [InlineData("(b)", "$1 ${1}", "abc", "a$1 ${1}c")]
    [InlineData("(\\xff)", "#", "a\xff\xc3\xbf", "a\xff#")]
    [InlineData("a(.)c", "#", "a\u00ffc", "a#c")]
    [InlineData("a(.)c", "{{ .Value }}", "a\u00c3\u00a9c", "a\u00c3\u00a9c")]
    public void Groups_of_every_match_are_replaced(string expression, string replace, string line, string after)
    {
        var rig = new StageRig(new ReplaceOptions { Expression = expression, Replace = replace });

        Assert.Equal(after, rig.One(line, "app=web").Line);
    }

    [Theory]
    [InlineData("a1", "x=a# n=#", "line")]
    [InlineData("", "x=", "line")]
    [InlineData(null, "x:nil", "line")]
    [InlineData("none", "x=none", "line")]
    public void A_source_is_replaced_and_the_line_stays(string? value, string after, string line)
    {
        var rig = new StageRig(
            new Extract("x", value),
            new ReplaceOptions { Source = "x", Expression = "(?P<n>\\d)", Replace = "#" }, new Probe("x", "n"));

        var entry = rig.One("line");

        Assert.Equal((after, line), (rig.Probed, entry.Line));
    }

    [Theory]
    [InlineData("(?P<n>\\d)(?P<m>\\w)", "[{{ .Value }}]", "1a 2b", "n=[1] m=[a]")]
    [InlineData("(?P<n>a)|(?P<m>b)", "#", "ab", "n=#")]
    [InlineData("(?P<n>a)|(?P<m>b*)", "#", "ac", "n=# m=#")]
    [InlineData("(?P<n>z)", "#", "ab", "")]
    public void Named_groups_are_extracted_as_what_replaced_them_first(
        string expression, string replace, string line, string after)
    {
        var rig = new StageRig(new ReplaceOptions { Expression = expression, Replace = replace }, new Probe("n", "m"));

        rig.One(line);

        Assert.Equal(after, rig.Probed);
    }

    [Theory]
    [InlineData("", "", "expression")]
    [InlineData("(", "", "expression")]
    [InlineData("(a)", "{{ .Value", "replace")]
    public void Arguments_that_cannot_work_are_refused(string expression, string replace, string argument)
    {
        var problems = new OptionProblems();

        new ReplaceOptions { Expression = expression, Replace = replace }.Validate(problems);

        Assert.Equal(argument, Assert.Single(problems.Items).Name);
    }

    [Fact]
    public void A_warm_stage_with_a_plain_replacement_allocates_nothing()
    {
        var rig = new StageRig(new ReplaceOptions { Expression = "password=(?P<p>\\S+)", Replace = "***" });

        Allocations.AssertNone(() => rig.Run(rig.Reused("user=a password=b password=c", "app=x")));
    }

    [Fact]
    public void Random_lines_keep_all_that_stands_in_no_group()
    {
        Fuzz.Run(300, random =>
        {
            var line = Fuzz.Text(random, ["a", "1", "22", " ", "\xff", "\xc3\xa9", "x1x"], 40);
            var rig = new StageRig(new ReplaceOptions { Expression = "([0-9]+)", Replace = "" });

            var left = rig.One(line).Line;

            Assert.Equal(string.Concat(line.Where(unit => !char.IsAsciiDigit(unit))), left);
        });
    }
}
