using Weir.Routing.Language;
using Weir.Routing.Stages;

namespace Weir.Routing.Tests.Stages;

public sealed class RateStagesTests
{
    private const long Second = 1_000_000_000;

    [Theory]
    [InlineData(10, 5, 5, 0)]
    [InlineData(10, 5, 6, 100)]
    [InlineData(10, 5, 25, 2000)]
    public void Lines_above_the_rate_hold_up_the_batch(double rate, int burst, int lines, int milliseconds)
    {
        var rig = new StageRig(new LimitOptions { Rate = rate, Burst = burst });
        var batch = rig.Batch([.. Enumerable.Repeat(("line", ""), lines)]);

        var delay = rig.Pipeline.Run(batch, StageRig.Now, ending: false);

        Assert.Equal((lines, TimeSpan.FromMilliseconds(milliseconds)), (batch.Count, delay));
    }

    [Fact]
    public void Lines_above_the_rate_are_dropped_when_asked_and_tokens_come_back_with_time()
    {
        var rig = new StageRig(new LimitOptions { Rate = 2, Burst = 3, Drops = true });

        var counts = new[] { 0, 0, 1, 10 }.Select(seconds => rig.Run(
            rig.Batch([.. Enumerable.Repeat(("line", ""), 5)]), StageRig.Now + seconds * Second).Count);

        Assert.Equal([3, 0, 2, 3], counts);
        Assert.Equal(12, rig.Dropped("ratelimit_drop_stage"));
    }

    [Fact]
    public void Each_value_of_a_label_has_a_budget_and_lines_without_it_pass()
    {
        var rig = new StageRig(new LimitOptions { Rate = 1, Burst = 1, Drops = true, ByLabel = "app" });

        var left = StageRig.Lines(rig.Run(rig.Batch(
            ("1", "app=x"), ("2", "app=x"), ("3", "app=y"), ("4", ""), ("5", ""), ("6", "app=y"))));

        Assert.Equal(["1", "3", "4", "5"], left);
        Assert.Equal(1, rig.Events.DroppedLinesByLabel.With("loki.process.test", "app", "x").Value);
        Assert.Equal(2, rig.Dropped("ratelimit_drop_stage"));
    }

    [Theory]
    [InlineData(0, 1, "", false, "rate")]
    [InlineData(1, 0, "", false, "burst")]
    [InlineData(1, 1, "app", false, "by_label_name")]
    public void Limits_that_cannot_work_are_refused(double rate, int burst, string label, bool drops, string argument)
    {
        var problems = new OptionProblems();

        new LimitOptions { Rate = rate, Burst = burst, ByLabel = label, Drops = drops }.Validate(problems);

        Assert.Equal(argument, Assert.Single(problems.Items).Name);
    }

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(1, 2000, 2000)]
    [InlineData(0.25, 400, 600)]
    public void A_sample_is_kept_and_the_rest_counted(double rate, int least, int most)
    {
        var rig = new StageRig(new SamplingOptions { Rate = rate });

        var left = rig.Lines([.. Enumerable.Repeat("line", 2000)]).Length;

        Assert.InRange(left, least, most);
        Assert.Equal(2000 - left, rig.Dropped("sampling_stage"));
    }

    [Theory]
    [InlineData("\u001b[31mred\u001b[0m", "red")]
    [InlineData("\u001b[1;32;40mx", "x")]
    [InlineData("\u001b[2Kx", "x")]
    [InlineData("a\u001b[Kb", "ab")]
    [InlineData("\xc2\x9b" + "31mx", "x")]
    [InlineData("plain [31m", "plain [31m")]
    [InlineData("\u001b", "\u001b")]
    [InlineData("", "")]
    [InlineData("\u001b[31m", "")]
    [InlineData("\x9b\xff", "\x9b\xff")]
    public void Escape_sequences_are_removed(string line, string stripped)
    {
        var rig = new StageRig(new DecolorizeOptions());

        Assert.Equal([stripped], rig.Lines(line));
    }

    [Theory]
    [InlineData("value", "t", "", "__tenant_id__=t")]
    [InlineData("value", "t", "__tenant_id__=old", "__tenant_id__=t")]
    [InlineData("label", "app", "app=x", "__tenant_id__=x app=x")]
    [InlineData("label", "app", "b=x", "b=x")]
    [InlineData("source", "src", "", "__tenant_id__=extracted")]
    [InlineData("source", "none", "a=1", "a=1")]
    [InlineData("source", "empty", "__tenant_id__=old", "__tenant_id__=old")]
    [InlineData("source", "nil", "", "")]
    public void The_tenant_comes_from_a_value_a_label_or_an_extracted_value(
        string from, string name, string before, string after)
    {
        var rig = new StageRig(
            new Extract("src", "extracted"), new Extract("empty", ""), new Extract("nil", null), new TenantOptions
            {
                Value = from == "value" ? name : "", Label = from == "label" ? name : "",
                Source = from == "source" ? name : "",
            });

        Assert.Equal(after, rig.One("line", before).Labels);
    }

    [Theory]
    [InlineData("", "", "", 1)]
    [InlineData("a", "b", "", 1)]
    [InlineData("a", "b", "c", 1)]
    [InlineData("a", "", "", 0)]
    public void A_tenant_needs_exactly_one_origin(string label, string source, string value, int problems)
    {
        var found = new OptionProblems();

        new TenantOptions { Label = label, Source = source, Value = value }.Validate(found);

        Assert.Equal(problems, found.Items.Count);
    }

    [Fact]
    public void Warm_stages_allocate_nothing()
    {
        var rig = new StageRig(
            new DecolorizeOptions(), new TenantOptions { Label = "app" }, new SamplingOptions { Rate = 1 },
            new LimitOptions { Rate = 1e9, Burst = 1_000_000, Drops = true, ByLabel = "app" });
        using var batch = rig.Batch([.. Enumerable.Repeat(("\u001b[31mred", "app=x"), 20)]);

        Allocations.AssertNone(() => rig.Run(batch));
    }
}
