using Weir.Protocol.Loki;
using Weir.Protocol.Snappy;
using Weir.Routing.Lanes;
using Weir.Routing.Ports;

namespace Weir.Routing.Writers;

/// <summary>The body of one push, in pieces, and what it holds. Sent again, it is the same bytes.</summary>
internal sealed record PushBody(IReadOnlyList<ReadOnlyMemory<byte>> Pieces, FragmentFacts Facts)
{
    /// <summary>It may have been sent before, and nobody knows how that ended.</summary>
    public bool IsInDoubt { get; init; }

    public int Bytes => Pieces.Sum(piece => piece.Length);

    /// <summary>Joins fragments under one preamble; nothing is decompressed or copied.</summary>
    /// <param name="items">At least one, all in doubt or none, each with a body that <see cref="IsWhole"/>
    /// accepts.</param>
    public static PushBody Join(IReadOnlyList<LaneItem> items)
    {
        var facts = items[0].Fragment.Facts;
        var isInDoubt = items[0].IsInDoubt;
        if (items.Count == 1) return new PushBody([items[0].Fragment.Body], facts) { IsInDoubt = isInDoubt };

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
        return new PushBody(pieces, facts) { IsInDoubt = isInDoubt };
    }

    /// <summary>Whether the body states the length that the fragment was sealed with.</summary>
    public static bool IsWhole(StoredFragment fragment) =>
        SnappyJoiner.TryGetBody(fragment.Body.Span, out var length, out _)
        && length == fragment.Facts.UncompressedLength;

    /// <summary>What a request holds that a reader accepts.</summary>
    public static FragmentFacts FactsOf(ReadOnlySpan<byte> request)
    {
        var facts = new FragmentFacts(request.Length, 0, 0, long.MaxValue, long.MinValue);
        var reader = new PushRequestReader(request);
        for (var token = reader.Read(); token is PushToken.Stream or PushToken.Entry; token = reader.Read())
        {
            if (token == PushToken.Stream) continue;
            facts = facts with
            {
                Entries = facts.Entries + 1,
                LineBytes = facts.LineBytes + reader.Line.Length,
                TimestampMin = Math.Min(facts.TimestampMin, reader.Timestamp),
                TimestampMax = Math.Max(facts.TimestampMax, reader.Timestamp),
            };
        }

        return facts;
    }

    private static FragmentFacts Add(in FragmentFacts a, in FragmentFacts b) => new(
        a.UncompressedLength + b.UncompressedLength, a.Entries + b.Entries, a.LineBytes + b.LineBytes,
        Math.Min(a.TimestampMin, b.TimestampMin), Math.Max(a.TimestampMax, b.TimestampMax));
}
