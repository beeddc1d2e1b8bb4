using System.Text;
using Weir.Protocol.Fragments;
using Weir.Protocol.Loki;
using Weir.Protocol.Snappy;

namespace Weir.Routing.Tests.Sharding;

/// <summary>A fragment with one line of a stream of its node.</summary>
internal sealed record SentFragment(string Node, string Tenant, long Sequence, int LineBytes)
{
    private string? _line;

    /// <summary>Made of random letters, so that it stays as large when it is compressed.</summary>
    public string Line => _line ??= $"{Node}/{Tenant}/{Sequence}/" + string.Create(LineBytes, Sequence, (text, seed) =>
    {
        var random = new Random((int)seed);
        foreach (ref var letter in text) letter = (char)random.Next('0', 'z');
    });

    public byte[] Message(bool isResent = false)
    {
        var line = Encoding.UTF8.GetBytes(Line);
        var labels = Encoding.UTF8.GetBytes($$"""{node="{{Node}}", of="{{Tenant}}"}""");
        var timestamp = 1_700_000_000_000_000_000 + Sequence;
        var entryBytes = PushRequestWriter.EntryBytes(timestamp, line.Length, 0);
        var request = new byte[PushRequestWriter.StreamBytes(labels.Length, entryBytes)];
        var written = PushRequestWriter.WriteStreamHeader(request, labels, entryBytes);
        PushRequestWriter.WriteEntry(request.AsSpan(written), timestamp, line, default);
        var block = new byte[SnappyEncoder.MaxCompressedLength(request.Length)];
        var length = new SnappyEncoder().Compress(request, block);
        var header = new FragmentHeader
        {
            Kind = FragmentKind.LokiPush,
            PayloadLength = length,
            UncompressedLength = request.Length,
            EntryCount = 1,
            LineBytes = line.Length,
            TimestampMin = timestamp,
            TimestampMax = timestamp,
            PayloadChecksum = 0,
        };
        var fields = new FragmentFields
        {
            Node = Node,
            Destination = ShardFixture.Id,
            Tenant = Tenant,
            Sequence = Sequence,
            IsResent = isResent,
        };
        return FragmentMessage.Write(header, fields, block.AsSpan(0, length));
    }
}
