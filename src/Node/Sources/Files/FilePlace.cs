using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using Weir.Node.Sources.Files.Native;
using Weir.Node.Sources.Files.Reading;

namespace Weir.Node.Sources.Files;

/// <summary>A checksum of a stretch of a file.</summary>
/// <param name="Length">Bytes it covers.</param>
/// <param name="Crc">CRC-32C.</param>
internal readonly record struct Fingerprint(int Length, uint Crc)
{
    public static Fingerprint Of(ReadOnlySpan<byte> bytes) => default(Fingerprint).Append(bytes);

    /// <summary>Of the stretch and what follows it.</summary>
    public Fingerprint Append(ReadOnlySpan<byte> bytes)
    {
        var crc = ~Crc;
        var words = MemoryMarshal.Cast<byte, ulong>(bytes);
        foreach (var word in words) crc = BitOperations.Crc32C(crc, word);
        foreach (var one in bytes[(words.Length * sizeof(ulong))..]) crc = BitOperations.Crc32C(crc, one);
        return new Fingerprint(Length + bytes.Length, ~crc);
    }
}

/// <summary>How a file is recognised again: what a position says besides its offset.</summary>
/// <param name="Born">When the inode was made, ns since the epoch; 0 where the file system does not tell.</param>
/// <param name="Modified">When it had last been written as the position was taken, ns since the epoch.</param>
/// <param name="Head">The file's first bytes, at most <see cref="HeadBytesMax"/> and none after the offset: a file
/// that grew still matches.</param>
/// <param name="Tail">The last bytes before the offset, at most <see cref="TailBytesMax"/>: a file that was rewritten
/// under the same head does not match.</param>
/// <param name="Started">When the path came to name it, at the latest: what the path named after it was written no
/// earlier. Ns since the epoch.</param>
/// <param name="IsDone">Read to its end, and let go.</param>
/// <seealso href="docs/formats/file-positions.md"/>
internal readonly record struct FilePlace(
    FileIdentity Identity, long Born, long Modified, Fingerprint Head, Fingerprint Tail, long Started, bool IsDone)
{
    public const int HeadBytesMax = 1024;
    public const int TailBytesMax = 64;

    private static readonly CultureInfo Invariant = CultureInfo.InvariantCulture;

    private const string Version = "2";
    private const string Open = "open";
    private const string Done = "done";
    private const int Fields = 11;

    /// <summary>The form that a position's context keeps.</summary>
    public string Format() => string.Create(CultureInfo.InvariantCulture,
        $"{Version} {Identity.Device:x} {Identity.Inode} {Born} {Modified}"
        + $" {Head.Length} {Head.Crc:x} {Tail.Length} {Tail.Crc:x} {Started} {(IsDone ? Done : Open)}");

    /// <summary>Whether a file has what was read up to the offset.</summary>
    /// <param name="size">The file's.</param>
    public bool IsIn(IFileContent content, long size, long offset)
    {
        if (content.Length(size) < offset) return false;
        Span<byte> bytes = stackalloc byte[HeadBytesMax];
        return Same(content, bytes[..Head.Length], 0, Head)
            && Same(content, bytes[..Tail.Length], offset - Tail.Length, Tail);
    }

    public static bool TryParse(string context, out FilePlace place)
    {
        place = default;
        Span<Range> fields = stackalloc Range[Fields + 1];
        var text = context.AsSpan();
        if (text.Split(fields, ' ') != Fields || !text[fields[0]].SequenceEqual(Version)) return false;
        if (!ulong.TryParse(text[fields[1]], NumberStyles.AllowHexSpecifier, Invariant, out var device)
            || !ulong.TryParse(text[fields[2]], NumberStyles.None, Invariant, out var inode)
            || !long.TryParse(text[fields[3]], NumberStyles.AllowLeadingSign, Invariant, out var born)
            || !long.TryParse(text[fields[4]], NumberStyles.AllowLeadingSign, Invariant, out var modified)
            || !TryParse(text[fields[5]], text[fields[6]], HeadBytesMax, out var head)
            || !TryParse(text[fields[7]], text[fields[8]], TailBytesMax, out var tail)
            || !long.TryParse(text[fields[9]], NumberStyles.AllowLeadingSign, Invariant, out var started)) return false;
        var isDone = text[fields[10]].SequenceEqual(Done);
        if (!isDone && !text[fields[10]].SequenceEqual(Open)) return false;
        place = new FilePlace(new FileIdentity(device, inode), born, modified, head, tail, started, isDone);
        return true;
    }

    private static bool Same(IFileContent content, Span<byte> bytes, long offset, Fingerprint expected) =>
        offset >= 0 && content.Read(bytes, offset) == bytes.Length && Fingerprint.Of(bytes) == expected;

    private static bool TryParse(ReadOnlySpan<char> length, ReadOnlySpan<char> crc, int max, out Fingerprint print)
    {
        print = default;
        if (!int.TryParse(length, NumberStyles.None, Invariant, out var bytes) || bytes > max
            || !uint.TryParse(crc, NumberStyles.AllowHexSpecifier, Invariant, out var sum)) return false;
        print = new Fingerprint(bytes, sum);
        return true;
    }
}
