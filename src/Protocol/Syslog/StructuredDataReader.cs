namespace Weir.Protocol.Syslog;

/// <summary>Walks the parameters of <c>[id name="value" …][id …]</c>, allocating nothing.</summary>
/// <param name="elements">As <see cref="SyslogMessage.StructuredData"/> has them: checked.</param>
public ref struct StructuredDataReader(ReadOnlySpan<byte> elements)
{
    private ReadOnlySpan<byte> _rest = elements;

    /// <summary>The element's id, <c>name@number</c>.</summary>
    public ReadOnlySpan<byte> Id { get; private set; }

    public ReadOnlySpan<byte> Name { get; private set; }

    /// <summary>As it was sent: quotes, backslashes and closing brackets have a backslash before them.</summary>
    public ReadOnlySpan<byte> Escaped { get; private set; }

    /// <summary>Goes to the next parameter.</summary>
    /// <returns>False when there is none.</returns>
    public bool Read()
    {
        while (!_rest.IsEmpty)
        {
            if (_rest[0] == ']') _rest = _rest[1..];
            else if (_rest[0] == '[')
            {
                var end = _rest.IndexOfAny((byte)' ', (byte)']');
                Id = _rest[1..end];
                _rest = _rest[end..];
            }
            else
            {
                _rest = _rest[1..]; // the space
                var equals = _rest.IndexOf((byte)'=');
                Name = _rest[..equals];
                var value = _rest[(equals + 2)..];
                var length = ValueLength(value);
                Escaped = value[..length];
                _rest = value[(length + 1)..];
                return true;
            }
        }

        return false;
    }

    /// <summary>Writes a value without its escapes.</summary>
    /// <param name="to">As long as the value.</param>
    /// <returns>Bytes written.</returns>
    public static int Unescape(ReadOnlySpan<byte> escaped, Span<byte> to)
    {
        var written = 0;
        for (var i = 0; i < escaped.Length; i++)
        {
            // Before anything else a backslash is no escape (RFC 5424, 6.3.3).
            if (escaped[i] == '\\' && i + 1 < escaped.Length
                && escaped[i + 1] is ((byte)'"' or (byte)'\\' or (byte)']'))
                i++;
            to[written++] = escaped[i];
        }

        return written;
    }

    /// <summary>How long the elements are that the text begins with.</summary>
    /// <returns>0 when they are malformed, or there is none.</returns>
    internal static int LengthOf(ReadOnlySpan<byte> text)
    {
        var at = 0;
        while (at < text.Length && text[at] == '[')
        {
            var length = ElementLength(text[at..]);
            if (length == 0) return 0;
            at += length;
        }

        return at;
    }

    private static int ElementLength(ReadOnlySpan<byte> text)
    {
        var at = 1 + NameLength(text[1..]);
        if (at == 1) return 0;
        while (at < text.Length)
        {
            if (text[at] == ']') return at + 1;
            if (text[at] != ' ') return 0;
            var name = NameLength(text[(at + 1)..]);
            at += 1 + name;
            if (name == 0 || !text[at..].StartsWith("=\""u8)) return 0;
            var value = ValueLength(text[(at + 2)..]);
            if (value < 0) return 0;
            at += 2 + value + 1;
        }

        return 0;
    }

    private static int NameLength(ReadOnlySpan<byte> text)
    {
        for (var i = 0; i < text.Length; i++)
            if (text[i] is <= (byte)' ' or (byte)'=' or (byte)']' or (byte)'"' or >= 0x7f) return i;
        return text.Length;
    }

    /// <returns>Bytes before the closing quote; -1 where there is none.</returns>
    private static int ValueLength(ReadOnlySpan<byte> text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '"') return i;
            if (text[i] == '\\') i++;
        }

        return -1;
    }
}
