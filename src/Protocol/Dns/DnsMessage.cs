using System.Buffers.Binary;
using System.Net;
using System.Text;

namespace Weir.Protocol.Dns;

/// <summary>Messages of the Domain Name System (RFC 1035): the questions and answers of discovery.</summary>
public static class DnsMessage
{
    /// <summary>The longest question: header, name, type and class.</summary>
    public const int QuestionBytesMax = HeaderBytes + NameBytesMax + 4;

    /// <summary>The longest name with its length bytes.</summary>
    private const int NameBytesMax = 255;

    private const int LabelBytesMax = 63;
    private const int HeaderBytes = 12;
    private const ushort Internet = 1;
    private const ushort RecursionDesired = 0x0100;
    private const ushort IsAnswer = 0x8000;
    private const ushort Truncated = 0x0200;

    /// <summary>Writes a question for one name.</summary>
    /// <param name="name">Letters of ASCII; a dot at the end is allowed.</param>
    /// <param name="target">At least <see cref="QuestionBytesMax"/> bytes.</param>
    /// <returns>Bytes written; 0 when the name is none.</returns>
    public static int WriteQuestion(ushort id, string name, DnsType type, Span<byte> target)
    {
        target[..HeaderBytes].Clear();
        BinaryPrimitives.WriteUInt16BigEndian(target, id);
        BinaryPrimitives.WriteUInt16BigEndian(target[2..], RecursionDesired);
        BinaryPrimitives.WriteUInt16BigEndian(target[4..], 1);
        var at = HeaderBytes;
        foreach (var label in name.TrimEnd('.').Split('.'))
        {
            var isTooLong = label.Length > LabelBytesMax || at + label.Length + 2 > HeaderBytes + NameBytesMax;
            if (label.Length == 0 || isTooLong || !Ascii.IsValid(label)) return 0;
            target[at++] = (byte)label.Length;
            at += Encoding.ASCII.GetBytes(label, target[at..]);
        }

        target[at++] = 0;
        BinaryPrimitives.WriteUInt16BigEndian(target[at..], (ushort)type);
        BinaryPrimitives.WriteUInt16BigEndian(target[(at + 2)..], Internet);
        return at + 4;
    }

    /// <summary>Reads the answer to a question.</summary>
    /// <param name="question">As it was sent.</param>
    /// <returns>Null when it is malformed, or no answer to this question.</returns>
    public static DnsAnswer? TryReadAnswer(ReadOnlySpan<byte> message, ReadOnlySpan<byte> question)
    {
        if (message.Length < question.Length || question.Length < HeaderBytes) return null;
        var flags = BinaryPrimitives.ReadUInt16BigEndian(message[2..]);
        if (!message[..2].SequenceEqual(question[..2]) || (flags & IsAnswer) == 0) return null;
        if (BinaryPrimitives.ReadUInt16BigEndian(message[4..]) != 1) return null;
        // Servers may spell the name in other cases.
        if (!Ascii.EqualsIgnoreCase(message[HeaderBytes..question.Length], question[HeaderBytes..])) return null;
        var status = (flags & 0xf) switch
        {
            0 => DnsStatus.Success,
            3 => DnsStatus.NameError,
            _ => DnsStatus.Failure,
        };
        var isTruncated = (flags & Truncated) != 0;
        var records = new List<DnsRecord>();
        var isWhole = TryReadRecords(message, question.Length, records);
        return isWhole || isTruncated ? new DnsAnswer(status, isTruncated, records) : null;
    }

    private static bool TryReadRecords(ReadOnlySpan<byte> message, int at, List<DnsRecord> records)
    {
        for (var left = BinaryPrimitives.ReadUInt16BigEndian(message[6..]); left > 0; left--)
        {
            if (!TryReadName(message, ref at, null) || at + 10 > message.Length) return false;
            var type = (DnsType)BinaryPrimitives.ReadUInt16BigEndian(message[at..]);
            var length = BinaryPrimitives.ReadUInt16BigEndian(message[(at + 8)..]);
            at += 10;
            if (at + length > message.Length) return false;
            if (Enum.IsDefined(type) && !TryReadData(message, at, length, type, records)) return false;
            at += length;
        }

        return true;
    }

    private static bool TryReadData(
        ReadOnlySpan<byte> message, int at, int length, DnsType type, List<DnsRecord> records)
    {
        if (type is DnsType.A or DnsType.Aaaa)
        {
            if (length != (type == DnsType.A ? 4 : 16)) return false;
            records.Add(new DnsRecord(type, new IPAddress(message.Slice(at, length)).ToString()));
            return true;
        }

        var before = type switch { DnsType.Srv => 6, DnsType.Mx => 2, _ => 0 };
        if (length < before) return false;
        var port = type == DnsType.Srv ? BinaryPrimitives.ReadUInt16BigEndian(message[(at + 4)..]) : (ushort)0;
        var (start, name) = (at + before, new StringBuilder());
        if (!TryReadName(message, ref start, name) || start > at + length) return false;
        records.Add(new DnsRecord(type, name.Length == 0 ? "." : name.ToString(), port));
        return true;
    }

    /// <summary>Reads a name, which may go on elsewhere in the message.</summary>
    /// <param name="at">Its first byte; then the byte behind it.</param>
    /// <param name="name">Gets it, each label with a dot behind it; null to pass over it.</param>
    private static bool TryReadName(ReadOnlySpan<byte> message, ref int at, StringBuilder? name)
    {
        var (position, end, least) = (at, -1, at);
        for (var bytes = 0; position < message.Length;)
        {
            int length = message[position];
            if (length == 0)
            {
                at = end < 0 ? position + 1 : end;
                return true;
            }

            if (length >= 0xc0)
            {
                if (position + 2 > message.Length) return false;
                if (end < 0) end = position + 2;
                position = BinaryPrimitives.ReadUInt16BigEndian(message[position..]) & 0x3fff;
                // Each step leads further back, so that no message makes it go round.
                if (position >= least) return false;
                least = position;
                continue;
            }

            bytes += length + 1;
            if (length > LabelBytesMax || bytes > NameBytesMax || position + 1 + length > message.Length) return false;
            name?.Append(Encoding.ASCII.GetString(message.Slice(position + 1, length))).Append('.');
            position += length + 1;
        }

        return false;
    }
}
