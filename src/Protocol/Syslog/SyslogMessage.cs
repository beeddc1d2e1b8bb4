namespace Weir.Protocol.Syslog;

/// <summary>What a syslog message says. All spans point into the message; one that it does not say is empty.</summary>
public ref struct SyslogMessage
{
    /// <summary>Largest priority: facility local7, severity debug.</summary>
    public const int PriorityMax = 191;

    /// <summary>Facility times eight plus severity.</summary>
    public int Priority { get; internal set; }

    public readonly int Facility => Priority >> 3;

    public readonly int Severity => Priority & 7;

    /// <summary>Whether the message says when it was made.</summary>
    public bool HasTimestamp { get; internal set; }

    /// <summary>Nanoseconds since the Unix epoch.</summary>
    public long Timestamp { get; internal set; }

    public ReadOnlySpan<byte> Hostname { get; internal set; }

    /// <summary>APP-NAME of RFC 5424, the tag of RFC 3164.</summary>
    public ReadOnlySpan<byte> AppName { get; internal set; }

    public ReadOnlySpan<byte> ProcessId { get; internal set; }

    public ReadOnlySpan<byte> MessageId { get; internal set; }

    /// <summary>Cisco's number of messages sent.</summary>
    public ReadOnlySpan<byte> MessageCounter { get; internal set; }

    /// <summary>Cisco's number of messages made.</summary>
    public ReadOnlySpan<byte> Sequence { get; internal set; }

    /// <summary>All elements with their brackets; <see cref="StructuredDataReader"/> walks them.</summary>
    public ReadOnlySpan<byte> StructuredData { get; internal set; }

    /// <summary>What the sender wrote, without a byte order mark.</summary>
    public ReadOnlySpan<byte> Text { get; internal set; }

    /// <summary>A message that says nothing but its text.</summary>
    public static SyslogMessage OfText(ReadOnlySpan<byte> text)
    {
        SyslogMessage message = default;
        message.Text = text;
        return message;
    }

    /// <summary>Reads <c>&lt;n&gt;</c>.</summary>
    /// <returns>Its length; 0: there is none, or it is above <see cref="PriorityMax"/>.</returns>
    internal static int ReadPriority(ReadOnlySpan<byte> text, out int priority)
    {
        priority = 0;
        if (text.IsEmpty || text[0] != '<') return 0;
        for (var i = 1; i < Math.Min(text.Length, 5); i++)
        {
            if (text[i] == '>') return i > 1 && priority <= PriorityMax ? i + 1 : 0;
            if ((uint)(text[i] - '0') > 9) return 0;
            priority = priority * 10 + (text[i] - '0');
        }

        return 0;
    }
}
