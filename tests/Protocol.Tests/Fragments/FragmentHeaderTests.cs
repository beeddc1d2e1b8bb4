using System.Buffers.Binary;
using Weir.Protocol.Checksums;
using Weir.Protocol.Fragments;

namespace Weir.Protocol.Tests.Fragments;

public sealed class FragmentHeaderTests
{
    private static readonly FragmentHeader Header = new()
    {
        Kind = FragmentKind.LokiPush,
        PayloadLength = 9,
        UncompressedLength = 0x123456,
        EntryCount = 5,
        LineBytes = 2,
        TimestampMin = -1,
        TimestampMax = 1_700_000_000_000_000_000,
        PayloadChecksum = 0xe3069283,
    };

    [Fact]
    public void A_header_has_the_bytes_that_the_format_page_states()
    {
        var expected = Convert.FromHexString(
            "57524647" + "01" + "01" + "3000" + "09000000" + "56341200" + "05000000" + "02000000"
            + "FFFFFFFFFFFFFFFF" + "00002A36FE9C9717" + "839206E3");

        var bytes = Write(Header);

        Assert.Equal(Convert.ToHexString(expected), Convert.ToHexString(bytes, 0, 44));
        Assert.Equal(Crc32C.Of(bytes.AsSpan(0, 44)), BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(44)));
    }

    [Fact]
    public void A_header_survives_a_round_trip_and_knows_its_payload()
    {
        Assert.True(FragmentHeader.TryRead([.. Write(Header), .. "123456789"u8], out var back, out _));

        Assert.Equal(Header, back);
        Assert.True(back.IsIntact("123456789"u8));
        Assert.False(back.IsIntact("123456788"u8));
        Assert.False(back.IsIntact("12345678"u8));
    }

    [Fact]
    public void Fields_of_a_later_writer_are_skipped()
    {
        byte[] bytes = [.. Write(Header), 1, (byte)'t', 1, 0, 7];
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(6), (ushort)bytes.Length);
        Seal(bytes);

        Assert.True(FragmentHeader.TryRead(bytes, out var back, out _));

        Assert.Equal((bytes.Length, Header.EntryCount), (back.HeaderLength, back.EntryCount));
        Assert.False(FragmentHeader.TryRead(bytes.AsSpan(0, 50), out _, out var fault));
        Assert.Equal(FragmentFault.Incomplete, fault);
    }

    [Theory]
    [InlineData(0, (byte)'X', false, FragmentFault.NotAFragment)]
    [InlineData(4, (byte)2, false, FragmentFault.UnknownVersion)]
    [InlineData(5, (byte)3, true, FragmentFault.UnknownVersion)]
    [InlineData(6, (byte)47, true, FragmentFault.Corrupt)]
    [InlineData(7, (byte)0x7f, true, FragmentFault.Corrupt)]
    [InlineData(16, (byte)6, false, FragmentFault.Corrupt)]
    [InlineData(11, (byte)0x7f, true, FragmentFault.TooLarge)]
    [InlineData(15, (byte)0xff, true, FragmentFault.TooLarge)]
    public void A_header_that_cannot_be_trusted_is_refused(int at, byte value, bool seal, FragmentFault expected)
    {
        var bytes = Write(Header);
        bytes[at] = value;
        if (seal) Seal(bytes);

        Assert.False(FragmentHeader.TryRead(bytes, out _, out var fault));

        Assert.Equal(expected, fault);
    }

    [Fact]
    public void Damage_of_any_single_byte_is_noticed()
    {
        for (var at = 0; at < FragmentHeader.Bytes; at++)
        {
            var bytes = Write(Header);
            bytes[at] ^= 0x10;

            Assert.False(FragmentHeader.TryRead(bytes, out _, out _), $"byte {at}");
        }
    }

    [Fact]
    public void A_torn_header_is_incomplete()
    {
        for (var length = 0; length < FragmentHeader.Bytes; length++)
        {
            Assert.False(FragmentHeader.TryRead(Write(Header).AsSpan(0, length), out _, out var fault));
            Assert.Equal(FragmentFault.Incomplete, fault);
        }
    }

    [Fact]
    public void Random_bytes_are_refused()
    {
        Fuzz.Run(2_000, random => Assert.False(FragmentHeader.TryRead(Fuzz.Bytes(random, 200), out _, out _)));
    }

    private static byte[] Write(FragmentHeader header)
    {
        var bytes = new byte[FragmentHeader.Bytes];
        header.Write(bytes);
        return bytes;
    }

    private static void Seal(byte[] bytes) => BinaryPrimitives.WriteUInt32LittleEndian(
        bytes.AsSpan(44), Crc32C.Append(Crc32C.Of(bytes.AsSpan(0, 44)), bytes.AsSpan(48)));
}
