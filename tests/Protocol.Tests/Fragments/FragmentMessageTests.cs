using Weir.Protocol.Fragments;

namespace Weir.Protocol.Tests.Fragments;

public sealed class FragmentMessageTests
{
    private static readonly FragmentHeader Header = new()
    {
        Kind = FragmentKind.LokiPush,
        PayloadLength = 0,
        UncompressedLength = 30,
        EntryCount = 5,
        LineBytes = 20,
        TimestampMin = 1,
        TimestampMax = 2,
        PayloadChecksum = 0,
    };

    private static readonly FragmentFields Full = new()
    {
        Node = "n1",
        Destination = "loki.write.default",
        Tenant = "überall",
        Partition = 3,
        Sequence = long.MaxValue,
        IsResent = true,
        Endpoint = "a",
        Reason = "ingester_error",
        Status = 400,
        Detail = "out of order",
        RefusedAt = 1_700_000_000_000,
    };

    [Fact]
    public void A_message_survives_a_round_trip_with_all_fields_and_with_the_least()
    {
        foreach (var fields in new[] { Full, new FragmentFields { Node = "n", Destination = "d", Sequence = 0 } })
        {
            var bytes = FragmentMessage.Write(Header, fields, "payload"u8);

            Assert.True(FragmentMessage.TryRead(bytes, out var message, out _));

            Assert.Equal(fields, message.Fields);
            Assert.Equal("payload"u8, message.Payload.Span);
            var header = message.Header;
            Assert.Equal((7, 5, 20), (header.PayloadLength, header.EntryCount, header.LineBytes));
        }
    }

    [Fact]
    public void A_long_refusal_is_cut_and_a_tenant_that_no_header_holds_is_an_error()
    {
        var bytes = FragmentMessage.Write(Header, Full with { Detail = new string('x', 5000) }, "p"u8);

        Assert.True(FragmentMessage.TryRead(bytes, out var message, out _));

        Assert.Equal(FragmentFields.DetailMax, message.Fields.Detail.Length);
        Assert.Throws<ArgumentException>(
            () => FragmentMessage.Write(Header, Full with { Tenant = new string('x', 5000) }, "p"u8));
    }

    [Fact]
    public void Damage_of_any_single_byte_and_any_cut_is_noticed()
    {
        var bytes = FragmentMessage.Write(Header, Full, "payload"u8);
        for (var at = 0; at < bytes.Length; at++)
        {
            var damaged = bytes.ToArray();
            damaged[at] ^= 0x10;

            Assert.False(FragmentMessage.TryRead(damaged, out _, out var fault), $"byte {at}");
            Assert.NotEqual(FragmentFault.None, fault);
            Assert.False(FragmentMessage.TryRead(bytes.AsMemory(0, at), out _, out _), $"cut at {at}");
        }
    }

    [Theory]
    [InlineData("04 6e6f6465 0100 6e", "sequence and destination are absent")]
    [InlineData("09 7061727469", "a name is cut short")]
    [InlineData("09 706172746974696f6e 0100 01", "a number of one byte")]
    [InlineData("06 726573656e74 0100 02", "a flag of 2")]
    [InlineData("06 726573656e74 0900 01", "a value is cut short")]
    public void Malformed_fields_under_a_good_checksum_are_refused(string fields, string why)
    {
        var extra = Convert.FromHexString(fields.Replace(" ", "", StringComparison.Ordinal));
        byte[] header = [.. new byte[FragmentHeader.Bytes], .. extra];
        (Header with { PayloadChecksum = 0 }).WriteAround(header);

        Assert.False(FragmentMessage.TryRead(header, out _, out var fault), why);

        Assert.Equal(FragmentFault.Corrupt, fault);
    }

    [Fact]
    public void Garbage_never_throws() => Fuzz.Run(2_000, random =>
    {
        var bytes = FragmentMessage.Write(Header, Full, "payload"u8);
        var header = bytes.AsSpan(0, bytes.Length - 7);
        for (var i = 0; i < 4; i++) header[FragmentHeader.Bytes + random.Next(header.Length - FragmentHeader.Bytes)] =
            (byte)random.Next(256);
        (Header with { PayloadLength = 7, PayloadChecksum = Weir.Protocol.Checksums.Crc32C.Of("payload"u8) })
            .WriteAround(header);

        FragmentMessage.TryRead(bytes, out _, out _);
    });
}
