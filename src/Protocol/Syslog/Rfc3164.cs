namespace Weir.Protocol.Syslog;

/// <summary>What Cisco's devices may write besides RFC 3164; each is read where it is there.</summary>
[Flags]
public enum CiscoParts
{
    None = 0,

    /// <summary><c>237: </c> behind the priority.</summary>
    MessageCounter = 1,

    /// <summary><c>router1: </c> before the time.</summary>
    Hostname = 2,

    /// <summary><c>000485: </c> before the time.</summary>
    Sequence = 4,

    /// <summary><c>19:46:03.295</c>.</summary>
    SecondFractions = 8,

    All = MessageCounter | Hostname | Sequence | SecondFractions,
}

/// <summary>Reads messages of RFC 3164, and what calls itself that; allocates nothing.</summary>
/// <remarks>Only the priority must be there: what cannot be told apart stays in the text (section 4.3.2).</remarks>
public static class Rfc3164
{
    /// <param name="source">One message without its framing.</param>
    /// <param name="now">Nanoseconds since the epoch: a time that names no year is the nearest to it, in UTC.</param>
    /// <param name="fault">What is wrong, "" otherwise.</param>
    /// <returns>False when malformed.</returns>
    public static bool TryParse(
        ReadOnlySpan<byte> source, long now, CiscoParts cisco, out SyslogMessage message, out string fault)
    {
        message = default;
        var at = SyslogMessage.ReadPriority(source, out var priority);
        fault = at > 0 ? "" : "no priority <0> to <191> at the start";
        if (at == 0) return false;
        SyslogMessage read = default;
        read.Priority = priority;
        var rest = source[at..];
        if (cisco != CiscoParts.None) ReadCiscoParts(ref rest, cisco, ref read);
        if (TryReadTime(ref rest, now, cisco, ref read))
        {
            // Cisco's colon behind the time: the host's name does not follow.
            if (!rest.IsEmpty && rest[0] == ':') rest = rest[1..].TrimStart((byte)' ');
            else ReadHostname(ref rest, ref read);
            ReadTag(ref rest, ref read);
        }
        else
        {
            rest = source[at..];
            read.Hostname = read.MessageCounter = read.Sequence = default;
        }

        read.Text = rest;
        message = read;
        return true;
    }

    private static void ReadCiscoParts(
        scoped ref ReadOnlySpan<byte> rest, CiscoParts cisco, scoped ref SyslogMessage message)
    {
        if (cisco.HasFlag(CiscoParts.MessageCounter)) message.MessageCounter = Part(ref rest, isNumber: true);
        if (cisco.HasFlag(CiscoParts.Hostname)) message.Hostname = Part(ref rest, isNumber: false);
        if (cisco.HasFlag(CiscoParts.Sequence)) message.Sequence = Part(ref rest, isNumber: true);
    }

    /// <summary>What stands before a colon and a space, both of which are passed over; empty where it is something
    /// else.</summary>
    private static ReadOnlySpan<byte> Part(scoped ref ReadOnlySpan<byte> rest, bool isNumber)
    {
        var text = rest.TrimStart((byte)' ');
        var end = text.IndexOf(": "u8);
        if (end <= 0) return default;
        var part = text[..end];
        if (part.Contains((byte)' ') || part[0] is (byte)'*' or (byte)'%') return default;
        if (isNumber == part.ContainsAnyExceptInRange((byte)'0', (byte)'9')) return default;
        rest = text[(end + 2)..];
        return part;
    }

    private static bool TryReadTime(
        scoped ref ReadOnlySpan<byte> rest, long now, CiscoParts cisco, scoped ref SyslogMessage message)
    {
        // An asterisk or a point: the device's clock is not set.
        var text = rest.TrimStart((byte)' ');
        if (!text.IsEmpty && text[0] is (byte)'*' or (byte)'.') text = text[1..];
        var fractions = cisco.HasFlag(CiscoParts.SecondFractions);
        if (!SyslogTime.TryParse(text, now, fractions, out var timestamp, out var length)) return false;
        if (length < text.Length && text[length] is not ((byte)' ' or (byte)':')) return false;
        message.Timestamp = timestamp;
        message.HasTimestamp = true;
        rest = text[length..].TrimStart((byte)' ');
        return true;
    }

    /// <summary>The next word, unless it is a tag.</summary>
    private static void ReadHostname(scoped ref ReadOnlySpan<byte> rest, scoped ref SyslogMessage message)
    {
        var end = rest.IndexOf((byte)' ');
        if (end <= 0 || rest[end - 1] == ':' || rest[..end].Contains((byte)'[')) return;
        message.Hostname = rest[..end];
        rest = rest[(end + 1)..];
    }

    /// <summary><c>name: </c> or <c>name[id]: </c>, the colon optional behind an id.</summary>
    private static void ReadTag(scoped ref ReadOnlySpan<byte> rest, scoped ref SyslogMessage message)
    {
        var end = rest.IndexOfAny(" :["u8);
        if (end <= 0 || rest[end] == ' ') return;
        var after = rest[end..];
        var process = ReadOnlySpan<byte>.Empty;
        if (after[0] == '[')
        {
            var close = after.IndexOf((byte)']');
            if (close < 0 || after[..close].Contains((byte)' ')) return;
            process = after[1..close];
            after = after[(close + 1)..];
        }

        if (!after.IsEmpty && after[0] == ':') after = after[1..];
        else if (!after.IsEmpty && after[0] != ' ') return;
        message.AppName = rest[..end];
        message.ProcessId = process;
        rest = !after.IsEmpty && after[0] == ' ' ? after[1..] : after;
    }
}
