using Weir.Protocol.Time;

namespace Weir.Protocol.Syslog;

/// <summary>Reads messages of RFC 5424; allocates nothing.</summary>
/// <remarks>More lenient than the RFC where nothing is lost by it: fields may be longer than it allows.</remarks>
public static class Rfc5424
{
    private const int VersionDigitsMax = 3;

    /// <param name="source">One message without its framing.</param>
    /// <param name="fault">What is wrong, "" otherwise.</param>
    /// <returns>False when malformed.</returns>
    public static bool TryParse(ReadOnlySpan<byte> source, out SyslogMessage message, out string fault)
    {
        message = default;
        var at = SyslogMessage.ReadPriority(source, out var priority);
        if (at == 0) return Fail("no priority <0> to <191> at the start", out fault);
        message.Priority = priority;
        var rest = source[at..];
        if (!IsVersion(Field(ref rest)))
            return Fail("no version behind the priority: set syslog_format to rfc3164 if senders use that", out fault);
        if (!TryReadTimestamp(Field(ref rest), ref message))
            return Fail("the timestamp is no RFC 3339 time", out fault);
        message.Hostname = ValueOf(Field(ref rest));
        message.AppName = ValueOf(Field(ref rest));
        message.ProcessId = ValueOf(Field(ref rest));
        message.MessageId = ValueOf(Field(ref rest));
        if (rest.IsEmpty) return Fail("it ends before the structured data", out fault);
        var length = rest[0] == '-' ? 1 : StructuredDataReader.LengthOf(rest);
        if (length == 0) return Fail("malformed structured data", out fault);
        if (rest[0] != '-') message.StructuredData = rest[..length];
        rest = rest[length..];
        if (!rest.IsEmpty && rest[0] != ' ') return Fail("no space behind the structured data", out fault);
        if (!rest.IsEmpty) rest = rest[1..];
        message.Text = rest.StartsWith(ByteOrderMark) ? rest[3..] : rest;
        fault = "";
        return true;
    }

    private static ReadOnlySpan<byte> ByteOrderMark => [0xef, 0xbb, 0xbf];

    /// <summary>What stands before the next space, which is passed over.</summary>
    private static ReadOnlySpan<byte> Field(scoped ref ReadOnlySpan<byte> rest)
    {
        var end = rest.IndexOf((byte)' ');
        var field = end < 0 ? rest : rest[..end];
        rest = end < 0 ? default : rest[(end + 1)..];
        return field;
    }

    private static ReadOnlySpan<byte> ValueOf(ReadOnlySpan<byte> field) => field is [(byte)'-'] ? default : field;

    private static bool IsVersion(ReadOnlySpan<byte> field) =>
        field.Length is > 0 and <= VersionDigitsMax && field[0] != '0'
        && !field.ContainsAnyExceptInRange((byte)'0', (byte)'9');

    private static bool TryReadTimestamp(ReadOnlySpan<byte> field, scoped ref SyslogMessage message)
    {
        if (field is [(byte)'-']) return true;
        if (!Rfc3339.TryParse(field, out var timestamp)) return false;
        message.Timestamp = timestamp;
        message.HasTimestamp = true;
        return true;
    }

    private static bool Fail(string what, out string fault)
    {
        fault = what;
        return false;
    }
}
