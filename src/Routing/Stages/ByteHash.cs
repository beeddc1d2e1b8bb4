using System.Buffers.Binary;
using System.Numerics;

namespace Weir.Routing.Stages;

/// <summary>A quick hash for tables of this process: not for anything stored or sent.</summary>
internal static class ByteHash
{
    public static int Of(ReadOnlySpan<byte> bytes, ulong seed)
    {
        const ulong odd = 0x9E3779B97F4A7C15;
        var hash = seed ^ ((ulong)bytes.Length * odd);
        while (bytes.Length >= 8)
        {
            hash = BitOperations.RotateLeft(hash ^ BinaryPrimitives.ReadUInt64LittleEndian(bytes), 27) * odd;
            bytes = bytes[8..];
        }

        var rest = 0UL;
        if (bytes.Length >= 4)
        {
            rest = BinaryPrimitives.ReadUInt32LittleEndian(bytes);
            bytes = bytes[4..];
        }

        foreach (var unit in bytes) rest = (rest << 8) | unit;
        hash = (hash ^ rest) * odd;
        return (int)((hash ^ (hash >> 32)) & int.MaxValue);
    }
}
