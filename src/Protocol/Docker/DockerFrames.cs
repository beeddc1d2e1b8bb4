using System.Buffers.Binary;

namespace Weir.Protocol.Docker;

/// <summary>The multiplexed stream: u8 stream, three zero bytes, big-endian u32 length, then one message.</summary>
internal static class DockerFrames
{
    private const int HeaderBytes = 8;

    /// <param name="isFrame">False when the bytes cannot be a frame: the stream is lost.</param>
    /// <returns>False when more bytes are needed, or when this is no frame.</returns>
    public static bool TryRead(ReadOnlySpan<byte> bytes, int frameBytesMax, out DockerPiece piece, out bool isFrame)
    {
        piece = default;
        isFrame = true;
        if (bytes.Length < HeaderBytes) return false;

        var length = BinaryPrimitives.ReadUInt32BigEndian(bytes[4..]);
        var head = BinaryPrimitives.ReadUInt32BigEndian(bytes);
        isFrame = head % (1 << 24) == 0 && head >> 24 <= (int)DockerStream.SystemError && length <= frameBytesMax;
        if (!isFrame || bytes.Length - HeaderBytes < length) return false;

        var message = bytes.Slice(HeaderBytes, (int)length);
        var prefix = DockerPiece.ReadTimestamp(message, out var timestamp);
        var lineBreak = DockerPiece.LineBreakBytes(message);
        piece = new DockerPiece
        {
            Stream = (DockerStream)(head >> 24),
            IsTimed = prefix > 0,
            Timestamp = timestamp,
            Content = message[prefix..^lineBreak],
            IsTerminated = lineBreak > 0,
            EndsMessage = true,
            Consumed = HeaderBytes + (int)length,
        };
        return true;
    }
}
