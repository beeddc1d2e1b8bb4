using Weir.Protocol.Checksums;

namespace Weir.Protocol.Tests.Checksums;

public sealed class Crc32CTests
{
    [Fact]
    public void The_check_value_of_the_catalogue_is_met() => Assert.Equal(0xe3069283u, Crc32C.Of("123456789"u8));

    [Fact]
    public void The_examples_of_RFC_3720_are_met()
    {
        var ascending = Enumerable.Range(0, 32).Select(i => (byte)i).ToArray();

        Assert.Equal(0x8a9136aau, Crc32C.Of(new byte[32]));
        Assert.Equal(0x46dd794eu, Crc32C.Of(ascending));
        Assert.Equal(0u, Crc32C.Of([]));
    }

    [Fact]
    public void Parts_in_a_row_have_the_checksum_of_the_whole()
    {
        Fuzz.Run(200, random =>
        {
            var bytes = Fuzz.Bytes(random, 200);
            var cut = random.Next(bytes.Length + 1);

            Assert.Equal(Crc32C.Of(bytes), Crc32C.Append(Crc32C.Of(bytes.AsSpan(0, cut)), bytes.AsSpan(cut)));
        });
    }
}
