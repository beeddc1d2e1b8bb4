using Weir.Protocol.Batches;
using Weir.Routing.Language;
using Weir.Routing.Stages;

namespace Weir.Routing.Tests.Stages;

public sealed class MultilineStageTests
{
    private const long Second = 1_000_000_000;

    // A bar stands between lines, a double bar between batches; each is a block of its own with END.
    [Theory]
    [InlineData("# a|b|c", "# a;b;c")]
    [InlineData("# a|# b|c", "# a|# b;c")]
    [InlineData("x|y|# a|b", "x|y|# a;b")]
    [InlineData("# a||b||c", "# a;b;c")]
    [InlineData("# a||# b", "# a|# b")]
    [InlineData("x", "x")]
    [InlineData("", "")]
    [InlineData("# a||b|# c||d|# e", "# a;b|# c;d|# e")]
    public void Lines_are_joined_to_the_first_of_their_block(string lines, string blocks)
    {
        var rig = new StageRig(new MultilineOptions { FirstLine = "^#" });

        var left = lines.Split("||").SelectMany(batch => rig.Lines(batch.Split('|'))).ToList();
        left.AddRange(StageRig.Lines(rig.Run(new LogBatch(), ending: true)));

        Assert.Equal(blocks, string.Join('|', left).Replace('\n', ';'));
        Assert.False(rig.Pipeline.HoldsLines);
    }

    [Theory]
    [InlineData(true, "# a;b;c")]
    [InlineData(false, "# a\r;b\r;;c")]
    public void Line_breaks_at_the_end_go_unless_they_are_to_stay(bool trims, string block)
    {
        var rig = new StageRig(new MultilineOptions { FirstLine = "^#", TrimsNewlines = trims });
        rig.Lines("# a\r", "b\r\n", "c");

        var left = rig.Run(new LogBatch(), ending: true);

        Assert.Equal(block, Assert.Single(StageRig.Lines(left)).Replace('\n', ';'));
    }

    [Fact]
    public void A_full_block_goes_out_and_what_follows_begins_another_under_the_same_head()
    {
        var rig = new StageRig(new MultilineOptions { FirstLine = "^#", LinesMax = 2 });

        var batch = rig.Run(rig.Batch(("# a", "a=1"), ("b", "a=1"), ("c", "a=1"), ("d", "a=1"), ("e", "a=1")));

        Assert.Equal(["# a\nb", "c\nd"], StageRig.Lines(batch));
        Assert.Equal([StageRig.Now, StageRig.Now], batch.Entries.ToArray().Select(entry => entry.Timestamp));
        Assert.Equal(4, rig.Pipeline.EarliestHeld);
    }

    [Fact]
    public void A_block_that_waits_too_long_goes_out_before_what_comes_next()
    {
        var rig = new StageRig(new MultilineOptions { FirstLine = "^#", WaitMax = TimeSpan.FromSeconds(2) });
        rig.Lines("# a");

        var early = rig.Run(new LogBatch(), StageRig.Now + 2 * Second - 1).Count;
        var late = rig.Run(rig.Batch(("b", "")), StageRig.Now + 2 * Second);

        Assert.Equal(0, early);
        Assert.Equal(["# a"], StageRig.Lines(late));
        Assert.True(rig.Pipeline.HoldsLines);
    }

    [Fact]
    public void Streams_have_blocks_of_their_own()
    {
        var rig = new StageRig(new MultilineOptions { FirstLine = "^#" });

        rig.Run(rig.Batch(("# a", "s=1"), ("# b", "s=2"), ("c", "s=1"), ("d", "s=2"), ("e", "s=3")));
        var left = StageRig.Lines(rig.Run(new LogBatch(), ending: true));

        Assert.Equal(["# a\nc", "# b\nd"], left);
    }

    [Fact]
    public void A_block_keeps_time_labels_values_and_metadata_of_its_first_line()
    {
        var rig = new StageRig(
            new LogfmtOptions { Mapping = LabelStagesTests.Map("k") },
            new MultilineOptions { FirstLine = "^#" }, new Probe("k", "s"));
        rig.Run(rig.Batch(("# k=1", "s=x"), ("k=2", "s=x")));

        var left = rig.Run(new LogBatch(), ending: true);

        Assert.Equal((StageRig.Now, "s=x", "k=1 s=x"), (left[0].Timestamp, StageRig.Show(left[0].Labels), rig.Probed));
        Assert.Equal(0, left[0].Resume);
    }

    [Fact]
    public void A_block_as_large_as_a_fragment_goes_out()
    {
        var rig = new StageRig(new MultilineOptions { FirstLine = "^#", LinesMax = 0 });
        var half = new string('x', MultilineStage.BlockBytesMax / 2);

        Assert.Single(rig.Lines("# a", half, half, "b"));
    }

    [Theory]
    [InlineData("", 3, 128, "firstline")]
    [InlineData("(", 3, 128, "firstline")]
    [InlineData("x", 0, 128, "max_wait_time")]
    [InlineData("x", 3, -1, "max_lines")]
    public void Arguments_that_cannot_work_are_refused(string first, int seconds, int lines, string argument)
    {
        var problems = new OptionProblems();

        new MultilineOptions { FirstLine = first, WaitMax = TimeSpan.FromSeconds(seconds), LinesMax = lines }
            .Validate(problems);

        Assert.Equal(argument, Assert.Single(problems.Items).Name);
    }

    [Fact]
    public void Random_lines_leave_whole()
    {
        string[] pieces = ["#", "a", " ", "\r", "\xff", "#x"];

        Fuzz.Run(500, random =>
        {
            var rig = new StageRig(
                new MultilineOptions { FirstLine = "^#", LinesMax = random.Next(1, 5), TrimsNewlines = false });
            var lines = Enumerable.Range(0, 20).Select(_ => "." + Fuzz.Text(random, pieces, 4))
                .Select(line => random.Next(3) == 0 ? "#" + line : line).ToArray();

            var left = lines.Chunk(6).SelectMany(chunk => rig.Lines(chunk)).ToList();
            left.AddRange(StageRig.Lines(rig.Run(new LogBatch(), ending: true)));

            Assert.Equal(string.Join('\n', lines), string.Join('\n', left));
        });
    }
}
