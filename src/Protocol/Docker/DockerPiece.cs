using Weir.Protocol.Time;

namespace Weir.Protocol.Docker;

/// <summary>One message of the daemon: a line, or a piece of one.</summary>
internal readonly ref struct DockerPiece
{
    /// <summary>Content of a piece that filled the daemon's copy buffer: 16 KiB.</summary>
    public const int FullBytes = 16 * 1024;

    public DockerStream Stream { get; init; }

    public bool IsTimed { get; init; }

    public long Timestamp { get; init; }

    /// <summary>Without timestamp and line break.</summary>
    public ReadOnlySpan<byte> Content { get; init; }

    /// <summary>It ends the line.</summary>
    public bool IsTerminated { get; init; }

    /// <summary>What follows begins with a timestamp; only a raw stream hands out less than a message.</summary>
    public bool EndsMessage { get; init; }

    /// <summary>Bytes that it takes in the stream, all included.</summary>
    public int Consumed { get; init; }

    /// <summary>Reads <c>2024-01-02T03:04:05.123456789Z </c>.</summary>
    /// <returns>Bytes of the prefix, its space included; 0 when there is none.</returns>
    public static int ReadTimestamp(ReadOnlySpan<byte> message, out long timestamp)
    {
        if (Rfc3339.TryParse(message, out timestamp, out var consumed)
            && consumed < message.Length && message[consumed] == ' ') return consumed + 1;

        timestamp = 0;
        return 0;
    }

    /// <summary>Bytes of the line break that the message ends with: 0, 1 or 2.</summary>
    public static int LineBreakBytes(ReadOnlySpan<byte> message) =>
        message is [.., (byte)'\r', (byte)'\n'] ? 2 : message is [.., (byte)'\n'] ? 1 : 0;
}
