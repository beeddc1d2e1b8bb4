namespace Weir.Protocol.Snappy;

/// <summary>The raw Snappy block format: a varint length, then literals and copies that only look backwards.</summary>
internal static class SnappyFormat
{
    /// <summary>Longest preamble: a 32-bit length in groups of 7 bits.</summary>
    public const int PreambleBytesMax = 5;

    /// <summary>Element kind, in the two low bits of its tag.</summary>
    public const int Literal = 0;

    /// <summary>4 to 11 bytes, 11-bit offset: 2 bytes in all.</summary>
    public const int CopyNear = 1;

    /// <summary>1 to 64 bytes, 16-bit offset: 3 bytes in all.</summary>
    public const int CopyFar = 2;

    /// <summary>1 to 64 bytes, 32-bit offset: 5 bytes in all. Never written by this encoder.</summary>
    public const int CopyFarthest = 3;

    /// <summary>Writes the length as a varint.</summary>
    /// <returns>Bytes written: 1 to 5.</returns>
    public static int WritePreamble(Span<byte> destination, uint length)
    {
        var written = 0;
        while (length >= 0x80)
        {
            destination[written++] = (byte)(length | 0x80);
            length >>= 7;
        }

        destination[written++] = (byte)length;
        return written;
    }

    /// <summary>Reads the varint length.</summary>
    /// <returns>False when it is cut short, longer than 5 bytes, or above 32 bits.</returns>
    public static bool TryReadPreamble(ReadOnlySpan<byte> block, out uint length, out int consumed)
    {
        length = 0;
        consumed = 0;
        ulong value = 0;
        for (var i = 0; i < block.Length && i < PreambleBytesMax; i++)
        {
            value |= (ulong)(block[i] & 0x7f) << (7 * i);
            if (block[i] >= 0x80) continue;
            if (value > uint.MaxValue) return false;

            length = (uint)value;
            consumed = i + 1;
            return true;
        }

        return false;
    }
}
