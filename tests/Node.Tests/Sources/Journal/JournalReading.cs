using System.Text;
using Weir.Node.Sources.Journal;
using Weir.Protocol.Batches;
using Weir.Routing.Relabeling;

namespace Weir.Node.Tests.Sources.Journal;

/// <summary>Reads fake entries to their end, without anything around it.</summary>
internal static class JournalReading
{
    public static readonly LabelSets Sets = new();

    public static JournalLabels Labels(JournalSourceOptions? options = null) =>
        new(options ?? new JournalSourceOptions(), "loki.source.journal.t", Sets);

    /// <summary>Rules that copy labels: from, to, from, to…</summary>
    public static RelabelRules Copying(params string[] pairs) => new(pairs.Chunk(2).Select(pair =>
        new RuleOptions { SourceLabels = [pair[0]], TargetLabel = pair[1] }));

    /// <summary>Each line as <c>nanoseconds-after-the-first-moment line</c>.</summary>
    public static List<string> ReadAll(JournalLines lines, bool asJson = false, JournalLabels? labels = null)
    {
        var read = new List<string>();
        labels ??= Labels();
        for (var isEnd = false; !isEnd;)
        {
            using var batch = new LogBatch();
            isEnd = lines.Fill(batch, labels, asJson);
            foreach (ref readonly var entry in batch.Entries)
                read.Add($"{entry.Timestamp - FakeFiles.Base * 1000} {Encoding.UTF8.GetString(batch.Line(entry))}");
        }

        return read;
    }
}
