using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Weir.Protocol.Snappy;

/// <summary>Reads raw Snappy blocks from anywhere: every length and offset is checked before it is followed.</summary>
public static unsafe class SnappyDecoder
{
    /// <summary>Largest uncompressed length accepted: 1 GiB. Callers with a tighter limit check it first.</summary>
    public const int UncompressedBytesMax = 1 << 30;

    // One literal or copy of up to 16 bytes is moved whole when both sides have this much room left.
    private const int FastBytes = 16;

    /// <summary>The length that the block states, before anything is trusted or allocated.</summary>
    /// <returns>False when the preamble is malformed or above <see cref="UncompressedBytesMax"/>.</returns>
    public static bool TryGetUncompressedLength(ReadOnlySpan<byte> block, out int length)
    {
        length = 0;
        if (!SnappyFormat.TryReadPreamble(block, out var stated, out _) || stated > UncompressedBytesMax) return false;

        length = (int)stated;
        return true;
    }

    /// <summary>Decompresses the whole block.</summary>
    /// <param name="destination">At least as long as the block states; bytes behind <paramref name="written"/> keep
    /// their values. On failure its content is undefined.</param>
    /// <returns>False when the block is malformed, does not yield exactly what it states, or does not fit.</returns>
    public static bool TryDecompress(ReadOnlySpan<byte> block, Span<byte> destination, out int written)
    {
        written = 0;
        if (!SnappyFormat.TryReadPreamble(block, out var stated, out var consumed)) return false;
        if (stated > UncompressedBytesMax || stated > destination.Length) return false;

        fixed (byte* input = block, output = destination)
        {
            if (!TryDecompressBody(input + consumed, input + block.Length, output, output + (int)stated)) return false;
        }

        written = (int)stated;
        return true;
    }

    private static bool TryDecompressBody(byte* input, byte* inputEnd, byte* start, byte* end)
    {
        var output = start;
        while (input < inputEnd)
        {
            uint tag = *input++;
            if ((tag & 3) == SnappyFormat.Literal)
            {
                var length = (tag >> 2) + 1;
                if (length <= FastBytes && inputEnd - input >= FastBytes && end - output >= FastBytes)
                {
                    Vector128.Load(input).Store(output);
                }
                else
                {
                    if (length > 60 && !TryReadLiteralLength(ref input, inputEnd, ref length)) return false;
                    if (length > (ulong)(inputEnd - input) || length > (ulong)(end - output)) return false;

                    Buffer.MemoryCopy(input, output, length, length);
                }

                input += length;
                output += length;
                continue;
            }

            if (!TryReadCopy(ref input, inputEnd, tag, out var copied, out var offset)) return false;
            if (offset == 0 || offset > (ulong)(output - start) || copied > (ulong)(end - output)) return false;

            Copy(output, offset, copied, end);
            output += copied;
        }

        return output == end;
    }

    /// <summary>Lengths above 60 stand in 1 to 4 bytes behind the tag, minus one.</summary>
    private static bool TryReadLiteralLength(ref byte* input, byte* inputEnd, ref uint length)
    {
        var bytes = (int)length - 60;
        if (inputEnd - input < bytes) return false;

        uint stated = 0;
        for (var i = 0; i < bytes; i++) stated |= (uint)input[i] << (8 * i);
        if (stated >= UncompressedBytesMax) return false;

        input += bytes;
        length = stated + 1;
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TryReadCopy(ref byte* input, byte* inputEnd, uint tag, out uint length, out uint offset)
    {
        length = (tag >> 2) + 1;
        offset = 0;
        switch (tag & 3)
        {
            case SnappyFormat.CopyNear:
                if (input >= inputEnd) return false;
                length = ((tag >> 2) & 7) + 4;
                offset = ((tag >> 5) << 8) | *input++;
                return true;
            case SnappyFormat.CopyFar:
                if (inputEnd - input < sizeof(ushort)) return false;
                offset = Unsafe.ReadUnaligned<ushort>(input);
                input += sizeof(ushort);
                return true;
            default:
                if (inputEnd - input < sizeof(uint)) return false;
                offset = Unsafe.ReadUnaligned<uint>(input);
                input += sizeof(uint);
                return true;
        }
    }

    /// <summary>Copies from behind; where source and target overlap, the bytes just written repeat.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Copy(byte* output, uint offset, uint length, byte* end)
    {
        var from = output - offset;
        if (offset >= FastBytes && end - output >= 4 * FastBytes)
        {
            // 64 is the longest copy: up to four whole moves, none of which reads what it has not yet written.
            Vector128.Load(from).Store(output);
            if (length <= FastBytes) return;

            Vector128.Load(from + FastBytes).Store(output + FastBytes);
            if (length <= 2 * FastBytes) return;

            Vector128.Load(from + 2 * FastBytes).Store(output + 2 * FastBytes);
            Vector128.Load(from + 3 * FastBytes).Store(output + 3 * FastBytes);
            return;
        }

        for (var i = 0u; i < length; i++) output[i] = from[i];
    }
}
