using System.Text;
using Weir.Protocol.Batches;
using Weir.Routing.Components;
using Weir.Routing.Language;
using Weir.Routing.Process;
using Weir.Routing.Stages;
using Weir.Routing.Tests.Language;
using Weir.Routing.Tests.Stages;

namespace Weir.Routing.Tests.Process;

/// <summary>Random pipelines over random lines: no crash, no broken batch, and the same however lines are
/// batched.</summary>
public sealed class PipelineFuzzTests
{
    // Each line's way through them depends on nothing but the line.
    private static readonly string[] Stateless =
    [
        "stage.json { expressions = {level = \"\", id = \"user.id\", all = \"@\", n = \"length(list)\"} }",
        "stage.json { expressions = {deep = \"a.b.c\"}\n source = \"all\" }",
        "stage.logfmt { mapping = {level = \"\", msg = \"\"} }",
        "stage.regex { expression = `(?P<level>[a-z]+)[ =](?P<id>\\S*)` }",
        "stage.regex { expression = `^(?P<first>.)`\n labels_from_groups = true }",
        "stage.pattern { pattern = \"<level> <msg>\" }",
        "stage.labels { values = {level = \"\", id = \"\"} }",
        "stage.static_labels { values = {env = \"test\"} }",
        "stage.label_drop { values = [\"level\"] }",
        "stage.label_keep { values = [\"job\", \"level\", \"first\"] }",
        "stage.structured_metadata { values = {id = \"\", msg = \"\"} }",
        "stage.structured_metadata_drop { values = [\"id\"] }",
        "stage.template {\n source = \"level\"\n template = `{{ ToUpper .Value }}-{{ .id }}`\n }",
        "stage.template {\n source = \"msg\"\n template = `{{ .Entry | trunc 8 | quote }}`\n }",
        "stage.output { source = \"msg\" }",
        "stage.replace {\n expression = `(\\d+)`\n replace = `#{{ .Value }}`\n }",
        "stage.replace {\n expression = `e`\n source = \"level\"\n replace = \"\"\n }",
        "stage.drop { expression = \"drop.?me\" }",
        "stage.drop { longer_than = \"40B\" }",
        "stage.match {\n selector = `{job=\"a\"} |~ \"[0-9]\"`\n stage.static_labels { values = {seen = \"1\"} }\n }",
        "stage.match {\n selector = `{job=\"b\"} != \"x\"`\n action = \"drop\"\n }",
        "stage.timestamp {\n source = \"level\"\n format = \"Unix\"\n action_on_failure = \"skip\"\n }",
        "stage.tenant { source = \"id\" }", "stage.decolorize { }", "stage.docker { }", "stage.luhn { }",
        "stage.pack { labels = [\"level\"]\n ingest_timestamp = false }",
        "stage.truncate {\n rule {\n limit = \"12B\"\n suffix = \"…\"\n }\n }",
        "stage.eventlogmessage { source = \"msg\" }", "stage.windowsevent { source = \"msg\" }",
    ];

    // What these make of a line depends on lines before it, on time or on chance.
    private static readonly string[] Stateful =
    [
        "stage.multiline {\n firstline = `^\\S`\n max_lines = 3\n }", "stage.cri { max_partial_lines = 2 }",
        "stage.limit {\n rate = 5\n burst = 5\n drop = true\n }", "stage.sampling { rate = 0.5 }",
        "stage.split_json { }", "stage.timestamp {\n source = \"id\"\n format = \"Unix\"\n }",
        "stage.metrics {\n metric.counter {\n name = \"c\"\n match_all = true\n action = \"inc\"\n }\n }",
    ];

    private static readonly string[] Pieces =
    [
        "{\"level\":\"info\"", ",\"user\":{\"id\":7}", "}", "[", "]", "\"", "\\", "\\u00e9", "\\ud800", "level=warn ",
        "msg=\"a b\" ", "1767225600 ", "drop-me", " ", "\t", "\n", "\xff", "\xc3", "\xc3\xa9", "\x1b[31m",
        "4111111111111111",
        "2026-01-01T00:00:00Z stdout P ", "2026-01-01T00:00:00Z stdout F ", "{\"log\":\"x\\n\",\"stream\":\"stdout\"}",
        "Key: value\r\n", "null", "x", "  at y", "[{\"a\":1},{\"b\":2}]", "{{ .Entry }}", "\0",
    ];

