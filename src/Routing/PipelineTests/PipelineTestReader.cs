using System.Globalization;
using System.Text;
using Weir.Protocol.Batches;
using Weir.Protocol.Time;
using Weir.Routing.Language;
using Weir.Routing.Promtail;

namespace Weir.Routing.PipelineTests;

/// <summary>Reads files of pipeline tests: YAML, strictly, every mistake with its place.</summary>
public sealed class PipelineTestReader
{
    private const string ExampleTime = "write it as 2026-01-01T00:00:00Z";

    // Tests must not depend on the day on which they run.
    private static readonly long NowDefault = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero)
        .ToUnixTimeSeconds() * 1_000_000_000;

    private readonly DiagnosticBag _diagnostics;

    private PipelineTestReader(DiagnosticBag diagnostics) => _diagnostics = diagnostics;

    /// <returns>Null when there is a mistake; it has been reported.</returns>
    public static PipelineTestFile? Read(SourceFile file, DiagnosticBag diagnostics)
    {
        var root = YamlDocument.Read(ExpandedText.Unchanged(file), diagnostics);
        if (root is null) return null;
        if (root is YamlMap map)
        {
            var read = new PipelineTestReader(diagnostics).Read(new Section(map, "", map.Place, diagnostics));
            return diagnostics.HasErrors ? null : read;
        }

        diagnostics.Error(root.Place, "this is no file of tests: it holds no fields", "it begins with tests:");
        return null;
    }

    private PipelineTestFile Read(Section root)
    {
        var shared = new Shared(
            root.Text("component") ?? "", LabelsOf(root, "labels") ?? [], TimeOf(root, "now") ?? NowDefault);
        var configuration = root.Text("config") ?? "";
        var tests = root.Subs("tests").Select(section => ReadTest(section, shared)).ToList();
        if (tests.Count == 0) root.Missing("tests");
        root.Finish();
        return new PipelineTestFile(configuration, tests);
    }

    private PipelineTest ReadTest(Section section, Shared shared)
    {
        var name = section.RequiredText("name") ?? "";
        var component = section.Text("component") ?? shared.Component;
        if (component.Length == 0) section.Missing("component");
        var now = TimeOf(section, "now") ?? shared.Now;
        var labels = Merge(shared.Labels, LabelsOf(section, "labels"));
        var lines = ReadLines(section, labels, now);
        var (expected, reason) = ReadExpectation(section);
        section.Finish();
        return new PipelineTest(name, section.Place, component, now, lines, expected, reason);
    }

    private IReadOnlyList<TestLine> ReadLines(Section section, IReadOnlyList<Label> labels, long now)
    {
        if (section.Find("line") is not null) return [ReadLine(section, labels, now)];
        var lines = new List<TestLine>();
        foreach (var item in section.Items("lines"))
        {
            if (item is YamlScalar text)
            {
                lines.Add(new TestLine(text.Text, labels, [], now));
                continue;
            }

            if (item is not YamlMap map)
            {
                _diagnostics.Error(item.Place, "expected a line, this is a list");
                continue;
            }

            var inner = new Section(map, "lines", item.Place, _diagnostics);
            if (inner.Find("line") is null) inner.Missing("line");
            lines.Add(ReadLine(inner, Merge(labels, LabelsOf(inner, "labels")), now));
            inner.Finish();
        }

        if (lines.Count == 0) section.Missing("line");
        return lines;
    }

    private TestLine ReadLine(Section section, IReadOnlyList<Label> labels, long now) => new(
        section.Text("line") ?? "", labels, LabelsOf(section, "metadata") ?? [],
        TimeOf(section, "timestamp") ?? now);

    private (IReadOnlyList<ExpectedEntry> Expected, string DropReason) ReadExpectation(Section section)
    {
        switch (section.Find("expect")?.Value)
        {
            case null:
                section.Missing("expect");
                return ([], "");
            case YamlList list:
                return ([.. list.Items.Select(ReadEntry).OfType<ExpectedEntry>()], "");
            case YamlMap map when map.Entries.Any(entry => entry.Key.Text == "dropped"):
                var dropped = new Section(map, "expect", map.Place, _diagnostics);
                var reason = dropped.Text("dropped") ?? "";
                dropped.Finish();
                return ([], reason == "true" ? "" : reason);
            case { } node:
                return ReadEntry(node) is { } entry ? ([entry], "") : ([], "");
        }
    }

    private ExpectedEntry? ReadEntry(YamlNode node)
    {
        if (node is not YamlMap map)
        {
            _diagnostics.Error(node.Place, "expected what an entry is to be: line, labels, metadata, timestamp, "
                + "tenant, destination", "or expect: {dropped: true}");
            return null;
        }

        var section = new Section(map, "expect", node.Place, _diagnostics);
        var entry = new ExpectedEntry(section.Text("destination"), section.Text("tenant"), section.Text("line"),
            LabelsOf(section, "labels"), LabelsOf(section, "metadata"), TimeOf(section, "timestamp"));
        section.Finish();
        return entry;
    }

    private static IReadOnlyList<Label>? LabelsOf(Section section, string field) =>
        section.Pairs(field, areLabels: false)?.Select(pair => new Label(pair.Key, pair.Text)).ToList();

    private static IReadOnlyList<Label> Merge(IReadOnlyList<Label> outer, IReadOnlyList<Label>? inner) =>
        inner is null ? outer : [.. outer.Where(label => inner.All(own => own.Name != label.Name)), .. inner];

    /// <summary>RFC 3339, or nanoseconds since the Unix epoch.</summary>
    private long? TimeOf(Section section, string field)
    {
        if (section.Text(field) is not { } text) return null;
        if (Rfc3339.TryParse(Encoding.UTF8.GetBytes(text), out var time)) return time;
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out time)) return time;
        _diagnostics.Error(section.Find(field)!.Value.Place, $"{field} is no time", ExampleTime);
        return null;
    }

    /// <summary>What the file says for all of its tests.</summary>
    private sealed record Shared(string Component, IReadOnlyList<Label> Labels, long Now);
}
