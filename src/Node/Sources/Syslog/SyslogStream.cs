using Weir.Protocol.Batches;
using Weir.Protocol.Syslog;

namespace Weir.Node.Sources.Syslog;

/// <summary>Takes all whole messages out of bytes that came.</summary>
internal static class SyslogStream
{
    /// <param name="consumed">Bytes that are done with.</param>
    /// <returns>False: where messages begin cannot be told any more.</returns>
    public static bool Take(
        SyslogFrames frames, SyslogLines lines, LogBatch batch, SyslogPeer peer, ReadOnlySpan<byte> bytes, bool atEnd,
        out int consumed)
    {
        consumed = 0;
        while (true)
        {
            var token = frames.Read(bytes[consumed..], atEnd, out var length, out var message);
            consumed += length;
            switch (token)
            {
                case FrameToken.Message:
                    if (!message.IsEmpty) lines.Take(batch, peer, message);
                    break;
                case FrameToken.TooLong:
                    lines.CountTooLong(peer);
                    break;
                case FrameToken.Fault:
                    lines.CountMalformed();
                    return false;
                default:
                    return true;
            }
        }
    }
}
