namespace Weir.Protocol.Syslog;

/// <summary>What <see cref="SyslogFrames.Read"/> came to.</summary>
public enum FrameToken
{
    /// <summary>A message; it may be malformed.</summary>
    Message,

    /// <summary>More bytes are needed.</summary>
    NeedMore,

    /// <summary>A message was too long: it is passed over, what follows is read on.</summary>
    TooLong,

    /// <summary>Where messages begin and end cannot be told any more: the connection is of no use.</summary>
    Fault,
}

/// <summary>Finds the messages of a TCP stream (RFC 6587): each with its length before it, or with a line feed or zero
/// byte behind it.</summary>
/// <remarks>The first byte tells which: a digit or <c>&lt;</c>. State of one connection; allocates nothing.</remarks>
/// <param name="messageBytesMax">Of one message, framing excepted.</param>
/// <param name="delimiter">Null: as above; otherwise all messages end in it, whatever they begin with.</param>
public sealed class SyslogFrames(int messageBytesMax, byte? delimiter = null)
{
    /// <summary>Bytes that framing adds to a message at the most: what a buffer needs beyond the message.</summary>
    public const int OverheadMax = 16;

    private const int LengthDigitsMax = 9;

    private bool? _isCounted = delimiter is null ? null : false;
    private long _skipped;
    private bool _isSkipping;

    /// <param name="bytes">What came and was not consumed.</param>
    /// <param name="atEnd">Nothing comes behind it.</param>
    /// <param name="consumed">Bytes to leave out at the next call; whatever the token is.</param>
    /// <param name="message">Within <paramref name="bytes"/>; only with <see cref="FrameToken.Message"/>.</param>
    public FrameToken Read(
        ReadOnlySpan<byte> bytes, bool atEnd, out int consumed, out ReadOnlySpan<byte> message)
    {
        message = default;
        consumed = PassOver(bytes);
        if (_isSkipping || _skipped > 0) return FrameToken.NeedMore;
        while (consumed < bytes.Length && IsBetween(bytes[consumed])) consumed++;
        var rest = bytes[consumed..];
        if (rest.IsEmpty) return FrameToken.NeedMore;
        _isCounted ??= (uint)(rest[0] - '0') <= 9 ? true : rest[0] == '<' ? false : null;
        return _isCounted switch
        {
            true => ReadCounted(rest, atEnd, ref consumed, out message),
            false => ReadDelimited(rest, atEnd, ref consumed, out message),
            null => FrameToken.Fault,
        };
    }

    /// <summary>Empty lines, and what some senders write behind a counted message.</summary>
    private bool IsBetween(byte one) =>
        delimiter is { } single ? one == single : one is (byte)'\n' or (byte)'\r' or 0 or (byte)' ';

    private FrameToken ReadCounted(
        ReadOnlySpan<byte> rest, bool atEnd, scoped ref int consumed, out ReadOnlySpan<byte> message)
    {
        message = default;
        var (length, at) = (0, 0);
        for (; at < rest.Length && at < LengthDigitsMax && (uint)(rest[at] - '0') <= 9; at++)
            length = length * 10 + (rest[at] - '0');
        if (at == rest.Length && at < LengthDigitsMax) return atEnd ? FrameToken.Fault : FrameToken.NeedMore;
        if (at == 0 || at == rest.Length || rest[at] != ' ' || length == 0) return FrameToken.Fault;
        at++;
        if (length > messageBytesMax)
        {
            _skipped = length;
            consumed += at;
            consumed += PassOver(rest[at..]);
            return FrameToken.TooLong;
        }

        if (rest.Length - at < length) return atEnd ? FrameToken.Fault : FrameToken.NeedMore;
        message = TrimEnd(rest.Slice(at, length));
        consumed += at + length;
        return FrameToken.Message;
    }

    private FrameToken ReadDelimited(
        ReadOnlySpan<byte> rest, bool atEnd, scoped ref int consumed, out ReadOnlySpan<byte> message)
    {
        message = default;
        var end = EndOf(rest);
        var length = end < 0 ? rest.Length : end;
        if (length > messageBytesMax)
        {
            _isSkipping = end < 0;
            consumed += end < 0 ? rest.Length : end + 1;
            return FrameToken.TooLong;
        }

        if (end < 0 && !atEnd) return FrameToken.NeedMore;
        message = TrimEnd(rest[..length]);
        consumed += end < 0 ? length : length + 1;
        return FrameToken.Message;
    }

    /// <summary>Without the end of line: rsyslog's templates write one, and count it.</summary>
    private static ReadOnlySpan<byte> TrimEnd(ReadOnlySpan<byte> message) =>
        (message is [.. var line, (byte)'\n'] ? line : message).TrimEnd((byte)'\r');

    private int EndOf(ReadOnlySpan<byte> bytes) =>
        delimiter is { } single ? bytes.IndexOf(single) : bytes.IndexOfAny((byte)'\n', (byte)0);

    /// <returns>Bytes that belong to a message that was too long.</returns>
    private int PassOver(ReadOnlySpan<byte> bytes)
    {
        if (_isSkipping)
        {
            var end = EndOf(bytes);
            if (end < 0) return bytes.Length;
            _isSkipping = false;
            return end + 1;
        }

        var skipped = (int)Math.Min(_skipped, bytes.Length);
        _skipped -= skipped;
        return skipped;
    }
}
