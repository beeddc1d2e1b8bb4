using System.Buffers;
using System.Text;
using Weir.Protocol.Batches;
using Weir.Protocol.Loki;
using Weir.Protocol.Snappy;
using Weir.Protocol.Time;
using Weir.Routing.Ports;

namespace Weir.Node.Agent;

/// <summary>Prints what would be pushed, an entry a line, and says that it was taken.</summary>
/// <remarks>
/// Columns, parted by tabs: time, destination, tenant, labels, structured metadata, line; <c>-</c> for none. Line ends
/// within a line are written <c>\n</c>.
/// </remarks>
/// <param name="destination">What the second column says.</param>
/// <param name="output">Shared by all clients of a run.</param>
/// <param name="closed">Called when nobody reads the output any more.</param>
internal sealed class PrintingPushClient(string destination, TextWriter output, Action closed) : IPushClient
{
    private const int Taken = 204;
    private const string None = "-";

    public ValueTask<PushAnswer> PushAsync(
        IReadOnlyList<ReadOnlyMemory<byte>> body, string tenant, CancellationToken cancel,
        Func<bool>? mayLeave = null)
    {
        var text = new StringBuilder();
        Append(text, Decompress(body), tenant.Length == 0 ? None : tenant);
        try
        {
            lock (output)
            {
                output.Write(text);
                output.Flush();
            }
        }
        catch (IOException) // as behind "| head"
        {
            closed();
        }

        return ValueTask.FromResult(new PushAnswer(PushOutcome.Answered, Taken, TimeSpan.Zero, ""));
    }

    public void Dispose()
    {
        // The output is its owner's.
    }

    private static ReadOnlySpan<byte> Decompress(IReadOnlyList<ReadOnlyMemory<byte>> body)
    {
        var block = new ArrayBufferWriter<byte>();
        foreach (var piece in body) block.Write(piece.Span);
        if (!SnappyDecoder.TryGetUncompressedLength(block.WrittenSpan, out var length)) throw Unreadable("no block");
        var request = new byte[length];
        return SnappyDecoder.TryDecompress(block.WrittenSpan, request, out var written)
            ? request.AsSpan(0, written) : throw Unreadable("a damaged block");
    }

    private void Append(StringBuilder text, ReadOnlySpan<byte> request, string tenant)
    {
        var reader = new PushRequestReader(request);
        var stream = "";
        while (true)
        {
            switch (reader.Read())
            {
                case PushToken.Stream: stream = Encoding.UTF8.GetString(reader.Labels); break;
                case PushToken.Entry:
                    text.Append(TimeOf(reader.Timestamp)).Append('\t').Append(destination).Append('\t')
                        .Append(tenant).Append('\t').Append(stream).Append('\t').Append(MetadataOf(reader.Metadata))
                        .Append('\t').Append(OneLine(Encoding.UTF8.GetString(reader.Line))).Append('\n');
                    break;
                case PushToken.Fault: throw Unreadable(reader.Fault);
                default: return;
            }
        }
    }

    private static string MetadataOf(MetadataReader reader)
    {
        var pairs = new List<Label>();
        while (reader.Read())
            pairs.Add(new Label(Encoding.UTF8.GetString(reader.Name), Encoding.UTF8.GetString(reader.Value)));
        if (pairs.Count == 0) return None;
        var text = new ArrayBufferWriter<byte>();
        LabelText.Write([.. pairs], text);
        return OneLine(Encoding.UTF8.GetString(text.WrittenSpan));
    }

    private static string TimeOf(long timestamp)
    {
        Span<byte> text = stackalloc byte[Rfc3339.BytesMax];
        return Encoding.ASCII.GetString(text[..Rfc3339.WriteFixed(text, timestamp)]);
    }

    private static string OneLine(string text) => text.ReplaceLineEndings("\\n");

    // The node itself has built it.
    private static InvalidDataException Unreadable(string fault) => new($"a push of this node cannot be read: {fault}");
}
