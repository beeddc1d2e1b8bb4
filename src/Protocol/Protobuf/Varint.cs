using System.Numerics;

namespace Weir.Protocol.Protobuf;

/// <summary>Protocol Buffers' variable-length integers: 7 bits a byte, lowest first.</summary>
public static class Varint
{
    /// <summary>Longest form of a 64-bit value.</summary>
    public const int BytesMax = 10;

    /// <returns>Bytes that the value takes: 1 to 10.</returns>
    public static int Bytes(ulong value) => (BitOperations.Log2(value | 1) * 9 + 73) >> 6;

    /// <param name="destination">At least <see cref="Bytes"/> of the value.</param>
    /// <returns>Bytes written.</returns>
    public static int Write(Span<byte> destination, ulong value)
    {
        var written = 0;
        while (value >= 0x80)
        {
            destination[written++] = (byte)(value | 0x80);
            value >>= 7;
        }

        destination[written++] = (byte)value;
        return written;
    }

    /// <returns>False, nothing consumed, when it is cut short, above 64 bits or longer than 10 bytes.</returns>
    public static bool TryRead(ReadOnlySpan<byte> source, out ulong value, out int consumed)
    {
        value = 0;
        consumed = 0;
        for (var i = 0; i < source.Length && i < BytesMax; i++)
        {
            if (i == BytesMax - 1 && source[i] > 1) break;
            value |= (ulong)(source[i] & 0x7f) << (7 * i);
            if (source[i] >= 0x80) continue;

            consumed = i + 1;
            return true;
        }

        value = 0;
        return false;
    }
}
