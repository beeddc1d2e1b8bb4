using Weir.Routing.Language;
using Weir.Routing.Stages;

namespace Weir.Routing.Tests.Stages;

public sealed class DropStageTests
{
    [Theory]
    [InlineData("debug", "a debug line", true)]
    [InlineData("debug", "a line", false)]
    [InlineData("^debug", "a debug line", false)]
    [InlineData("(?i)DEBUG", "a debug line", true)]
    [InlineData("^$", "", true)]
    [InlineData("\\xff", "\xc3\xbf", true)]
    public void A_line_that_matches_is_dropped(string expression, string line, bool drops)
    {
        var rig = new StageRig(new DropOptions { Expression = expression });

        Assert.Equal((drops ? 0 : 1, drops ? 1 : 0), (rig.Lines(line).Length, rig.Dropped("drop_stage")));
    }

    [Theory]
    [InlineData(3, "abc", false)]
    [InlineData(3, "abcd", true)]
    [InlineData(3, "", false)]
    [InlineData(1, "\xc3\xa9", true)]
    public void A_line_longer_than_the_limit_in_bytes_is_dropped(int limit, string line, bool drops)
    {
        var rig = new StageRig(new DropOptions { LongerThan = new ByteSize(limit) });

        Assert.Equal(drops ? 0 : 1, rig.Lines(line).Length);
    }

    [Theory]
    [InlineData(60_000_000_000, false)]
    [InlineData(60_000_000_001, true)]
    [InlineData(-1, false)]
    public void An_entry_older_than_the_limit_is_dropped(long age, bool drops)
    {
        var rig = new StageRig(new DropOptions { OlderThan = TimeSpan.FromMinutes(1) });

        Assert.Equal(drops ? 0 : 1, rig.Run(rig.Batch(("line", "")), StageRig.Now + age).Count);
    }

    [Theory]
    [InlineData("a", "", "", "x", true)]
    [InlineData("a", "", "", null, true)]
    [InlineData("b", "", "", "x", false)]
    [InlineData("a,l", "", "", "x", true)]
    [InlineData("a,b", "", "", "x", false)]
    [InlineData("a", "x", "", "x", true)]
    [InlineData("a", "x", "", "xy", false)]
    [InlineData("a", ".", "", "x", false)]
    [InlineData("a", "x", "", null, false)]
    [InlineData("b", "x", "", "x", false)]
    [InlineData("a", "", "^x$", "x", true)]
    [InlineData("a", "", "y", "x", false)]
    [InlineData("a", "", ".*", null, false)]
    [InlineData("b", "", "^$", "x", true)]
    [InlineData("a,l", "", "^x;1$", "x", true)]
    [InlineData("l,a", "", "^1;x$", "x", true)]
    [InlineData("a,b,l", "", "^x;1$", "x", true)]
    [InlineData("a,l", "x;1", "", "x", true)]
    [InlineData("a,l", "", ".*", null, false)]
    [InlineData("b,c", "", "^$", "x", true)]
    public void Sources_must_exist_or_meet_the_value_or_expression(
        string source, string value, string expression, string? extracted, bool drops)
    {
        var rig = new StageRig(
            new Extract("a", extracted),
            new DropOptions { Source = source, Value = value, Expression = expression, Reason = "why" });

        var left = rig.Run(rig.Batch(("line", "l=1"))).Count;

        Assert.Equal((drops ? 0 : 1, drops ? 1 : 0), (left, rig.Dropped("why")));
    }

    [Theory]
    [InlineData("long debug line", true)]
    [InlineData("debug", false)]
    [InlineData("long other line", false)]
    public void All_conditions_must_hold(string line, bool drops)
    {
        var rig = new StageRig(new DropOptions { Expression = "debug", LongerThan = new ByteSize(8) });

        Assert.Equal(drops ? 0 : 1, rig.Lines(line).Length);
    }

    [Fact]
    public void A_separator_joins_the_sources()
    {
        var rig = new StageRig(
            new Extract("a", "x"), new DropOptions { Source = "a,l", Value = "x--1", Separator = "--" });

        Assert.Equal(0, rig.Run(rig.Batch(("line", "l=1"))).Count);
    }

    [Fact]
    public void The_lines_that_stay_keep_their_order()
    {
        var rig = new StageRig(new DropOptions { Expression = "drop" });

        Assert.Equal(["1", "2", "3"], rig.Lines("drop", "1", "drop", "drop", "2", "3", "drop"));
    }

    [Theory]
    [InlineData("", "", "", "")]
    [InlineData("a", "x", "y", "value")]
    [InlineData("", "x", "", "value")]
    [InlineData("", "", "(", "expression")]
    [InlineData("", "", "{{ .level }}", "expression")]
    [InlineData("a", "", "{{ if eq .Value \"x\" }}x{{ end }}", "expression")]
    public void Arguments_that_cannot_work_are_refused(string source, string value, string expression, string argument)
    {
        var problems = new OptionProblems();

        new DropOptions { Source = source, Value = value, Expression = expression }.Validate(problems);

        Assert.Contains(problems.Items, item => (item.Name ?? "") == argument);
    }

    [Theory]
    [InlineData("\\{\\{x\\}\\}", "a {{x}}")]
    [InlineData("{{", "{{")]
    [InlineData("a{2}}", "aa}")]
    public void Braces_may_be_matched(string expression, string line)
    {
        var options = new DropOptions { Expression = expression };
        var problems = new OptionProblems();

        options.Validate(problems);

        Assert.Empty(problems.Items);
        Assert.Empty(new StageRig(options).Lines(line));
    }

    [Fact]
    public void A_template_as_expression_is_answered_with_the_right_spelling()
    {
        var problems = new OptionProblems();

        new DropOptions { Expression = "{{ .level }}" }.Validate(problems);

        Assert.Contains("stage.template", Assert.Single(problems.Items).Hint, StringComparison.Ordinal);
    }

    [Fact]
    public void Random_lines_are_dropped_or_left_whole()
    {
        Fuzz.Run(300, random =>
        {
            var bytes = new byte[random.Next(80)];
            random.NextBytes(bytes);
            var line = System.Text.Encoding.Latin1.GetString(bytes);
            var rig = new StageRig(
                new LogfmtOptions { Mapping = LabelStagesTests.Map("a b") },
                new DropOptions { Source = random.Next(2) == 0 ? "a,b" : "", Expression = "[a-f]|\\xff|^.?$" });

            var left = rig.Lines(line);

            Assert.Equal(1, left.Length + rig.Dropped("drop_stage"));
            Assert.All(left, kept => Assert.Equal(line, kept));
        });
    }

    [Fact]
    public void A_warm_stage_allocates_nothing()
    {
        var rig = new StageRig(
            new DropOptions { Expression = "nowhere" }, new DropOptions { Source = "l,m", Expression = "nowhere" });
        using var batch = rig.Batch([.. Enumerable.Repeat(("a line", "l=1 m=2"), 20)]);

        Allocations.AssertNone(() => rig.Run(batch));
    }
}
