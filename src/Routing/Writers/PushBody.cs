using Weir.Protocol.Snappy;
using Weir.Routing.Lanes;
using Weir.Routing.Ports;

namespace Weir.Routing.Writers;

/// <summary>The body of one push, in pieces, and what it holds. Sent again, it is the same bytes.</summary>
internal sealed record PushBody(IReadOnlyList<ReadOnlyMemory<byte>> Pieces, FragmentFacts Facts)
{
    public int Bytes => Pieces.Sum(piece => piece.Length);

    /// <summary>Joins fragments under one preamble; nothing is decompressed or copied.</summary>
    /// <param name="items">At least one, each with a body that <see cref="IsWhole"/> accepts.</param>
    public static PushBody Join(IReadOnlyList<LaneItem> items)
    {
        var facts = items[0].Fragment.Facts;
        if (items.Count == 1) return new PushBody([items[0].Fragment.Body], facts);

        var pieces = new List<ReadOnlyMemory<byte>>(items.Count + 1) { default };
        var total = 0L;
        for (var i = 0; i < items.Count; i++)
        {
            var block = items[i].Fragment.Body;
            SnappyJoiner.TryGetBody(block.Span, out var length, out var offset);
            total += length;
            pieces.Add(block[offset..]);
            if (i > 0) facts = Add(facts, items[i].Fragment.Facts);
        }

        var preamble = new byte[SnappyJoiner.PreambleBytesMax];
        pieces[0] = preamble.AsMemory(0, SnappyJoiner.WritePreamble(preamble, checked((uint)total)));
        return new PushBody(pieces, facts);
    }

    /// <summary>Whether the body states the length that the fragment was sealed with.</summary>
    public static bool IsWhole(StoredFragment fragment) =>
        SnappyJoiner.TryGetBody(fragment.Body.Span, out var length, out _)
        && length == fragment.Facts.UncompressedLength;

    private static FragmentFacts Add(in FragmentFacts a, in FragmentFacts b) => new(
        a.UncompressedLength + b.UncompressedLength, a.Entries + b.Entries, a.LineBytes + b.LineBytes,
        Math.Min(a.TimestampMin, b.TimestampMin), Math.Max(a.TimestampMax, b.TimestampMax));
}
