using Weir.Protocol.Batches;
using Weir.Routing.Language;
using Weir.Routing.Stages;

namespace Weir.Routing.Tests.Stages;

public sealed class ContainerStagesTests
{
    private const string Time = "2024-01-02T03:04:05.123456789Z";
    private const long TimeNanoseconds = 1_704_164_645_123_456_789;

    [Theory]
    [InlineData("{\"log\":\"x\\n\",\"stream\":\"stdout\",\"time\":\"" + Time + "\"}", "x\n", "stream=stdout", true)]
    [InlineData("{\"stream\":\"stderr\",\"log\":\"x\",\"time\":\"" + Time + "\"}", "x", "stream=stderr", true)]
    [InlineData("{\"log\":\"x\",\"stream\":\"stdout\",\"time\":\"soon\"}", "x", "stream=stdout", false)]
    [InlineData("{\"log\":\"x\",\"time\":\"" + Time + "\"}", "x", "", true)]
    [InlineData("{\"log\":\"x\"}", "x", "", false)]
    [InlineData("{\"log\":\"\\u001b[31mred\",\"attrs\":{\"tag\":\"t\"}}", "\u001b[31mred", "", false)]
    [InlineData("{\"log\":\"\",\"stream\":\"stdout\"}", "{\"log\":\"\",\"stream\":\"stdout\"}", "stream=stdout", false)]
    [InlineData("{\"stream\":\"stdout\"}", "{\"stream\":\"stdout\"}", "stream=stdout", false)]
    [InlineData("{\"log\":null}", "{\"log\":null}", "", false)]
    [InlineData("{\"log\":1,\"stream\":\"stdout\"}", "{\"log\":1,\"stream\":\"stdout\"}", "", false)]
    [InlineData("{\"log\":\"x\",\"stream\":[]}", "{\"log\":\"x\",\"stream\":[]}", "", false)]
    [InlineData("{\"log\":\"x\"", "{\"log\":\"x\"", "", false)]
    [InlineData("plain", "plain", "", false)]
    [InlineData("", "", "", false)]
    [InlineData("{\"log\":\"x\",\"stream\":\"\xff\"}", "x", "", false)]
    public void Docker_lines_are_unwrapped(string line, string output, string labels, bool timed)
    {
        var rig = new StageRig(new DockerOptions());

        var left = rig.One(line);

        Assert.Equal((output, labels), (left.Line, left.Labels));
        Assert.Equal(timed ? TimeNanoseconds : StageRig.Now, left.Timestamp);
    }

    [Fact]
    public void Docker_extracts_its_fields_under_the_names_of_old()
    {
        var rig = new StageRig(new DockerOptions(), new Probe("output", "stream", "timestamp"));

        rig.One("{\"log\":\"x\",\"stream\":\"stdout\",\"time\":\"" + Time + "\"}");

        Assert.Equal("output=x stream=stdout timestamp=" + Time, rig.Probed);
    }

    [Theory]
    [InlineData(Time + " stdout F content", "content", "stream=stdout", true)]
    [InlineData(Time + " stderr F content", "content", "stream=stderr", true)]
    [InlineData(Time + " stdout F   indented", "  indented", "stream=stdout", true)]
    [InlineData(Time + " stdout F ", "", "stream=stdout", true)]
    [InlineData(Time + " stdout F", "", "stream=stdout", true)]
    [InlineData(Time + " stdout F:tag content", "content", "stream=stdout", true)]
    [InlineData(Time + " stdout Free content", "Free content", "stream=stdout", true)]
    [InlineData(Time + " stdout content", "content", "stream=stdout", true)]
    [InlineData(Time + " stdout", "", "stream=stdout", true)]
    [InlineData("when stdout F content", "content", "stream=stdout", false)]
    [InlineData(Time + " stdin F content", Time + " stdin F content", "", false)]
    [InlineData(Time + " stdouts F content", Time + " stdouts F content", "", false)]
    [InlineData(" stdout F content", " stdout F content", "", false)]
    [InlineData("stdout F content", "stdout F content", "", false)]
    [InlineData("plain text here", "plain text here", "", false)]
    [InlineData("", "", "", false)]
    [InlineData(Time + " stdout F \xff\0", "\xff\0", "stream=stdout", true)]
    public void Cri_lines_are_unwrapped(string line, string content, string labels, bool timed)
    {
        var rig = new StageRig(new CriOptions());

        var left = rig.One(line);

        Assert.Equal((content, labels), (left.Line, left.Labels));
        Assert.Equal(timed ? TimeNanoseconds : StageRig.Now, left.Timestamp);
    }

    [Fact]
    public void Cri_extracts_its_fields()
    {
        var rig = new StageRig(new CriOptions(), new Probe("time", "stream", "flags", "content"));

        rig.One("t stdout F the line");

        Assert.Equal("time=t stream=stdout flags=F content=the line", rig.Probed);
    }

    [Fact]
    public void Cri_parts_are_joined_a_stream_also_over_batches_and_others_pass_meanwhile()
    {
        var rig = new StageRig(new CriOptions());

        var first = rig.Lines("t stdout P a", "t stderr P x", "t stdout F whole? no: ", "t stdout F b", "t stdout P c");
        var held = (rig.Pipeline.HoldsLines, rig.Pipeline.EarliestHeld);
        var second = rig.Lines("t stdout P:more d", "t stderr F y", "t stdout F e");

        Assert.Equal(["awhole? no: ", "b"], first);
        Assert.Equal((true, 1L), held);
        Assert.Equal(["xy", "cde"], second);
        Assert.False(rig.Pipeline.HoldsLines);
    }

