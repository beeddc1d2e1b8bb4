using Weir.Protocol.Protobuf;

namespace Weir.Protocol.Tests.Protobuf;

public sealed class VarintTests
{
    [Theory]
    [InlineData(0UL, new byte[] { 0 })]
    [InlineData(127UL, new byte[] { 0x7f })]
    [InlineData(128UL, new byte[] { 0x80, 1 })]
    [InlineData(300UL, new byte[] { 0xac, 2 })]
    [InlineData(ulong.MaxValue, new byte[] { 255, 255, 255, 255, 255, 255, 255, 255, 255, 1 })]
    public void Known_values_have_known_bytes(ulong value, byte[] expected)
    {
        var bytes = new byte[Varint.Bytes(value)];

        Assert.Equal(expected.Length, Varint.Write(bytes, value));

        Assert.Equal(expected, bytes);
        Assert.True(Varint.TryRead(bytes, out var back, out var consumed));
        Assert.Equal((value, bytes.Length), (back, consumed));
    }

    [Fact]
    public void Every_power_of_two_and_its_neighbours_survive()
    {
        var bytes = new byte[Varint.BytesMax];
        for (var bit = 0; bit < 64; bit++)
        {
            foreach (var value in new[] { (1UL << bit) - 1, 1UL << bit, (1UL << bit) + 1 })
            {
                Assert.Equal(Varint.Bytes(value), Varint.Write(bytes, value));
                Assert.True(Varint.TryRead(bytes, out var back, out _));
                Assert.Equal(value, back);
            }
        }
    }

    [Theory]
    [InlineData(new byte[0])]
    [InlineData(new byte[] { 0x80 })]
    [InlineData(new byte[] { 255, 255, 255, 255, 255, 255, 255, 255, 255, 2 })]
    [InlineData(new byte[] { 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 0 })]
    public void Malformed_bytes_are_refused(byte[] bytes) => Assert.False(Varint.TryRead(bytes, out _, out _));
}
