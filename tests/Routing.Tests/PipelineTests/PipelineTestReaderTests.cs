using Weir.Routing.Language;
using Weir.Routing.PipelineTests;

namespace Weir.Routing.Tests.PipelineTests;

public sealed class PipelineTestReaderTests
{
    private const string Valid = """
        config: a.alloy
        component: loki.process.a
        labels: {job: app}
        now: 2026-02-03T04:05:06Z
        tests:
          - name: one
            line: x
            metadata: {id: "7"}
            expect: {line: y, labels: {a: b}, metadata: {}, timestamp: 1, tenant: t, destination: d}
          - name: two
            component: loki.process.b
            labels: {job: other}
            lines: [x, {line: y, labels: {k: v}, timestamp: 2}]
            expect: [{line: x}, {line: y}]
          - {name: three, line: x, expect: {dropped: reason}}
        """;

    [Fact]
    public void Inner_fields_win_over_outer_ones()
    {
        var file = PipelineTestReader.Read(new SourceFile("t.yaml", Valid), new DiagnosticBag())!;

        var (one, two, three) = (file.Tests[0], file.Tests[1], file.Tests[2]);
        Assert.Equal("a.alloy", file.Configuration);
        Assert.Equal(("loki.process.a", "loki.process.b"), (one.Component, two.Component));
        Assert.Equal(1770091506_000_000_000, one.Lines[0].Time);
        Assert.Equal([("x", 1770091506_000_000_000), ("y", 2L)], two.Lines.Select(line => (line.Text, line.Time)));
        Assert.Equal(["job=other", "k=v"], two.Lines[1].Labels.Select(label => $"{label.Name}={label.Value}"));
        Assert.Equal("reason", three.DropReason);
        Assert.Empty(three.Expected);
        Assert.Null(two.Expected[0].Labels);
        Assert.Empty(one.Expected[0].Metadata!);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Damaged_files_are_read_or_refused_but_never_crash(int seed)
    {
        var random = new Random(seed);
        string[] pieces = ["{", "}", "[", "]", ":", "-", "\n", "  ", "\"", "&a ", "*a", "null", "<<: ", "|", "\t", "é"];
        for (var run = 0; run < 1_000; run++)
        {
            var text = Fuzz.Damage(random, Valid, pieces);

            var found = new DiagnosticBag();
            var file = PipelineTestReader.Read(new SourceFile("fuzz", text), found);

            Assert.True(file is null == found.HasErrors, $"seed {seed}: {text}");
        }
    }
}
