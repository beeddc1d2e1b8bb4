using System.Text;
using Weir.Protocol.Loki;
using Weir.Routing.Lanes;
using Weir.Routing.Writers;

namespace Weir.Routing.Tests.Writers;

public sealed class DoubtfulEntriesTests
{
    private static readonly SnappyEncoders Encoders = new();
    private static readonly Dictionary<string, string> None = [];

    [Theory]
    [InlineData("trace", "t1", true)]
    [InlineData("trace", "t2", false)] // another entry that has only time and line in common
    [InlineData("other", "t1", false)]
    public void Metadata_tells_entries_apart(string name, string value, bool isFound)
    {
        var entries = Read(Body([("{a=\"b\"}", 1, "line", [("trace", "t1")])]));

        entries.Mark(entries.Streams[0], new StoredEntry(1, "line", Pairs((name, value))), mayHaveMore: true);

        Assert.Equal(isFound ? 1 : 0, entries.Found);
    }

    [Theory]
    [InlineData("a.b", "x")] // no name of a label: Loki rewrites it
    [InlineData("empty", "")]
    [InlineData("a", "other")] // a label of the stream wins
    public void Metadata_that_Loki_does_not_keep_as_it_is_does_not_count(string name, string value)
    {
        var entries = Read(Body([("{a=\"b\"}", 1, "line", [(name, value)])]));

        entries.Mark(entries.Streams[0], new StoredEntry(1, "line", None), mayHaveMore: true);

        Assert.Equal(1, entries.Found);
    }

    [Theory]
    [InlineData(true, 1)] // detected_level and the like
    [InlineData(false, 0)] // labels and metadata in one: it may be another stream
    public void Metadata_beyond_ours_is_Loki_s_own_only_where_it_is_told_from_labels(bool mayHaveMore, int found)
    {
        var entries = Read(Body([("{a=\"b\"}", 1, "line", [])]));

        entries.Mark(entries.Streams[0], new StoredEntry(1, "line", Pairs(("more", "x"))), mayHaveMore);

        Assert.Equal(found, entries.Found);
    }

    [Fact]
    public void Labels_without_a_value_are_none() =>
        Assert.Equal("a", Read(Body([("{a=\"b\", c=\"\"}", 1, "line", [])])).Streams[0].Signature);

    [Theory]
    [InlineData("no labels")]
    [InlineData("{}")]
    public void A_stream_that_no_query_can_ask_for_cannot_be_read(string stream) =>
        Assert.False(DoubtfulEntries.TryRead(Body([(stream, 1, "line", [])]), out _));

    [Fact]
    public void What_is_missing_is_exactly_what_was_not_found() => Fuzz.Run(500, random =>
    {
        var sent = Enumerable.Range(0, random.Next(1, 60)).Select(i => (
            Stream: $"{{s=\"{random.Next(4)}\"}}", Timestamp: (long)random.Next(10), Line: $"{i}",
            Metadata: random.Next(3) == 0 ? new[] { ("m", $"{i}") } : [])).ToArray();
        var entries = Read(Body(sent));
        var stored = sent.Where(_ => random.Next(2) == 0).ToList();
        foreach (var one in stored)
        {
            var stream = entries.Streams.Single(stream => $"{{s=\"{stream.Labels["s"]}\"}}" == one.Stream);
            entries.Mark(stream, new StoredEntry(one.Timestamp, one.Line, Pairs(one.Metadata)), mayHaveMore: true);
        }

        Assert.Equal(stored.Count, entries.Found);
        if (stored.Count == sent.Length) return;
        var missing = entries.Missing(Encoders);
        var rest = ScriptedPushClient.Decode(missing.Pieces[0].Span, "");
        Assert.Equal(sent.Except(stored).Select(one => one.Line), rest.Select(entry => entry.Line));
        Assert.Equal(rest.Count, missing.Facts.Entries);
        Assert.Equal(rest.Sum(entry => entry.Line.Length), missing.Facts.LineBytes);
    });

    private static Dictionary<string, string> Pairs(params (string Name, string Value)[] pairs) =>
        pairs.ToDictionary(pair => pair.Name, pair => pair.Value);

    private static DoubtfulEntries Read(PushBody body)
    {
        Assert.True(DoubtfulEntries.TryRead(body, out var entries));
        return entries;
    }

    private static PushBody Body((string Stream, long Timestamp, string Line, (string, string)[] Metadata)[] entries)
    {
        var request = new byte[64 * 1024];
        var used = 0;
        foreach (var (stream, timestamp, line, pairs) in entries)
        {
            var metadata = new byte[256];
            var length = 0;
            foreach (var (name, value) in pairs)
            {
                length += PushRequestWriter.WriteMetadata(
                    metadata.AsSpan(length), Encoding.UTF8.GetBytes(name), Encoding.UTF8.GetBytes(value));
            }

            var bytes = PushRequestWriter.EntryBytes(timestamp, line.Length, length);
            used += PushRequestWriter.WriteStreamHeader(request.AsSpan(used), Encoding.UTF8.GetBytes(stream), bytes);
            used += PushRequestWriter.WriteEntry(
                request.AsSpan(used), timestamp, Encoding.UTF8.GetBytes(line), metadata.AsSpan(0, length));
        }

        var block = Encoders.Compress(request.AsSpan(0, used)).Memory;
        return new PushBody([block], PushBody.FactsOf(request.AsSpan(0, used)));
    }
}
