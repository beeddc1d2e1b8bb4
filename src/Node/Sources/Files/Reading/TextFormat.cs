using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Weir.Node.Sources.Files.Reading;

/// <summary>How a file's bytes are text.</summary>
/// <param name="Encoding">Null: UTF-8, which needs no decoding.</param>
/// <param name="UnitBytes">Bytes of the unit that a line feed takes: 1, 2 or 4.</param>
/// <param name="BigEndian">Of units of 2 or 4 bytes.</param>
/// <param name="MarkBytes">Length of the byte order mark at the start of the file; no part of the first line.</param>
internal sealed record TextFormat(Encoding? Encoding, int UnitBytes, bool BigEndian, int MarkBytes)
{
    /// <summary>Bytes at the start of a file that decide whether there is a byte order mark.</summary>
    public const int MarkBytesMax = 4;

    private const int CutBytesMax = 64;

    public static TextFormat Utf8 { get; } = new(null, 1, false, 0);

    static TextFormat() => Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);

    /// <param name="name">An IANA name; "" is UTF-8.</param>
    /// <returns>Null: there is no such encoding.</returns>
    public static TextFormat? Find(string name)
    {
        if (name.Length == 0) return Utf8;
        try
        {
            var encoding = Encoding.GetEncoding(name);
            return encoding.CodePage switch
            {
                65001 or 20127 => Utf8,
                1200 => new TextFormat(Utf16(false), 2, false, 0),
                1201 => new TextFormat(Utf16(true), 2, true, 0),
                12000 => new TextFormat(new UTF32Encoding(false, false), 4, false, 0),
                12001 => new TextFormat(new UTF32Encoding(true, false), 4, true, 0),
                _ => new TextFormat(encoding, 1, false, 0),
            };
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    /// <summary>The format of a file that begins so: a byte order mark goes before what the configuration
    /// says.</summary>
    public TextFormat For(ReadOnlySpan<byte> head)
    {
        if (head.StartsWith("\ufeff"u8)) return new TextFormat(null, 1, false, 3);
        if (head.StartsWith((ReadOnlySpan<byte>)[0xff, 0xfe, 0, 0]) && UnitBytes == 4)
            return new TextFormat(new UTF32Encoding(false, false), 4, false, 4);
        if (head.StartsWith((ReadOnlySpan<byte>)[0, 0, 0xfe, 0xff]) && UnitBytes == 4)
            return new TextFormat(new UTF32Encoding(true, false), 4, true, 4);
        if (head.StartsWith((ReadOnlySpan<byte>)[0xff, 0xfe])) return new TextFormat(Utf16(false), 2, false, 2);
        if (head.StartsWith((ReadOnlySpan<byte>)[0xfe, 0xff])) return new TextFormat(Utf16(true), 2, true, 2);
        return this;
    }

    /// <returns>Bytes before the line feed, or -1.</returns>
    public int IndexOfLineFeed(ReadOnlySpan<byte> bytes)
    {
        if (UnitBytes == 1) return bytes.IndexOf((byte)'\n');
        for (var from = 0; ;)
        {
            // Found by its one byte that is not zero, then checked: in its unit's place, the others zero.
            var at = bytes[from..].IndexOf((byte)'\n');
            if (at < 0) return -1;
            at += from;
            var unit = at / UnitBytes * UnitBytes;
            if (unit + UnitBytes > bytes.Length) return -1;
            if (UnitAt(bytes[unit..]) == '\n') return unit;
            from = at + 1;
        }
    }

    /// <summary>The line without the one carriage return that may end it.</summary>
    public ReadOnlySpan<byte> TrimCarriageReturn(ReadOnlySpan<byte> line) =>
        line.Length >= UnitBytes && UnitAt(line[^UnitBytes..]) == '\r' ? line[..^UnitBytes] : line;

    /// <summary>The longest piece of a line that stays within <paramref name="bytesMax"/> as UTF-8.</summary>
    public int PieceBytesMax(int bytesMax) => UnitBytes switch
    {
        1 => bytesMax / 3, // a byte of a code page may be a character of three bytes
        2 => bytesMax / 3 * 2,
        _ => bytesMax,
    };

    /// <summary>Where to cut a line that is longer than <paramref name="bytesMax"/>, if possible between
    /// characters.</summary>
    public int PieceLength(ReadOnlySpan<byte> line, int bytesMax)
    {
        var length = bytesMax / UnitBytes * UnitBytes;
        if (UnitBytes == 2) return UnitAt(line[(length - 2)..]) is >= 0xd800 and < 0xdc00 ? length - 2 : length;
        if (UnitBytes == 4) return length;
        if (Encoding is not null)
        {
            // No double-byte code page has bytes below '0' within a character.
            var single = line.Slice(length - CutBytesMax, CutBytesMax).LastIndexOfAnyInRange((byte)0, (byte)'/');
            return single < 0 ? length : length - CutBytesMax + single + 1;
        }

        var cut = length;
        while (length - cut < 3 && (line[cut] & 0xc0) == 0x80) cut--;
        return (line[cut] & 0xc0) == 0x80 ? length : cut;
    }

    /// <returns>Where the last line without a line feed begins; the end of the file where there is none near
    /// it.</returns>
    public long LastLineStart(IFileContent content, long size)
    {
        var end = size / UnitBytes * UnitBytes;
        var start = Math.Max(0, end - LineReader.LineBytesMax);
        var buffer = ArrayPool<byte>.Shared.Rent((int)(end - start));
        var bytes = buffer.AsSpan(0, content.Read(buffer.AsSpan(0, (int)(end - start)), start));
        var found = -1;
        for (var at = bytes.LastIndexOf((byte)'\n'); at >= 0 && found < 0; at = bytes[..at].LastIndexOf((byte)'\n'))
        {
            var unit = at / UnitBytes * UnitBytes;
            if (unit + UnitBytes <= bytes.Length && UnitAt(bytes[unit..]) == '\n') found = unit + UnitBytes;
        }

        ArrayPool<byte>.Shared.Return(buffer);
        return found >= 0 ? start + found : start == 0 ? 0 : end;
    }

    private uint UnitAt(ReadOnlySpan<byte> bytes) => (UnitBytes, BigEndian) switch
    {
        (1, _) => bytes[0],
        (2, false) => BinaryPrimitives.ReadUInt16LittleEndian(bytes),
        (2, true) => BinaryPrimitives.ReadUInt16BigEndian(bytes),
        (_, false) => BinaryPrimitives.ReadUInt32LittleEndian(bytes),
        _ => BinaryPrimitives.ReadUInt32BigEndian(bytes),
    };

    private static UnicodeEncoding Utf16(bool bigEndian) => new(bigEndian, byteOrderMark: false);
}
