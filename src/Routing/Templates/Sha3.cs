using System.Buffers.Binary;
using System.Numerics;

namespace Weir.Routing.Templates;

/// <summary>SHA3-256 (FIPS 202): the runtime has it only where the machine's OpenSSL does.</summary>
internal static class Sha3
{
    private const int Rounds = 24;
    private const int Lanes = 25;
    private const int BlockBytes = 136;

    private static ReadOnlySpan<byte> Rotations =>
        [1, 3, 6, 10, 15, 21, 28, 36, 45, 55, 2, 14, 27, 41, 56, 8, 25, 43, 62, 18, 39, 61, 20, 44];

    private static ReadOnlySpan<byte> Places =>
        [10, 7, 11, 17, 18, 3, 5, 16, 8, 21, 24, 4, 15, 23, 19, 13, 12, 2, 20, 14, 22, 9, 6, 1];

    private static ReadOnlySpan<ulong> Constants =>
    [
        0x0000000000000001, 0x0000000000008082, 0x800000000000808A, 0x8000000080008000, 0x000000000000808B,
        0x0000000080000001, 0x8000000080008081, 0x8000000000008009, 0x000000000000008A, 0x0000000000000088,
        0x0000000080008009, 0x000000008000000A, 0x000000008000808B, 0x800000000000008B, 0x8000000000008089,
        0x8000000000008003, 0x8000000000008002, 0x8000000000000080, 0x000000000000800A, 0x800000008000000A,
        0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008,
    ];

    public static byte[] Hash256(ReadOnlySpan<byte> text)
    {
        Span<ulong> state = stackalloc ulong[Lanes];
        state.Clear();
        for (; text.Length >= BlockBytes; text = text[BlockBytes..]) Absorb(state, text[..BlockBytes]);
        Span<byte> last = stackalloc byte[BlockBytes];
        last.Clear();
        text.CopyTo(last);
        last[text.Length] = 0x06;
        last[^1] |= 0x80;
        Absorb(state, last);
        var hash = new byte[32];
        for (var i = 0; i < 4; i++) BinaryPrimitives.WriteUInt64LittleEndian(hash.AsSpan(i * 8), state[i]);
        return hash;
    }

    private static void Absorb(Span<ulong> state, ReadOnlySpan<byte> block)
    {
        for (var i = 0; i < BlockBytes / 8; i++) state[i] ^= BinaryPrimitives.ReadUInt64LittleEndian(block[(i * 8)..]);
        for (var round = 0; round < Rounds; round++) Permute(state, Constants[round]);
    }

    private static void Permute(Span<ulong> state, ulong constant)
    {
        Span<ulong> columns = stackalloc ulong[5];
        for (var x = 0; x < 5; x++) columns[x] =
            state[x] ^ state[x + 5] ^ state[x + 10] ^ state[x + 15] ^ state[x + 20];
        for (var x = 0; x < 5; x++)
        {
            var mix = columns[(x + 4) % 5] ^ BitOperations.RotateLeft(columns[(x + 1) % 5], 1);
            for (var y = 0; y < Lanes; y += 5) state[x + y] ^= mix;
        }

        var moved = state[1];
        for (var i = 0; i < Places.Length; i++)
            (state[Places[i]], moved) = (BitOperations.RotateLeft(moved, Rotations[i]), state[Places[i]]);
        for (var y = 0; y < Lanes; y += 5)
        {
            state.Slice(y, 5).CopyTo(columns);
            for (var x = 0; x < 5; x++) state[x + y] = columns[x] ^ (~columns[(x + 1) % 5] & columns[(x + 2) % 5]);
        }

        state[0] ^= constant;
    }
}
