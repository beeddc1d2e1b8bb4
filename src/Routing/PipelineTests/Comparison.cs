using System.Buffers;
using System.Text;
using System.Text.Json;
using Weir.Protocol.Batches;
using Weir.Protocol.Loki;
using Weir.Protocol.Time;

namespace Weir.Routing.PipelineTests;

/// <summary>Compares what came out of a test with what was to come out.</summary>
public static class Comparison
{
    /// <returns>A line for each difference, what was expected with a <c>-</c>, what came with a <c>+</c>; empty when
    /// there is none.</returns>
    public static IReadOnlyList<string> Differences(PipelineTest test, TestOutcome outcome)
    {
        if (outcome.Problem.Length > 0) return [outcome.Problem];
        var lines = new List<string>();
        for (var i = 0; i < Math.Max(test.Expected.Count, outcome.Entries.Count); i++)
        {
            var expected = i < test.Expected.Count ? test.Expected[i] : null;
            var observed = i < outcome.Entries.Count ? outcome.Entries[i] : null;
            Compare(i, expected, observed, lines);
        }

        if (lines.Count > 0 && outcome.Drops.Count > 0)
            lines.Add("  dropped: " + string.Join(", ", outcome.Drops.Select(drop => $"{drop.Value} {drop.Key}")));
        if (test.DropReason.Length > 0 && outcome.Entries.Count == 0
            && (outcome.Drops.Count != 1 || !outcome.Drops.ContainsKey(test.DropReason)))
        {
            lines.Add($"- dropped     {test.DropReason}");
            lines.Add($"+ dropped     {(outcome.Drops.Count == 0 ? "without a reason"
                : string.Join(", ", outcome.Drops.Keys))}");
        }

        return lines;
    }

    private static void Compare(int index, ExpectedEntry? expected, ObservedEntry? observed, List<string> lines)
    {
        var title = $"  entry {index + 1}:";
        if (observed is null)
        {
            lines.Add($"{title} is missing");
            foreach (var (name, text) in Fields(expected!)) lines.Add($"- {name,-11} {text}");
            return;
        }

        if (expected is null)
        {
            lines.Add($"{title} was not expected");
            foreach (var (name, text) in Fields(observed)) lines.Add($"+ {name,-11} {text}");
            return;
        }

        var isTitled = false;
        var came = Fields(observed).ToDictionary(field => field.Name, field => field.Text);
        foreach (var (name, text) in Fields(expected))
        {
            var actual = came.GetValueOrDefault(name, "");
            if (actual == text) continue;
            if (!isTitled) lines.Add(title);
            isTitled = true;
            lines.Add($"- {name,-11} {text}");
            lines.Add($"+ {name,-11} {actual}");
        }
    }

    private static IEnumerable<(string Name, string Text)> Fields(ExpectedEntry entry)
    {
        if (entry.Destination is { } destination) yield return ("destination", destination);
        if (entry.Tenant is { } tenant) yield return ("tenant", Quoted(tenant));
        if (entry.Time is { } time) yield return ("timestamp", TimeText(time));
        if (entry.Labels is { } labels) yield return ("labels", LabelsText(labels));
        if (entry.Metadata is { } metadata) yield return ("metadata", LabelsText(metadata));
        if (entry.Line is { } line) yield return ("line", Quoted(line));
    }

    private static IEnumerable<(string Name, string Text)> Fields(ObservedEntry entry) => Fields(new ExpectedEntry(
        entry.Destination, entry.Tenant, entry.Line, entry.Labels, entry.Metadata, entry.Time));

    // Order is no part of what labels and metadata are.
    private static string LabelsText(IReadOnlyList<Label> labels)
    {
        var text = new ArrayBufferWriter<byte>();
        LabelText.Write([.. labels.OrderBy(label => label.Name, StringComparer.Ordinal)], text);
        return Encoding.UTF8.GetString(text.WrittenSpan);
    }

    private static string Quoted(string text) => JsonSerializer.Serialize(text, Readable);

    private static JsonSerializerOptions Readable { get; } = new()
    {
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private static string TimeText(long time)
    {
        Span<byte> text = stackalloc byte[Rfc3339.BytesMax];
        return Encoding.ASCII.GetString(text[..Rfc3339.Write(text, time)]);
    }
}
