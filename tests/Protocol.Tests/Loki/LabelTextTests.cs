using System.Buffers;
using System.Text;
using Weir.Protocol.Batches;
using Weir.Protocol.Loki;

namespace Weir.Protocol.Tests.Loki;

public sealed class LabelTextTests
{
    private readonly List<Label> _labels = [];

    [Fact]
    public void Labels_are_written_as_Loki_writes_them()
    {
        var text = Write(new("a", "b"), new("c", "say \"hi\"\\\n\r\t\u0001\u007f\u0085é\u2028"));

        Assert.Equal("""{a="b", c="say \"hi\"\\\n\r\t\x01\x7f\u0085é\u2028"}""", text);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData(" { } ")]
    public void No_labels_are_read_as_none(string text)
    {
        Assert.True(Parse(text, out _));
        Assert.Empty(_labels);
    }

    [Theory]
    [InlineData("""{a="b",}""", "b")]
    [InlineData("""{ a = "b" }""", "b")]
    [InlineData("{a='it\"s'}", "it\"s")]
    [InlineData("{a=`raw\\n\"`}", "raw\\n\"")]
    [InlineData("""{a="\a\b\f\n\r\t\v\\\""}""", "\a\b\f\n\r\t\v\\\"")]
    [InlineData("""{a="\x41\101\u00e9\U0001f600"}""", "AAé😀")]
    [InlineData("""{a="\xc3\xa9"}""", "é")]
    public void Values_are_unquoted_as_in_Go(string text, string value)
    {
        Assert.True(Parse(text, out var fault), fault);
        Assert.Equal([new Label("a", value)], _labels);
    }

    [Theory]
    [InlineData("", "expected '{' at byte 0")]
    [InlineData("{", "expected a label name at byte 1")]
    [InlineData("{a", "expected '=' at byte 2")]
    [InlineData("{a=b}", "expected a quoted value at byte 3")]
    [InlineData("{a=\"b", "unterminated value at byte 5")]
    [InlineData("{a=`b", "unterminated value at byte 4")]
    [InlineData("{a=\"b\nc\"}", "a line break in a value at byte 5")]
    [InlineData("{a=\"\\q\"}", "an unknown escape at byte 6")]
    [InlineData("{a=\"\\xg0\"}", "an unknown escape at byte 6")]
    [InlineData("{a=\"\\777\"}", "an unknown escape at byte 8")]
    [InlineData("{a=\"\\ud800\"}", "an unknown escape at byte 10")]
    [InlineData("{a=\"b\" c=\"d\"}", "expected ',' or '}' at byte 7")]
    [InlineData("{a=\"b\", a=\"c\"}", "label a occurs twice at byte 9")]
    [InlineData("{1a=\"b\"}", "expected a label name at byte 3")]
    [InlineData("{a=\"b\"} x", "text behind the labels at byte 8")]
    public void Malformed_labels_are_refused_with_place_and_reason(string text, string expected)
    {
        Assert.False(Parse(text, out var fault));
        Assert.Equal(expected, fault);
    }

    [Fact]
    public void Texts_and_sets_above_the_limits_are_refused()
    {
        Assert.False(Parse($"{{a=\"{new string('x', LabelText.TextBytesMax)}\"}}", out var tooLong));
        var many = string.Join(",", Enumerable.Range(0, 300).Select(i => $"a{i}=\"b\""));
        Assert.False(Parse($"{{{many}}}", out var tooMany));

        Assert.Contains("65536", tooLong, StringComparison.Ordinal);
        Assert.StartsWith("more than 256 labels", tooMany, StringComparison.Ordinal);
    }

    [Fact]
    public void Random_values_survive_a_round_trip()
    {
        Fuzz.Run(1_000, random =>
        {
            var value = string.Concat(Enumerable.Range(0, random.Next(30)).Select(_ => RandomRune(random).ToString()));

            Assert.True(Parse(Write(new Label("name", value)), out var fault), fault);

            Assert.Equal([new Label("name", value)], _labels);
        });
    }

    [Fact]
    public void Damaged_texts_are_read_or_refused()
    {
        Fuzz.Run(3_000, random =>
        {
            var valid = Encoding.UTF8.GetBytes("""{a="\x41\101\u00e9", bc='d', e=`f`}""");

            var accepted = LabelText.TryParse(Fuzz.Damage(random, valid), _labels, out var fault);

            Assert.Equal(accepted, fault.Length == 0);
        });
    }

    private bool Parse(string text, out string fault) =>
        LabelText.TryParse(Encoding.UTF8.GetBytes(text), _labels, out fault);

    private static string Write(params Label[] labels)
    {
        var text = new ArrayBufferWriter<byte>();
        LabelText.Write(labels, text);
        return Encoding.UTF8.GetString(text.WrittenSpan);
    }

    private static Rune RandomRune(Random random)
    {
        var value = random.Next(4) switch
        {
            0 => random.Next(0x20),
            1 => random.Next(0x80, 0x3000),
            2 => random.Next(0x10000, 0x110000),
            _ => random.Next(0x20, 0x80),
        };
        return new Rune(value);
    }
}
