namespace Weir.Protocol.Docker;

/// <summary>Where a raw stream stands between two pieces.</summary>
internal struct RawState
{
    /// <summary>The next bytes go on with a message whose timestamp was read before.</summary>
    public bool IsInside { get; private set; }

    public bool IsTimed { get; private set; }

    public long Timestamp { get; private set; }

    public void Consume(scoped in DockerPiece piece)
    {
        IsInside = !piece.EndsMessage;
        IsTimed = piece.IsTimed;
        Timestamp = piece.Timestamp;
    }
}

/// <summary>The stream of a container with a terminal: messages in a row, a timestamp before each.</summary>
/// <remarks>
/// Nothing frames a message. One ends behind its line break; behind 16 KiB when the same timestamp follows; and
/// before a later timestamp, which follows the last words of a container that ended in mid-line and was started
/// again. A timestamp that the container itself prints is earlier than the daemon's for that line, so it stays.
/// </remarks>
internal static class DockerRawStream
{
    private const int TimestampBytes = 30; // 2024-01-02T03:04:05.123456789Z

    // With an offset in place of the Z, and a space: the longest prefix.
    private const int PrefixBytesMax = 36;

    /// <param name="ends">Nothing follows: what is there is the last piece.</param>
    /// <returns>False when more bytes are needed.</returns>
    public static bool TryRead(
        ReadOnlySpan<byte> bytes, ref RawState state, int lineBytesMax, bool ends, out DockerPiece piece)
    {
        piece = default;
        if (bytes.IsEmpty) return false;

        var (isTimed, timestamp, prefix) = (state.IsTimed, state.Timestamp, 0);
        if (!state.IsInside)
        {
            prefix = DockerPiece.ReadTimestamp(bytes, out timestamp);
            isTimed = prefix > 0;
            if (!isTimed && !ends && bytes.Length < PrefixBytesMax && !bytes.Contains((byte)'\n')) return false;
        }

        var content = bytes[prefix..];
        if (!TryFindEnd(content, isTimed, timestamp, lineBytesMax, ends, out var length, out var endsMessage))
            return false;

        var lineBreak = DockerPiece.LineBreakBytes(content[..length]);
        piece = new DockerPiece
        {
            Stream = DockerStream.Stdout,
            IsTimed = isTimed,
            Timestamp = timestamp,
            Content = content[..(length - lineBreak)],
            IsTerminated = lineBreak > 0,
            EndsMessage = endsMessage,
            Consumed = prefix + length,
        };
        return true;
    }

    /// <param name="length">Bytes of the piece's content, its line break included.</param>
    private static bool TryFindEnd(
        ReadOnlySpan<byte> content, bool isTimed, long timestamp, int lineBytesMax, bool ends,
        out int length, out bool endsMessage)
    {
        endsMessage = true;
        var lineBreak = content.IndexOf((byte)'\n');
        length = lineBreak < 0 ? content.Length : lineBreak + 1;
        if (isTimed)
        {
            var later = FindLater(content[..Math.Min(length, DockerPiece.FullBytes + TimestampBytes)], timestamp);
            if (later >= 0)
            {
                length = later;
                return true;
            }

            if (length > DockerPiece.FullBytes && IsFull(content, timestamp))
            {
                length = DockerPiece.FullBytes;
                return true;
            }
        }

        if (lineBreak >= 0 || ends) return true;

        // Longer than any line may be: hand out what is there. The end of a timestamp may be missing yet.
        endsMessage = false;
        return content.Length > Math.Max(lineBytesMax, DockerPiece.FullBytes) + PrefixBytesMax;
    }

    /// <summary>Whether the content goes on, behind a full piece, with the same line's timestamp again.</summary>
    private static bool IsFull(ReadOnlySpan<byte> content, long timestamp) =>
        DockerPiece.ReadTimestamp(content[DockerPiece.FullBytes..], out var next) > 0 && next == timestamp;

    /// <returns>Where a timestamp later than this one begins; -1 when there is none.</returns>
    private static int FindLater(ReadOnlySpan<byte> content, long timestamp)
    {
        for (var from = 0; ;)
        {
            var found = content[from..].IndexOf("Z "u8);
            if (found < 0) return -1;

            from += found + 1;
            var start = from - TimestampBytes;
            if (start >= 0 && DockerPiece.ReadTimestamp(content[start..], out var next) > 0 && next > timestamp)
                return start;
        }
    }
}
