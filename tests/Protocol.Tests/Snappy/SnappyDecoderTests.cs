using Weir.Protocol.Snappy;

namespace Weir.Protocol.Tests.Snappy;

public sealed class SnappyDecoderTests
{
    [Theory]
    [InlineData("no preamble", new byte[0])]
    [InlineData("preamble cut short", new byte[] { 0x80 })]
    [InlineData("preamble of six bytes", new byte[] { 0x80, 0x80, 0x80, 0x80, 0x80, 0x00 })]
    [InlineData("preamble above 32 bits", new byte[] { 0xff, 0xff, 0xff, 0xff, 0x1f })]
    [InlineData("fewer bytes than stated", new byte[] { 4, 2 << 2, 1, 2, 3 })]
    [InlineData("more bytes than stated", new byte[] { 2, 2 << 2, 1, 2, 3 })]
    [InlineData("literal cut short", new byte[] { 4, 3 << 2, 1, 2 })]
    [InlineData("literal length cut short", new byte[] { 4, 61 << 2, 1 })]
    [InlineData("literal of 4 GiB", new byte[] { 4, 63 << 2, 0xff, 0xff, 0xff, 0xff, 1 })]
    [InlineData("copy before any byte", new byte[] { 4, 1, 1 })]
    [InlineData("copy of offset zero", new byte[] { 5, 0, 1, 1, 0 })]
    [InlineData("copy from before the start", new byte[] { 5, 0, 1, 1, 2 })]
    [InlineData("copy past the end", new byte[] { 4, 0, 1, 1, 1 })]
    [InlineData("near copy cut short", new byte[] { 5, 0, 1, 1 })]
    [InlineData("far copy cut short", new byte[] { 5, 0, 1, 2 | (3 << 2), 1 })]
    [InlineData("farthest copy cut short", new byte[] { 5, 0, 1, 3 | (3 << 2), 1, 0, 0 })]
    public void Malformed_blocks_are_refused(string fault, byte[] block)
    {
        Assert.False(SnappyDecoder.TryDecompress(block, new byte[64], out var written), fault);
        Assert.Equal(0, written);
    }

    [Fact]
    public void All_copy_kinds_are_read()
    {
        byte[] block = [17, 3 << 2, .. "abcd"u8, 1, 4, 2 | (3 << 2), 8, 0, 3 | (4 << 2), 1, 0, 0, 0];

        var output = new byte[17];
        Assert.True(SnappyDecoder.TryDecompress(block, output, out _));

        Assert.Equal("abcdabcdabcdddddd"u8.ToArray()[..17], output);
    }

    [Fact]
    public void A_destination_that_is_too_small_is_refused()
    {
        byte[] block = [4, 3 << 2, .. "abcd"u8];

        Assert.False(SnappyDecoder.TryDecompress(block, new byte[3], out _));
    }

    [Fact]
    public void A_hostile_length_is_refused_before_memory_is_asked_for()
    {
        Assert.False(SnappyDecoder.TryGetUncompressedLength([0xff, 0xff, 0xff, 0xff, 0x0f], out _));
    }

    [Fact]
    public void Damaged_blocks_never_reach_outside_their_destination()
    {
        var encoder = new SnappyEncoder();
        Fuzz.Run(3_000, random =>
        {
            var input = Fuzz.Bytes(random, 600);
            var destination = new byte[SnappyEncoder.MaxCompressedLength(input.Length)];
            var block = Fuzz.Damage(random, destination[..encoder.Compress(input, destination)]);
            var memory = new byte[input.Length + 128];
            memory.AsSpan().Fill(0xa5);

            var accepted = SnappyDecoder.TryDecompress(block, memory.AsSpan(64, input.Length), out var written);

            Assert.True(memory.AsSpan(0, 64).IndexOfAnyExcept((byte)0xa5) < 0);
            Assert.True(memory.AsSpan(64 + (accepted ? written : input.Length)).IndexOfAnyExcept((byte)0xa5) < 0);
        });
    }
}
