using System.Text;
using Weir.Protocol.Syslog;

namespace Weir.Protocol.Tests.Syslog;

public sealed class SyslogFramesTests
{
    private const int MessageMax = 20;

    [Theory]
    [InlineData("<1>a\n<2>b\n", "<1>a,<2>b")]
    [InlineData("<1>a\r\n\n\0<2>b\0<3>c", "<1>a,<2>b,<3>c")]
    [InlineData("<1>a\n12 no priority\n", "<1>a,12 no priority")]
    [InlineData("4 <1>a7 <2>b\n\nc", "<1>a,<2>b\n\nc")]
    [InlineData("4 <1>a\n4 <2>b\n", "<1>a,<2>b")]
    [InlineData("5 <1>a\n6 <2>b\r\n6 <3>c\n\n", "<1>a,<2>b,<3>c\n")]
    [InlineData("<1>012345678901234567890\n<2>b\n", "too long,<2>b")]
    [InlineData("24 <1>0123456789012345678904 <2>b", "too long,<2>b")]
    [InlineData("4 <1>ax <2>b", "<1>a,fault")]
    [InlineData("hello\n<1>a\n", "fault")]
    [InlineData("0 4 <1>a", "fault")]
    [InlineData("9999999999 <1>a", "fault")]
    [InlineData("9 <1>a", "fault")]
    [InlineData("", "")]
    [InlineData("\n \n", "")]
    public void Messages_are_found_however_the_bytes_come(string stream, string expected)
    {
        var bytes = Encoding.UTF8.GetBytes(stream);

        for (var piece = 1; piece <= bytes.Length + 1; piece++)
            Assert.Equal(expected, ReadAll(new SyslogFrames(MessageMax), bytes, _ => piece));
    }

    [Theory]
    [InlineData("<1>a\nb\n\n", (byte)'\n', "<1>a,b")]
    [InlineData("4 <1>\0b\nc\0", (byte)0, "4 <1>,b\nc")]
    public void With_a_delimiter_lines_of_any_kind_are_found(string stream, byte delimiter, string expected)
    {
        var bytes = Encoding.UTF8.GetBytes(stream);

        Assert.Equal(expected, ReadAll(new SyslogFrames(MessageMax, delimiter), bytes, _ => 3));
    }

    [Fact]
    public void Any_bytes_in_any_pieces_come_to_an_end() => Fuzz.Run(3000, random =>
    {
        byte[] alphabet = [.. "<>0123456789 \n\0ab"u8];
        var bytes = Array.ConvertAll(new byte[random.Next(300)], _ => alphabet[random.Next(alphabet.Length)]);

        var whole = ReadAll(new SyslogFrames(MessageMax), bytes, _ => bytes.Length + 1);
        var pieces = ReadAll(new SyslogFrames(MessageMax), bytes, _ => 1 + random.Next(30));

        Assert.Equal(whole, pieces);
    });

    private static string ReadAll(SyslogFrames frames, byte[] bytes, Func<int, int> pieceAt)
    {
        var found = new List<string>();
        var (start, end) = (0, 0);
        while (true)
        {
            end = Math.Min(bytes.Length, end + pieceAt(end));
            var token = FrameToken.Message;
            while (token is FrameToken.Message or FrameToken.TooLong)
            {
                token = frames.Read(bytes.AsSpan(start, end - start), end == bytes.Length, out var consumed,
                    out var message);
                start += consumed;
                if (token == FrameToken.Message) found.Add(Encoding.UTF8.GetString(message));
                else if (token == FrameToken.TooLong) found.Add("too long");
                else if (token == FrameToken.Fault) found.Add("fault");
            }

            if (token == FrameToken.Fault || end == bytes.Length) return string.Join(',', found);
            Assert.True(end - start <= MessageMax + SyslogFrames.OverheadMax + 30, "more is kept than a message");
        }
    }
}
