using System.Text;
using Weir.Protocol.Loki;

namespace Weir.Protocol.Tests.Loki;

public sealed class PushRequestTests
{
    private const long Timestamp = 1_700_000_000_123_456_789;

    [Fact]
    public void A_request_has_the_bytes_that_protobuf_prescribes()
    {
        var request = Request(new Stream("""{a="b"}""", [new(Timestamp, "hi", ("k", "v"))]));

        byte[] timestamp = [0x0a, 0x0b, 0x08, 0x80, 0xe2, 0xcf, 0xaa, 0x06, 0x10, 0x95, 0x9a, 0xef, 0x3a];
        byte[] metadata = [0x1a, 0x06, 0x0a, 0x01, (byte)'k', 0x12, 0x01, (byte)'v'];
        byte[] entry = [.. timestamp, 0x12, 0x02, .. "hi"u8, .. metadata];
        byte[] stream = [0x0a, 0x07, .. """{a="b"}"""u8, 0x12, (byte)entry.Length, .. entry];
        Assert.Equal([0x0a, (byte)stream.Length, .. stream], request);
    }

    [Theory]
    [InlineData(0L)]
    [InlineData(1L)]
    [InlineData(-1L)]
    [InlineData(999_999_999L)]
    [InlineData(1_000_000_000L)]
    [InlineData(-1_500_000_000L)]
    [InlineData(Timestamp)]
    [InlineData(9_000_000_000_000_000_000L)]
    [InlineData(-9_000_000_000_000_000_000L)]
    public void Timestamps_survive_a_round_trip(long timestamp)
    {
        var streams = Read(Request(new Stream("{}", [new(timestamp, "x")])));

        Assert.Equal(timestamp, streams[0].Entries[0].Timestamp);
    }

    [Fact]
    public void Random_requests_survive_a_round_trip_alone_and_joined()
    {
        Fuzz.Run(300, random =>
        {
            var first = RandomStreams(random);
            var second = RandomStreams(random);

            byte[] joined = [.. Request(first), .. Request(second)];

            Assert.Equal(Describe([.. first, .. second]), Describe(Read(joined)));
        });
    }

    [Fact]
    public void Labels_behind_the_entries_are_found()
    {
        byte[] request = [0x0a, 0x09, 0x12, 0x02, 0x12, 0x00, 0x0a, 0x03, .. "{b}"u8];

        var reader = new PushRequestReader(request);

        Assert.Equal(PushToken.Stream, reader.Read());
        Assert.Equal("{b}", Encoding.UTF8.GetString(reader.Labels));
        Assert.Equal(PushToken.Entry, reader.Read());
        Assert.Equal(PushToken.End, reader.Read());
    }

    [Theory]
    [InlineData(new byte[] { 0x0a }, 0, "a malformed request")]
    [InlineData(new byte[] { 0x0a, 5, 1 }, 0, "a malformed request")]
    [InlineData(new byte[] { 0x08, 5 }, 2, "a stream that is no message")]
    [InlineData(new byte[] { 0x0a, 2, 0x08, 1 }, 2, "labels that are no string")]
    [InlineData(new byte[] { 0x0a, 2, 0x10, 1 }, 4, "an entry that is no message")]
    [InlineData(new byte[] { 0x0a, 4, 0x12, 2, 0x10, 1 }, 6, "a line that is no string")]
    [InlineData(new byte[] { 0x0a, 4, 0x12, 2, 0x0a, 9 }, 4, "a malformed entry")]
    [InlineData(new byte[] { 0x0a, 6, 0x12, 4, 0x0a, 2, 0x0a, 0 }, 8, "a malformed timestamp")]
    [InlineData(new byte[] { 0x0a, 6, 0x12, 4, 0x1a, 2, 0x08, 0 }, 8, "malformed structured metadata")]
    public void Malformed_requests_are_refused_with_place_and_reason(byte[] request, int offset, string fault)
    {
        var reader = new PushRequestReader(request);

        while (reader.Read() is PushToken.Stream or PushToken.Entry) { }

        Assert.Equal(PushToken.Fault, reader.Read());
        Assert.Equal((offset, fault), (reader.Offset, reader.Fault));
    }

    [Fact]
    public void Damaged_requests_end_or_are_refused()
    {
        Fuzz.Run(3_000, random =>
        {
            var request = Fuzz.Damage(random, Request(RandomStreams(random)));
            var reader = new PushRequestReader(request);
            PushToken token;

            while ((token = reader.Read()) is PushToken.Stream or PushToken.Entry)
            {
                var metadata = reader.Metadata;
                while (metadata.Read()) { }
            }

            Assert.True(token == PushToken.End || reader.Fault.Length > 0);
            Assert.InRange(reader.Offset, 0, request.Length);
        });
    }

