using System.Numerics;
using System.Runtime.InteropServices;

namespace Weir.Protocol.Checksums;

/// <summary>CRC-32C (Castagnoli), as iSCSI and ext4 use it. By instruction where the processor has one.</summary>
public static class Crc32C
{
    /// <summary>Checksum of all bytes.</summary>
    public static uint Of(ReadOnlySpan<byte> bytes) => Append(0, bytes);

    /// <summary>Continues a checksum: the result is that of both parts in a row.</summary>
    /// <param name="checksum">Of what came before; 0 for nothing.</param>
    public static uint Append(uint checksum, ReadOnlySpan<byte> bytes)
    {
        var state = ~checksum;
        foreach (var word in MemoryMarshal.Cast<byte, ulong>(bytes))
            state = BitOperations.Crc32C(state, BitConverter.IsLittleEndian ? word : Reverse(word));
        foreach (var last in bytes[(bytes.Length & ~7)..]) state = BitOperations.Crc32C(state, last);
        return ~state;
    }

    private static ulong Reverse(ulong word) => System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(word);
}
