using Weir.Routing.Language;
using Weir.Routing.Stages;

namespace Weir.Routing.Tests.Stages;

public sealed class SplitJsonStageTests
{
    [Theory]
    [InlineData("[1,2]", "1|2")]
    [InlineData("[ {\"a\": 1} , {\"b\":2} ]", "{\"a\": 1}|{\"b\":2}")]
    [InlineData(" \t\r\n[1] \n", "1")]
    [InlineData("[\"a\",\"\",\"\\\"\"]", "\"a\"|\"\"|\"\\\"\"")]
    [InlineData("[null,true,false,-1.5e3]", "null|true|false|-1.5e3")]
    [InlineData("[[1,2],[]]", "[1,2]|[]")]
    [InlineData("[1,1]", "1|1")]
    [InlineData("[]", "")]
    [InlineData("[ ]", "")]
    [InlineData("{\"a\":[1]}", "{\"a\":[1]}")]
    [InlineData("text", "text")]
    [InlineData("", "", 0, true)]
    [InlineData("null", "null")]
    [InlineData("[1,]", "[1,]", 1)]
    [InlineData("[,1]", "[,1]", 1)]
    [InlineData("[1 2]", "[1 2]", 1)]
    [InlineData("[1", "[1", 1)]
    [InlineData("[", "[", 1)]
    [InlineData("[1]x", "[1]x", 1)]
    [InlineData("[x]", "[x]", 1)]
    [InlineData("[\"\xff\"]", "\"\xff\"")]
    [InlineData("\xc2\xa0[1]", "\xc2\xa0[1]")]
    public void Elements_become_lines(string line, string lines, int malformed = 0, bool stays = false)
    {
        var rig = new StageRig(new SplitJsonOptions());

        var left = rig.Lines(line);

        Assert.Equal(lines.Length == 0 && !stays ? [] : lines.Split('|'), left);
        Assert.Equal((malformed, left.Length == 0 ? 1 : 0),
            (rig.Failed("split_json", "malformed"), rig.Dropped("empty_json_array")));
    }

    [Theory]
    [InlineData("[1,2]", "1 2")]
    [InlineData("x", "line")]
    [InlineData("", "line")]
    [InlineData(null, "line")]
    public void A_source_is_split_in_place_of_the_line(string? value, string lines)
    {
        var rig = new StageRig(new Extract("x", value), new SplitJsonOptions { Source = "x" });

        Assert.Equal(lines, string.Join(' ', rig.Lines("line")));
    }

    [Fact]
    public void Elements_keep_what_their_line_had_and_stand_where_it_stood()
    {
        var rig = new StageRig(
            new LogfmtOptions { Regex = "k" }, new Extract("x", "v"),
            new StructuredMetadataOptions { Values = LabelStagesTests.Map("x") },
            new SplitJsonOptions(), new Probe("x"),
            new StructuredMetadataOptions { Regex = "^k$" });

        var batch = rig.Run(rig.Batch(("first", "a=0"), ("[1,2]", "a=1"), ("last", "a=2")));

        Assert.Equal(["first", "1", "2", "last"], StageRig.Lines(batch));
        Assert.Equal("a=1 a=1", $"{StageRig.Show(batch[1].Labels)} {StageRig.Show(batch[2].Labels)}");
        Assert.Equal("x=v x=v", $"{StageRig.Metadata(batch, 1)} {StageRig.Metadata(batch, 2)}");
        Assert.Equal("x=v x=v x=v x=v", rig.Probed);
        Assert.Equal((StageRig.Now + 1, StageRig.Now + 2), (batch[1].Timestamp, batch[2].Timestamp));
        Assert.Equal((1, 1), (batch[1].Resume, batch[2].Resume));
    }

    [Theory]
    [InlineData(SplitJsonOptions.ElementsMax, SplitJsonOptions.ElementsMax)]
    [InlineData(SplitJsonOptions.ElementsMax + 1, 1)]
    public void An_array_of_too_many_elements_stays_whole(int elements, int lines)
    {
        var rig = new StageRig(new SplitJsonOptions());

        var left = rig.Lines($"[{string.Join(',', Enumerable.Repeat('1', elements))}]");

        Assert.Equal(lines, left.Length);
    }

    [Fact]
    public void An_empty_source_is_refused()
    {
        var problems = new OptionProblems();

        new SplitJsonOptions { Source = "" }.Validate(problems);

        Assert.Equal("source", Assert.Single(problems.Items).Name);
    }

    [Fact]
    public void Random_texts_are_split_or_stay()
    {
        Fuzz.Run(1000, random =>
        {
            string[] pieces = ["[", "]", ",", "1", "\"a\"", "{\"k\":[]}", " ", "null", "\xff", "\"", "\\"];
            var line = Fuzz.Text(random, pieces, 12);
            var rig = new StageRig(new SplitJsonOptions());

            var left = rig.Lines(line);

            Assert.True(left.Length != 1 || left[0] == line || line.Contains(left[0], StringComparison.Ordinal), line);
        });
    }
}
