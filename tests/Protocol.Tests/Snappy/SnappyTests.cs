using System.Text;
using Weir.Protocol.Snappy;

namespace Weir.Protocol.Tests.Snappy;

public sealed class SnappyTests
{
    private readonly SnappyEncoder _encoder = new();

    [Fact]
    public void An_empty_input_is_its_preamble_alone()
    {
        var block = Compress([]);

        Assert.Equal([0], block);
        Assert.Empty(Decompress(block));
    }

    [Fact]
    public void A_short_input_is_one_literal()
    {
        var block = Compress("Weir"u8);

        Assert.Equal([4, 3 << 2, .. "Weir"u8], block);
    }

    [Fact]
    public void A_repeat_becomes_a_copy()
    {
        var block = Compress("abcdefghabcdefghabcdefghijklmnopqrstuvwxyz"u8);

        byte[] expected = [42, 7 << 2, .. "abcdefgh"u8, 2 | (15 << 2), 8, 0, 17 << 2, .. "ijklmnopqrstuvwxyz"u8];
        Assert.Equal(expected, block);
    }

    [Fact]
    public void A_near_repeat_of_few_bytes_takes_two_bytes()
    {
        var block = Compress("abcdefgh-abcdefgh.ijklmnopqrstuvwxyz"u8);

        byte[] expected = [36, 8 << 2, .. "abcdefgh-"u8, 1 | (4 << 2), 9, 18 << 2, .. ".ijklmnopqrstuvwxyz"u8];
        Assert.Equal(expected, block);
    }

    [Theory]
    [InlineData(60, 1)]
    [InlineData(61, 2)]
    [InlineData(256, 2)]
    [InlineData(257, 3)]
    [InlineData(65_536, 3)]
    [InlineData(65_537, 4)]
    public void A_literal_states_its_length_in_as_few_bytes_as_it_can(int length, int header)
    {
        var input = Incompressible(length);

        var block = Compress(input);

        Assert.True(SnappyJoiner.TryGetBody(block, out var stated, out var body));
        Assert.Equal((uint)length, stated);
        Assert.Equal(length + header, block.Length - body);
        Assert.Equal(input, Decompress(block));
    }

    [Fact]
    public void Every_length_of_repeat_at_every_kind_of_distance_survives()
    {
        int[] distances = [1, 2, 3, 7, 8, 15, 16, 17, 2047, 2048, 65_535, 65_536, 65_537];
        foreach (var distance in distances)
        {
            for (var length = 1; length <= 140; length++)
            {
                var input = new byte[distance + length + 40];
                Incompressible(input.Length).CopyTo(input, 0);
                for (var i = distance; i < distance + length; i++) input[i] = input[i - distance];

                Assert.Equal(input, Decompress(Compress(input)));
            }
        }
    }

    [Fact]
    public void What_was_compressed_before_does_not_change_the_result()
    {
        var input = JsonLines(300);
        var first = Compress(input);
        Compress(Incompressible(100_000));

        var second = Compress(input);

        Assert.Equal(first, second);
    }

    [Fact]
    public void Random_input_survives_a_round_trip_within_the_stated_bound()
    {
        Fuzz.Run(400, random =>
        {
            var input = Fuzz.Bytes(random, random.Next(8) == 0 ? 300_000 : 3_000);

            var block = Compress(input);

            Assert.Equal(input, Decompress(block));
            Assert.True(block.Length <= input.Length + input.Length / 60 + 16, $"{block.Length} for {input.Length}");
        });
    }

    [Fact]
    public void The_encoder_never_writes_outside_its_destination()
    {
        Fuzz.Run(200, random =>
        {
            var input = Fuzz.Bytes(random, 400);
            var size = SnappyEncoder.MaxCompressedLength(input.Length);
            var memory = new byte[size + 64];
            memory.AsSpan().Fill(0xa5);

            _encoder.Compress(input, memory.AsSpan(32, size));

            Assert.True(memory.AsSpan(0, 32).IndexOfAnyExcept((byte)0xa5) < 0);
            Assert.True(memory.AsSpan(32 + size).IndexOfAnyExcept((byte)0xa5) < 0);
        });
    }

    [Fact]
    public void A_destination_below_the_bound_is_refused()
    {
        var destination = new byte[SnappyEncoder.MaxCompressedLength(100) - 1];

        Assert.Throws<ArgumentException>(() => _encoder.Compress(new byte[100], destination));
    }

    [Fact]
    public void Joined_bodies_decompress_to_the_joined_inputs()
    {
        byte[][] inputs = [JsonLines(400), [], Incompressible(5_000), JsonLines(3)];
        var joined = new byte[SnappyJoiner.PreambleBytesMax];
        joined = joined[..SnappyJoiner.WritePreamble(joined, (uint)inputs.Sum(input => input.Length))];
        foreach (var input in inputs)
        {
            var block = Compress(input);
            Assert.True(SnappyJoiner.TryGetBody(block, out _, out var body));
            joined = [.. joined, .. block[body..]];
        }

        Assert.Equal(inputs.SelectMany(input => input), Decompress(joined));
    }

    [Fact]
    public void Warm_compression_and_decompression_allocate_nothing()
    {
        var input = JsonLines(2_000);
        var block = new byte[SnappyEncoder.MaxCompressedLength(input.Length)];
        var back = new byte[input.Length];

        Allocations.AssertNone(() =>
        {
            var length = _encoder.Compress(input, block);
            SnappyDecoder.TryDecompress(block.AsSpan(0, length), back, out _);
        });

        Assert.Equal(input, back);
    }

    private byte[] Compress(ReadOnlySpan<byte> input)
    {
        var destination = new byte[SnappyEncoder.MaxCompressedLength(input.Length)];
        return destination[.._encoder.Compress(input, destination)];
    }

    private static byte[] Decompress(byte[] block)
    {
        Assert.True(SnappyDecoder.TryGetUncompressedLength(block, out var length));
        var output = new byte[length];
        Assert.True(SnappyDecoder.TryDecompress(block, output, out var written));
        Assert.Equal(length, written);
        return output;
    }

    private static byte[] Incompressible(int length)
    {
        var bytes = new byte[length];
        new Random(1).NextBytes(bytes);
        return bytes;
    }

    private static byte[] JsonLines(int count)
    {
        var random = new Random(2);
        var lines = new StringBuilder();
        for (var i = 0; i < count; i++)
        {
            var id = random.NextInt64().ToString("x16");
            lines.Append($$"""{"level":"info","msg":"request completed","id":"{{id}}","n":{{i}}}""").Append('\n');
        }

        return Encoding.UTF8.GetBytes(lines.ToString());
    }
}
