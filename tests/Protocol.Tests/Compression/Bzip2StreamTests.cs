using System.Text;
using Weir.Protocol.Compression;

namespace Weir.Protocol.Tests.Compression;

public sealed class Bzip2StreamTests
{
    /// <summary>Made by bzip2 1.0.8: eight times three lines.</summary>
    private const string Small =
        "QlpoOTFBWSZTWf+yyH0AAE/ZAABQQAA4AAIlIABQgBgFSg0NKGBsUOCcChMCxLE8JYnxdyRThQkP+yyH0A==";

    private const string Lines = "line 1\nline 2\nline 333333333333\n";

    [Fact]
    public void What_bzip2_compressed_is_decompressed()
    {
        var text = Decompress(Convert.FromBase64String(Small));

        Assert.Equal(string.Concat(Enumerable.Repeat(Lines, 8)), Encoding.UTF8.GetString(text));
    }

    [Fact]
    public void Streams_in_a_row_are_one()
    {
        var one = Convert.FromBase64String(Small);

        var text = Decompress([.. one, .. one]);

        Assert.Equal(string.Concat(Enumerable.Repeat(Lines, 16)), Encoding.UTF8.GetString(text));
    }

    [Fact]
    public void A_file_that_ends_early_is_damaged()
    {
        var whole = Convert.FromBase64String(Small);

        for (var length = 1; length < whole.Length; length++)
            Assert.Throws<InvalidDataException>(() => Decompress(whole[..length]));
    }

    [Fact]
    public void Damage_is_an_error_and_nothing_else()
    {
        var whole = Convert.FromBase64String(Small);

        Fuzz.Run(3000, random =>
        {
            var damaged = Fuzz.Damage(random, whole);
            if (damaged.Length > 3) damaged[3] = (byte)'1'; // the smallest block: the time goes into many rounds
            try
            {
                Decompress(damaged);
            }
            catch (InvalidDataException)
            {
                // What damage must end in, unless it is none.
            }
        });
    }

    private static byte[] Decompress(byte[] compressed)
    {
        using var stream = new Bzip2Stream(new MemoryStream(compressed));
        using var text = new MemoryStream();
        stream.CopyTo(text);
        return text.ToArray();
    }
}
