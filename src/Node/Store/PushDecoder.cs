using System.Buffers;
using System.Text;
using Weir.Protocol.Batches;
using Weir.Protocol.Loki;
using Weir.Protocol.Snappy;

namespace Weir.Node.Store;

/// <summary>A push that is well-formed.</summary>
/// <param name="Body">A Snappy block of a <c>PushRequest</c>.</param>
/// <param name="Unpacked">Bytes of the request before compression.</param>
/// <param name="Streams">Each stream once.</param>
internal sealed record DecodedPush(
    ReadOnlyMemory<byte> Body, int Unpacked, IReadOnlyCollection<LabelSet> Streams, int Entries, long Oldest,
    long Newest);

/// <summary>Checks what was pushed: protobuf under Snappy, or JSON, as Loki takes them.</summary>
internal sealed class PushDecoder(LabelSets labelSets)
{
    /// <summary>Largest request after decompression.</summary>
    public const int UncompressedMax = 256 * 1024 * 1024;

    /// <summary>No Snappy element makes more of a byte: a copy of 64 bytes takes 3. Memory is given for what a body can
    /// hold, not for what it claims.</summary>
    private const int ExpansionMax = 22;

    /// <exception cref="PushException">It is malformed: the message says how.</exception>
    public DecodedPush DecodeProtobuf(ReadOnlyMemory<byte> body)
    {
        var request = ArrayPool<byte>.Shared.Rent(UnpackedLength(body.Span));
        try
        {
            return Inspect(Unpack(body.Span, request), body);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(request);
        }
    }

    /// <summary>Bytes that a Snappy block holds, as it says.</summary>
    /// <exception cref="PushException">It holds no such thing.</exception>
    public static int UnpackedLength(ReadOnlySpan<byte> body)
    {
        if (!SnappyDecoder.TryGetUncompressedLength(body, out var length))
            throw new PushException("the body is no Snappy block");
        if (length > UncompressedMax) throw new PushException($"the body unpacks to more than {UncompressedMax} bytes");
        return length <= (long)body.Length * ExpansionMax
            ? length : throw new PushException("the body is no valid Snappy block");
    }

    /// <param name="request">At least <see cref="UnpackedLength"/> bytes.</param>
    /// <returns>The part of it that holds the request.</returns>
    /// <exception cref="PushException">The block is malformed.</exception>
    public static Span<byte> Unpack(ReadOnlySpan<byte> body, Span<byte> request) =>
        SnappyDecoder.TryDecompress(body, request, out var written)
            ? request[..written] : throw new PushException("the body is no valid Snappy block");

    /// <exception cref="PushException">It is malformed: the message says how.</exception>
    public DecodedPush DecodeJson(ReadOnlySpan<byte> json)
    {
        var request = new ArrayBufferWriter<byte>(json.Length + 256);
        if (!new JsonPush().TryConvert(json, request, out var fault)) throw new PushException(fault);
        var body = new byte[SnappyEncoder.MaxCompressedLength(request.WrittenCount)];
        var length = new SnappyEncoder().Compress(request.WrittenSpan, body);
        return Inspect(request.WrittenSpan, body.AsMemory(0, length));
    }

    /// <returns>Null when the text is no label set.</returns>
    public static LabelSet? ParseLabels(string text, LabelSets labelSets)
    {
        var labels = new List<Label>();
        return LabelText.TryParse(Encoding.UTF8.GetBytes(text), labels, out _) ? labelSets.Of([.. labels]) : null;
    }

    /// <summary>The label set that a stream's text names.</summary>
    /// <exception cref="PushException">It names none.</exception>
    private LabelSet LabelsOf(ReadOnlySpan<byte> text)
    {
        var labels = new List<Label>();
        if (!LabelText.TryParse(text, labels, out var fault))
            throw new PushException($"couldn't parse labels: {fault}");
        return labels.Count > 0
            ? labelSets.Of([.. labels])
            : throw new PushException("error at least one label pair is required per stream");
    }

    private DecodedPush Inspect(ReadOnlySpan<byte> request, ReadOnlyMemory<byte> body)
    {
        var streams = new HashSet<LabelSet>();
        var (entries, oldest, newest) = (0, long.MaxValue, long.MinValue);
        var reader = new PushRequestReader(request);
        while (true)
        {
            switch (reader.Read())
            {
                case PushToken.Stream:
                    streams.Add(LabelsOf(reader.Labels));
                    break;
                case PushToken.Entry:
                    entries++;
                    oldest = Math.Min(oldest, reader.Timestamp);
                    newest = Math.Max(newest, reader.Timestamp);
                    break;
                case PushToken.Fault:
                    throw new PushException($"{reader.Fault} at byte {reader.Offset} of the push request");
                default:
                    if (entries == 0) (oldest, newest) = (0, 0);
                    return new DecodedPush(body, request.Length, streams, entries, oldest, newest);
            }
        }
    }
}

/// <summary>A push that is not well-formed; the message goes to the client.</summary>
internal sealed class PushException(string message) : Exception(message);
