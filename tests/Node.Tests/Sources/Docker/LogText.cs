using System.Buffers.Binary;
using System.Text;

namespace Weir.Node.Tests.Sources.Docker;

/// <summary>What the engine stores of a line, and how it sends it.</summary>
internal sealed record LogMessage(bool IsStderr, long Timestamp, string Text)
{
    /// <summary>A frame of the multiplexed stream.</summary>
    public byte[] Frame()
    {
        var text = Raw();
        var frame = new byte[8 + text.Length];
        frame[0] = (byte)(IsStderr ? 2 : 1);
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(4), text.Length);
        text.CopyTo(frame, 8);
        return frame;
    }

    /// <summary>As a terminal's stream has it.</summary>
    public byte[] Raw()
    {
        var time = DateTimeOffset.UnixEpoch.AddTicks(Timestamp / 100);
        return Encoding.UTF8.GetBytes($"{time:yyyy-MM-ddTHH:mm:ss.fffffff}{Timestamp % 100:d2}Z {Text}");
    }
}

internal static class LogText
{
    /// <summary>2023-11-14T22:13:20Z in nanoseconds.</summary>
    public const long Start = 1_700_000_000_000_000_000;

    public static LogMessage Out(long after, string text) => new(false, Start + after, text + "\n");

    public static LogMessage Err(long after, string text) => new(true, Start + after, text + "\n");

    /// <summary>A piece of a line, without its line break.</summary>
    public static LogMessage Piece(long after, string text) => new(false, Start + after, text);

    /// <summary>The frames of the messages that the engine sends when asked from <paramref name="since"/> on.</summary>
    public static byte[] Frames(long since, params IEnumerable<LogMessage> messages) =>
        [.. messages.Where(message => message.Timestamp >= since).SelectMany(message => message.Frame())];
}
