using Weir.Routing.Language;
using Weir.Routing.Stages;

namespace Weir.Routing.Tests.Stages;

public sealed class TruncateStageTests
{
    [Theory]
    [InlineData(10, "", "1234567890", "1234567890", "")]
    [InlineData(10, "", "12345678901", "1234567890", "truncated=line")]
    [InlineData(10, "...", "12345678901", "1234567...", "truncated=line")]
    [InlineData(10, "...", "12345678", "1234567...", "truncated=line")]
    [InlineData(10, "...", "1234567", "1234567", "")]
    [InlineData(10, "", "", "", "")]
    [InlineData(1, "", "ab", "a", "truncated=line")]
    [InlineData(2, "", "a\xc3\xa9", "a", "truncated=line")]
    [InlineData(3, "", "a\xc3\xa9", "a\xc3\xa9", "")]
    [InlineData(3, "", "a\xc3\xa9z", "a\xc3\xa9", "truncated=line")]
    [InlineData(2, "", "\xe2\x82\xac", "", "truncated=line")]
    [InlineData(2, "", "a\xff\xfe", "a\xff", "truncated=line")]
    [InlineData(2, "", "\x80\x80\x80\x80\x80", "\x80\x80", "truncated=line")]
    public void A_line_is_cut_behind_a_whole_character(
        int limit, string suffix, string line, string after, string marks)
    {
        var rig = new StageRig(Rule(limit, suffix, TruncateSource.Line), new Probe("truncated"));

        var entry = rig.One(line);

        Assert.Equal((after, marks, marks.Length > 0 ? 1 : 0), (entry.Line, rig.Probed, Count(rig, "line")));
    }

    [Theory]
    [InlineData("", "", "a=long1 b=longer", "a=lon b=lon", 2)]
    [InlineData("", "a", "a=long1 b=longer", "a=lon b=longer", 1)]
    [InlineData("!", "a b", "a=long1 b=longer", "a=lo! b=lo!", 2)]
    [InlineData("", "none", "a=long1", "a=long1", 0)]
    [InlineData("", "", "a=abc", "a=abc", 0)]
    [InlineData("", "", "a=é€", "a=é", 1)]
    [InlineData("", "", "", "", 0)]
    public void Labels_are_cut(string suffix, string sources, string before, string after, int count)
    {
        var rig = new StageRig(Rule(3, suffix, TruncateSource.Label, sources), new Probe("truncated"));

        var entry = rig.One("line", before);

        Assert.Equal((after, count), (entry.Labels, Count(rig, "label")));
        Assert.Equal(count > 0 ? "truncated=label" : "", rig.Probed);
    }

    [Theory]
    [InlineData("", "", "a=lon b=lon c=x", 2)]
    [InlineData("!", "", "a=lo! b=lo! c=x", 2)]
    [InlineData("", "b", "a=long1 b=lon c=x", 1)]
    [InlineData("", "c none", "a=long1 b=longer c=x", 0)]
    [InlineData("!!", "", "a=l!! b=l!! c=x", 2)]
    public void Structured_metadata_is_cut(string suffix, string sources, string after, int count)
    {
        var rig = new StageRig(
            new StructuredMetadataOptions { Values = LabelStagesTests.Map("a b c") },
            Rule(3, suffix, TruncateSource.StructuredMetadata, sources), new Probe("truncated"));

        var entry = rig.One("line", "a=long1 b=longer c=x");

        Assert.Equal((after, count), (entry.Metadata, Count(rig, "structured_metadata")));
        Assert.Equal(count > 0 ? "truncated=structured_metadata" : "", rig.Probed);
    }

    [Theory]
    [InlineData("x", "longer", "x=lon n=12345 truncated=extracted")]
    [InlineData("", "longer", "x=lon n=12345 truncated=extracted")]
    [InlineData("none", "longer", "x=longer n=12345")]
    [InlineData("x", null, "x:nil n=12345")]
    [InlineData("x", "", "x= n=12345")]
    [InlineData("n", "longer", "x=longer n=12345")]
    public void Extracted_texts_are_cut_and_numbers_are_not(string sources, string? value, string after)
    {
        var rig = new StageRig(
            new JsonOptions { Expressions = LabelStagesTests.Map("n") }, new Extract("x", value),
            Rule(3, "", TruncateSource.Extracted, sources), new Probe("x", "n", "truncated"));

        rig.One("{\"n\":12345}");

        Assert.Equal(after, rig.Probed);
    }

    [Theory]
    [InlineData(null, "truncated=label,line")]
    [InlineData("", "truncated=label,line")]
    [InlineData("extracted", "truncated=extracted,label,line")]
    [InlineData("line", "truncated=label,line")]
    [InlineData("zebra,apple", "truncated=apple,label,line,zebra")]
    public void Marks_of_several_rules_and_earlier_stages_are_joined(string? before, string after)
    {
        var rule = new TruncateRule { Limit = new ByteSize(3) };
        var rig = new StageRig(
            new Extract("truncated", before),
            new TruncateOptions { Rules = [rule, rule with { SourceType = TruncateSource.Label }] },
            new Probe("truncated"));

        rig.One("long line", "a=long");

        Assert.Equal(after == "truncated=label,line" && before == "" ? "truncated=,label,line" : after, rig.Probed);
    }

    [Theory]
    [InlineData(0, "", "", TruncateSource.Line, "limit")]
    [InlineData(3, "...", "", TruncateSource.Line, "suffix")]
    [InlineData(3, "é€", "", TruncateSource.Line, "suffix")]
    [InlineData(3, "", "a", TruncateSource.Line, "sources")]
    public void Arguments_that_cannot_work_are_refused(
        int limit, string suffix, string sources, TruncateSource type, string argument)
    {
        var problems = new OptionProblems();

        Rule(limit, suffix, type, sources).Rules[0].Validate(problems);

        Assert.Equal(argument, Assert.Single(problems.Items).Name);
    }

    [Fact]
    public void A_stage_without_rules_is_refused()
    {
        var problems = new OptionProblems();

        new TruncateOptions().Validate(problems);

        Assert.Equal("rule", Assert.Single(problems.Items).Name);
    }

    [Fact]
    public void A_warm_stage_allocates_nothing()
    {
        var rig = new StageRig(
            Rule(3, "!", TruncateSource.Line), Rule(3, "", TruncateSource.Label),
            Rule(3, "", TruncateSource.Extracted));

        Allocations.AssertNone(() => rig.Run(rig.Reused("a long line", "app=long")));
    }

    private static TruncateOptions Rule(int limit, string suffix, TruncateSource type, string sources = "") => new()
    {
        Rules =
        [
            new TruncateRule
            {
                Limit = new ByteSize(limit), Suffix = suffix, SourceType = type,
                Sources = sources.Split(' ', StringSplitOptions.RemoveEmptyEntries),
            },
        ],
    };

    private static double Count(StageRig rig, string field) =>
        rig.Events.TruncatedFields.With("loki.process.test", field).Value;
}
