using Weir.Routing.Language;
using Weir.Routing.Stages;

namespace Weir.Routing.Tests.Stages;

public sealed class MetadataStagesTests
{
    [Theory]
    [InlineData("x", "v", "", "x=v", "")]
    [InlineData("y=x", "v", "", "y=v", "")]
    [InlineData("x", null, "", "", "")]
    [InlineData("x", "", "", "x=", "")]
    [InlineData("x", "\xff", "", "", "")]
    [InlineData("x", "\xc3\xa9", "", "x=é", "")]
    [InlineData("none", "v", "a=1", "", "a=1")]
    [InlineData("a", "v", "a=1 b=2", "a=1", "b=2")]
    [InlineData("id=a", "v", "a=1 b=2", "id=1", "b=2")]
    [InlineData("a b", "v", "a=1 b=2", "a=1 b=2", "")]
    [InlineData("a x", "v", "a=1", "a=1 x=v", "")]
    [InlineData("x", "v", "x=label", "x=v", "")]
    [InlineData("new", "v", "", "new=set", "")]
    [InlineData("m=a n=a", "v", "a=1", "m=1 n=1", "")]
    public void Values_and_labels_become_metadata_and_the_labels_go(
        string values, string? extracted, string labels, string metadata, string left)
    {
        var rig = new StageRig(
            new Extract("x", extracted),
            new StaticLabelsOptions { Values = LabelStagesTests.Map(values == "new" ? "new=set" : "") },
            new StructuredMetadataOptions { Values = LabelStagesTests.Map(values) });

        var entry = rig.One("line", labels);

        Assert.Equal((metadata, left), (entry.Metadata, entry.Labels));
    }

    [Theory]
    [InlineData("^x", "a=1", "x=v xy=named", "a=1")]
    [InlineData("^(x|a)$", "a=1 b=2", "x=v a=1", "b=2")]
    [InlineData("^gone", "gone=still b=2", "gone=still", "b=2")]
    [InlineData("^none", "a=1", "", "a=1")]
    public void A_regex_takes_names_of_every_origin(string regex, string labels, string metadata, string left)
    {
        var rig = new StageRig(
            new LogfmtOptions { Regex = "^xy" }, new Extract("x", "v"), new LabelDropOptions { Values = ["gone"] },
            new StructuredMetadataOptions { Regex = regex });

        var entry = rig.One("xy=named", labels);

        Assert.Equal((metadata, left), (entry.Metadata, entry.Labels));
    }

    [Fact]
    public void Metadata_is_added_to_what_an_entry_has_and_read_back_as_labels()
    {
        var rig = new StageRig(
            new Extract("x", "v"), new Extract("y", "w"),
            new StructuredMetadataOptions { Values = LabelStagesTests.Map("x") },
            new Extract("z", "between"),
            new StructuredMetadataOptions { Values = LabelStagesTests.Map("y") },
            new LabelsOptions
            {
                Values = LabelStagesTests.Map("l=y m=none"),
                SourceType = LabelsSource.StructuredMetadata,
            });

        var entry = rig.One("line");

        Assert.Equal(("x=v y=w", "l=w"), (entry.Metadata, entry.Labels));
    }

    [Theory]
    [InlineData("a", "b=2 c=3")]
    [InlineData("a b c", "")]
    [InlineData("none", "a=1 b=2 c=3")]
    [InlineData("c a", "b=2")]
    [InlineData("b", "a=1 c=3")]
    [InlineData("c", "a=1 b=2")]
    [InlineData("a a", "b=2 c=3")]
    [InlineData("A", "a=1 b=2 c=3")]
    [InlineData("ab", "a=1 b=2 c=3")]
    [InlineData(".", "a=1 b=2 c=3")]
    [InlineData("é", "a=1 b=2 c=3")]
    [InlineData("a none c", "b=2")]
    public void Metadata_is_removed_by_name(string dropped, string left)
    {
        var rig = new StageRig(
            new StructuredMetadataOptions { Values = LabelStagesTests.Map("a b c") },
            new StructuredMetadataDropOptions { Values = dropped.Split(' ') });

        Assert.Equal(left, rig.One("line", "a=1 b=2 c=3").Metadata);
    }

    [Theory]
    [InlineData("1a", "", "values")]
    [InlineData("", "(", "regex")]
    public void Arguments_that_cannot_work_are_refused(string name, string regex, string argument)
    {
        var problems = new OptionProblems();

        new StructuredMetadataOptions { Values = LabelStagesTests.Map(name), Regex = regex }.Validate(problems);

        Assert.Equal(argument, Assert.Single(problems.Items).Name);
    }

    [Fact]
    public void Warm_stages_allocate_nothing()
    {
        var rig = new StageRig(
            new LogfmtOptions { Mapping = LabelStagesTests.Map("k") },
            new StructuredMetadataOptions { Values = LabelStagesTests.Map("k app"), Regex = "^k" },
            new StructuredMetadataDropOptions { Values = ["app"] });

        Allocations.AssertNone(() => rig.Run(rig.Reused("k=v", "app=x")));
    }
}