    [Fact]
    public void A_line_s_way_does_not_depend_on_its_batch() => Fuzz.Run(400, random =>
    {
        var (stages, lines) = (Stages(random, Stateless), Lines(random));

        var together = Run(stages, [lines]);
        var apart = Run(stages, [.. lines.Select(line => new[] { line })]);

        Assert.Equal(apart, together);
    });

    [Fact]
    public void No_pipeline_and_no_line_breaks_it() => Fuzz.Run(400, random =>
    {
        var stages = Stages(random, [.. Stateless, .. Stateful, .. Stateful]);

        Run(stages, [Lines(random), Lines(random), [], Lines(random)]);
    });

    [Theory]
    [InlineData("{\"level\":")]
    [InlineData("[")]
    [InlineData("\"")]
    [InlineData("\\")]
    [InlineData("\\u00")]
    [InlineData("a=")]
    [InlineData("a=\"")]
    [InlineData("level ")]
    [InlineData("1")]
    [InlineData("4111 ")]
    [InlineData("\x1b[")]
    [InlineData("\x1b")]
    [InlineData("<a>")]
    [InlineData("Key: ")]
    [InlineData("\r\n")]
    [InlineData("{{")]
    [InlineData("\xff")]
    [InlineData("{\"a\":1},")]
    [InlineData("drop")]
    [InlineData(" ")]
    public void A_hostile_line_stalls_no_stage(string piece)
    {
        var line = string.Concat(Enumerable.Repeat(piece, 256 * 1024 / piece.Length));

        // With quadratic work a stage would take minutes: coming back is the assertion.
        foreach (var stage in Stateless.Concat(Stateful))
            Run("stage.regex { expression = `(?P<msg>(?s:.*))` }\n" + stage, [[line], ["[" + line + "]"]]);
    }

    private static string Stages(Random random, string[] known) => string.Join('\n',
        Enumerable.Range(0, random.Next(1, 7)).Select(_ => known[random.Next(known.Length)]));

    private static string[] Lines(Random random) =>
        [.. Enumerable.Range(0, random.Next(1, 8)).Select(_ => Fuzz.Text(random, Pieces, 8))];

    /// <summary>What leaves the pipeline, after each batch in turn and at the end.</summary>
    private static List<string> Run(string stages, IReadOnlyList<string[]> batches)
    {
        var rig = new StageRig([.. OptionsOf(stages)]);
        var left = new List<string>();
        var line = 0;
        foreach (var lines in batches)
        {
            var batch = new LogBatch();
            foreach (var text in lines)
            {
                batch.Add(StageRig.Now + line, rig.Set(line % 2 == 0 ? "job=a" : "job=b level=old"),
                    Encoding.Latin1.GetBytes(text), line);
                line++;
            }

            Show(rig.Run(batch), left);
        }

        Show(rig.Run(new LogBatch(), ending: true), left);
        return left;
    }

    private static void Show(LogBatch batch, List<string> left)
    {
        for (var i = 0; i < batch.Count; i++)
        {
            left.Add($"{batch[i].Timestamp} {StageRig.Show(batch[i].Labels)} {StageRig.Metadata(batch, i)} "
                + Encoding.Latin1.GetString(batch.Line(batch[i])));
        }

        batch.Dispose();
    }

    private static IReadOnlyList<IStageOptions> OptionsOf(string stages)
    {
        var tree = Parser.Parse(new SourceFile("p", $"loki.process \"p\" {{\nforward_to = []\n{stages}\n}}\n"));
        var found = new DiagnosticBag();
        found.AddRange(tree.Diagnostics);
        var options = new Binder(Evaluating.Library, found).Bind<ProcessOptions>(tree.Body.Blocks.Single());
        Assert.True(options is not null, $"{DiagnosticRenderer.Render(found)}\n{stages}");
        return options.Stages;
    }
}