    [Fact]
    public void A_joined_line_takes_the_time_of_its_last_part_and_the_place_of_its_first()
    {
        var rig = new StageRig(new CriOptions());

        var batch = rig.Run(rig.Batch(
            ("2024-01-02T03:04:05Z stdout P a", ""), (Time + " stdout F b", "")));

        Assert.Equal((TimeNanoseconds, 0L), (batch[0].Timestamp, batch[0].Resume));
    }

    [Fact]
    public void One_unfinished_stream_too_many_sends_all_of_them_on()
    {
        var rig = new StageRig(new CriOptions { PartialLinesMax = 2 });
        var batch = rig.Batch(("t stdout P 1", "pod=1"), ("t stdout P 2", "pod=2"), ("t stdout P 3", "pod=3"));

        var left = StageRig.Lines(rig.Run(batch));

        Assert.Equal(["1", "2"], left);
        Assert.Equal(2, rig.Events.CriPartialLinesFlushed.With("loki.process.test").Value);
        Assert.Equal(2, rig.Pipeline.EarliestHeld);
    }

    [Theory]
    [InlineData(true, 3, "abc", 2)]
    [InlineData(true, 10, "abcd", 0)]
    [InlineData(false, 3, "abcd", 0)]
    [InlineData(true, 0, "", 2)]
    public void Joined_lines_are_cut_when_asked(bool truncates, int max, string left, int counted)
    {
        var rig = new StageRig(new CriOptions { TruncatesPartialLines = truncates, PartialLineBytesMax = max });

        var lines = rig.Lines("t stdout P ab", "t stdout P ", "t stdout F cd");

        Assert.Equal([left], lines);
        Assert.True(rig.Events.CriLinesTruncated.With("loki.process.test").Value >= counted - 1);
    }

    [Fact]
    public void An_unfinished_line_goes_out_as_it_is_when_its_source_ends()
    {
        var rig = new StageRig(new CriOptions());
        rig.Lines("t stdout P a");

        var waiting = rig.Run(new LogBatch());
        var ended = rig.Run(new LogBatch(), ending: true);

        Assert.Equal(0, waiting.Count);
        Assert.Equal(["a"], StageRig.Lines(ended));
        Assert.False(rig.Pipeline.HoldsLines);
    }

    [Fact]
    public void An_unfinished_line_that_grows_past_any_fragment_goes_out()
    {
        var rig = new StageRig(new CriOptions());
        var part = "t stdout P " + new string('x', CriStage.JoinedBytesMax / 2);

        Assert.Empty(rig.Lines(part));
        Assert.Equal(CriStage.JoinedBytesMax, Assert.Single(rig.Lines(part)).Length);
    }

    [Fact]
    public void Extracted_values_of_a_joined_line_reach_the_stages_that_follow()
    {
        var rig = new StageRig(
            new LogfmtOptions { Regex = "^named$" }, new CriOptions(), new Probe("pod", "flags"),
            new LogfmtOptions { Mapping = LabelStagesTests.Map("k") }, new Probe("k"));
        rig.Run(rig.Batch(("t stdout P k=", "pod=1")));

        rig.Run(rig.Batch(("t stdout F v", "pod=1")));

        Assert.Equal("pod=1 flags=F k=v", rig.Probed);
    }

    [Theory]
    [InlineData(0, 0, "max_partial_lines")]
    [InlineData(1, -1, "max_partial_line_size")]
    public void Arguments_that_cannot_work_are_refused(int lines, int size, string argument)
    {
        var problems = new OptionProblems();

        new CriOptions { PartialLinesMax = lines, PartialLineBytesMax = size }.Validate(problems);

        Assert.Equal(argument, Assert.Single(problems.Items).Name);
    }

    [Fact]
    public void Warm_stages_allocate_nothing()
    {
        var rig = new StageRig(new CriOptions(), new DockerOptions());
        using var batch = rig.Batch([.. Enumerable.Repeat(
            (Time + " stdout F {\"log\":\"x\\n\",\"stream\":\"stderr\",\"time\":\"" + Time + "\"}", ""), 20)]);

        Allocations.AssertNone(() => rig.Run(batch));
    }

    [Fact]
    public void Random_lines_neither_crash_nor_lose_a_byte_of_content()
    {
        string[] pieces =
        [
            "t", " ", "stdout", "stderr", "P", "F", ":",
            "{\"log\":\"", "\"}", "\xff", "\0", "t stdout P ", "\\u00",
        ];

        Fuzz.Run(2000, random =>
        {
            var rig = new StageRig(new CriOptions { PartialLinesMax = 1 }, new DockerOptions());
            var lines = Enumerable.Range(0, 6).Select(_ => Fuzz.Text(random, pieces, 8)).ToArray();

            var left = rig.Lines(lines).Length + rig.Run(new LogBatch(), ending: true).Count;

            Assert.InRange(left, 1, lines.Length);
            Assert.False(rig.Pipeline.HoldsLines);
        });
    }
}