    [Fact]
    public void Slices_hold_exactly_their_entries_and_are_no_longer_than_the_whole()
    {
        Fuzz.Run(300, random =>
        {
            var streams = RandomStreams(random);
            var request = Request(streams);
            Assert.True(PushRequestSlice.TryCount(request, out var streamCount, out var entryCount));
            Assert.Equal((streams.Length, streams.Sum(stream => stream.Entries.Length)), (streamCount, entryCount));
            var cut = random.Next(entryCount + 1);
            byte[] left = new byte[request.Length], right = new byte[request.Length];

            left = left[..PushRequestSlice.Write(request, 0, cut, left)];
            right = right[..PushRequestSlice.Write(request, cut, int.MaxValue, right)];

            Assert.Equal(Lines(streams)[..cut], Lines(Read(left)));
            Assert.Equal(Lines(streams)[cut..], Lines(Read(right)));
        });
    }

    [Fact]
    public void Warm_writing_and_reading_allocate_nothing()
    {
        var line = new byte[227];
        var labels = """{job="api", level="info"}"""u8.ToArray();
        var request = new byte[1 << 16];
        var count = 0;

        Allocations.AssertNone(() =>
        {
            var bytes = 100 * PushRequestWriter.EntryBytes(Timestamp, line.Length, 0);
            var written = PushRequestWriter.WriteStreamHeader(request, labels, bytes);
            for (var i = 0; i < 100; i++)
                written += PushRequestWriter.WriteEntry(request.AsSpan(written), Timestamp, line, default);
            PushRequestSlice.TryCount(request.AsSpan(0, written), out _, out count);
        });

        Assert.Equal(100, count);
    }

    private static byte[] Request(params Stream[] streams)
    {
        var request = new List<byte>();
        foreach (var stream in streams)
        {
            var entries = stream.Entries.SelectMany(Bytes).ToArray();
            var labels = Encoding.UTF8.GetBytes(stream.Labels);
            var header = new byte[PushRequestWriter.StreamHeaderBytes(labels.Length, entries.Length)];
            Assert.Equal(header.Length, PushRequestWriter.WriteStreamHeader(header, labels, entries.Length));
            request.AddRange([.. header, .. entries]);
        }

        return [.. request];
    }

    private static byte[] Bytes(Entry entry)
    {
        var metadata = new List<byte>();
        foreach (var (name, value) in entry.Metadata)
        {
            byte[] nameBytes = Encoding.UTF8.GetBytes(name), valueBytes = Encoding.UTF8.GetBytes(value);
            var pair = new byte[PushRequestWriter.MetadataBytes(nameBytes.Length, valueBytes.Length)];
            Assert.Equal(pair.Length, PushRequestWriter.WriteMetadata(pair, nameBytes, valueBytes));
            metadata.AddRange(pair);
        }

        var line = Encoding.UTF8.GetBytes(entry.Line);
        var bytes = new byte[PushRequestWriter.EntryBytes(entry.Timestamp, line.Length, metadata.Count)];
        Assert.Equal(bytes.Length, PushRequestWriter.WriteEntry(bytes, entry.Timestamp, line, metadata.ToArray()));
        return bytes;
    }

    private static Stream[] Read(byte[] request)
    {
        var streams = new List<Stream>();
        var reader = new PushRequestReader(request);
        PushToken token;
        while ((token = reader.Read()) != PushToken.End)
        {
            Assert.True(token != PushToken.Fault, reader.Fault);
            if (token == PushToken.Stream)
            {
                streams.Add(new(Encoding.UTF8.GetString(reader.Labels), []));
                continue;
            }

            var pairs = new List<(string, string)>();
            var metadata = reader.Metadata;
            while (metadata.Read())
                pairs.Add((Encoding.UTF8.GetString(metadata.Name), Encoding.UTF8.GetString(metadata.Value)));
            var entry = new Entry(reader.Timestamp, Encoding.UTF8.GetString(reader.Line), [.. pairs]);
            streams[^1] = streams[^1] with { Entries = [.. streams[^1].Entries, entry] };
        }

        return [.. streams];
    }

    private static Stream[] RandomStreams(Random random)
    {
        var streams = new Stream[1 + random.Next(3)];
        for (var i = 0; i < streams.Length; i++)
        {
            var entries = new Entry[random.Next(1, 6)];
            for (var j = 0; j < entries.Length; j++)
            {
                var metadata = Enumerable.Range(0, random.Next(3)).Select(k => ($"k{k}", new string('v', k * 60)));
                var line = new string('x', random.Next(2) * random.Next(20_000));
                entries[j] = new(random.NextInt64(-(1L << 61), 1L << 61), line, [.. metadata]);
            }

            streams[i] = new(random.Next(4) == 0 ? "" : $$"""{a="{{i}}"}""", entries);
        }

        return streams;
    }

    private static string Describe(Stream[] streams) => string.Join("\n", streams.Select(stream =>
        stream.Labels + string.Join("|", stream.Entries.Select(Describe))));

    private static string Describe(Entry entry) => $"{entry.Timestamp} {entry.Line} {string.Join(",", entry.Metadata)}";

    private static string[] Lines(Stream[] streams) =>
        [.. streams.SelectMany(stream => stream.Entries.Select(entry => stream.Labels + Describe(entry)))];

    private sealed record Stream(string Labels, Entry[] Entries);

    private sealed record Entry(long Timestamp, string Line, params (string Name, string Value)[] Metadata);
}
