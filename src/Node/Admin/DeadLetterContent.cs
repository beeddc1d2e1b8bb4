using System.Globalization;
using System.Text;
using Weir.Protocol.Loki;
using Weir.Protocol.Snappy;
using Weir.Routing.Ports;

namespace Weir.Node.Admin;

/// <param name="Timestamp">Nanoseconds since the Unix epoch, as text: JSON readers round such numbers.</param>
internal sealed record DeadLetterEntry(string Timestamp, string Stream, string Line);

/// <summary>A dead letter with its entries.</summary>
/// <param name="Omitted">Entries that are not shown, for the answer would be too long.</param>
/// <param name="Fault">Why no more of it can be read; "" where all can.</param>
internal sealed record DeadLetterContent(
    DeadLetterAnswer Letter, IReadOnlyList<DeadLetterEntry> Entries, int Omitted, string Fault)
{
    /// <summary>Bytes of the lines that are shown.</summary>
    private const int LineBytesMax = 1024 * 1024;

    /// <summary>A refused request of more is damaged: fragments are cut at 1 MiB, or hold one line.</summary>
    private const int RequestBytesMax = 64 * 1024 * 1024;

    public static DeadLetterContent Of(string node, StoredDeadLetter stored)
    {
        var letter = DeadLetterAnswer.Of(node, stored);
        var block = stored.Letter.Body.Span;
        if (!SnappyDecoder.TryGetUncompressedLength(block, out var length) || length > RequestBytesMax)
            return new DeadLetterContent(letter, [], 0, "not a fragment's body");
        var request = new byte[length];
        if (!SnappyDecoder.TryDecompress(block, request, out _))
            return new DeadLetterContent(letter, [], 0, "its compression is damaged");
        var entries = new List<DeadLetterEntry>();
        var (omitted, bytes) = (0, 0);
        var reader = new PushRequestReader(request);
        for (var token = reader.Read(); token != PushToken.End; token = reader.Read())
        {
            if (token == PushToken.Fault)
                return new DeadLetterContent(letter, entries, omitted, "its entries are damaged");
            if (token != PushToken.Entry) continue;
            bytes += reader.Line.Length;
            if (bytes > LineBytesMax && entries.Count > 0)
            {
                omitted++;
                continue;
            }

            var line = reader.Line.Length > LineBytesMax ? reader.Line[..LineBytesMax] : reader.Line;
            entries.Add(new DeadLetterEntry(
                reader.Timestamp.ToString(CultureInfo.InvariantCulture), Encoding.UTF8.GetString(reader.Labels),
                Encoding.UTF8.GetString(line)));
        }

        return new DeadLetterContent(letter, entries, omitted, "");
    }
}
