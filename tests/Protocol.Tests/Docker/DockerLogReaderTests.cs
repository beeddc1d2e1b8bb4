using System.Buffers.Binary;
using System.Text;
using Weir.Protocol.Docker;

namespace Weir.Protocol.Tests.Docker;

public sealed class DockerLogReaderTests
{
    private const string Early = "2024-01-02T03:04:05.000000001Z";
    private const string Late = "2024-01-02T03:04:05.000000002Z";
    private const long EarlyTimestamp = 1_704_164_645_000_000_001;
    private const int LineBytesMax = 100_000;
    private static readonly string Full = new('x', 16_384);

    [Fact]
    public void Frames_become_lines_with_stream_and_timestamp()
    {
        byte[] body = [.. Frame(1, $"{Early} one\n"), .. Frame(2, $"{Late} two\r\n"), .. Frame(1, $"{Late} \n")];

        Assert.Equal(["Stdout 1 one", "Stderr 2 two", "Stdout 2 "], Read(body));
    }

    [Fact]
    public void An_offset_in_the_timestamp_is_honoured()
    {
        Assert.Equal(["Stdout 1 x"], Read(Frame(1, "2024-01-02T05:04:05.000000001+02:00 x\n")));
    }

    [Fact]
    public void The_pieces_of_a_long_line_are_joined_for_each_stream()
    {
        byte[] body =
        [
            .. Frame(1, $"{Early} {Full}"), .. Frame(2, $"{Early} {Full}"), .. Frame(1, $"{Early} {Full}"),
            .. Frame(2, $"{Early} err\n"), .. Frame(1, $"{Early} out\n"), .. Frame(1, $"{Early} {Full}"),
            .. Frame(1, $"{Early} \n"),
        ];

        Assert.Equal([$"Stderr 1 {Full}err", $"Stdout 1 {Full}{Full}out", $"Stdout 1 {Full}"], Read(body));
    }

    [Fact]
    public void Full_pieces_with_timestamps_of_their_own_are_joined_under_the_first()
    {
        byte[] body = [.. Frame(1, $"{Early} {Full}"), .. Frame(1, $"{Late} end\n")];

        Assert.Equal([$"Stdout 1 {Full}end"], Read(body));
    }

    [Fact]
    public void What_a_container_wrote_last_without_a_line_break_is_a_line()
    {
        byte[] body = [.. Frame(1, $"{Early} tail"), .. Frame(1, $"{Late} next start\n"), .. Frame(1, $"{Late} end")];

        Assert.Equal(["Stdout 1 tail Unterminated", "Stdout 2 next start", "Stdout 2 end Unterminated"], Read(body));
    }

    [Fact]
    public void A_line_above_the_limit_comes_in_parts()
    {
        byte[] body = [.. Frame(1, $"{Early} abcdefgh"), .. Frame(1, $"{Early} ijk\n"), .. Frame(1, $"{Late} lmno\n")];

        Assert.Equal(["Stdout 1 abcde Split", "Stdout 1 fghij Split", "Stdout 1 k", "Stdout 2 lmno"], Read(body, 5));
        Assert.Equal(["Stdout 1 abcd Split", "Stdout 1 efgh Split", "Stdout 1 ijk", "Stdout 2 lmno"], Read(body, 4));
    }

    [Fact]
    public void The_daemons_own_errors_are_untimed_lines()
    {
        Assert.Equal(["SystemError 0 Error grabbing logs Untimed"], Read(Frame(3, "Error grabbing logs\n")));
    }

    [Theory]
    [InlineData(new byte[] { 4, 0, 0, 0, 0, 0, 0, 1, 1 })]
    [InlineData(new byte[] { 1, 0, 1, 0, 0, 0, 0, 1, 1 })]
    [InlineData(new byte[] { 1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff })]
    public void What_is_no_frame_is_a_fault_after_the_lines_before_it(byte[] hostile)
    {
        using var reader = new DockerLogReader(isTerminal: false, LineBytesMax);
        Feed(reader, [.. Frame(1, $"{Early} one\n"), .. hostile]);

        Assert.True(reader.TryRead(out _));
        Assert.False(reader.TryRead(out _));

        Assert.NotEmpty(reader.Fault);
        reader.Reset();
        Feed(reader, Frame(1, $"{Early} two\n"));
        Assert.True(reader.TryRead(out _));
    }

    [Fact]
    public void A_terminals_stream_is_split_by_line_breaks()
    {
        var body = Encoding.UTF8.GetBytes($"{Early} one\r\n{Late} \r\n{Late} two\nuntimed\n{Late} end");

        string[] expected = ["Stdout 1 one", "Stdout 2 ", "Stdout 2 two", "Stdout 0 untimed Untimed"];
        Assert.Equal([.. expected, "Stdout 2 end Unterminated"], Read(body, isTerminal: true));
    }

    [Fact]
    public void The_pieces_of_a_terminals_long_line_are_joined()
    {
        var body = Encoding.UTF8.GetBytes(
            $"{Early} {Full}{Early} {Full}{Early} end\r\n{Late} {Full}{Late} \r\n{Late} {Full}x\n");

        string[] expected = [$"Stdout 1 {Full}{Full}end", $"Stdout 2 {Full}", $"Stdout 2 {Full}x"];
        Assert.Equal(expected, Read(body, isTerminal: true));
    }

    [Fact]
    public void A_terminals_last_words_before_a_restart_are_a_line_of_their_own()
    {
        var body = Encoding.UTF8.GetBytes($"{Early} tail{Late} {Full}{Late} end\n");

        Assert.Equal(["Stdout 1 tail Unterminated", $"Stdout 2 {Full}end"], Read(body, isTerminal: true));
    }

    [Fact]
    public void A_timestamp_that_a_terminals_program_prints_stays_in_its_line()
    {
        var body = Encoding.UTF8.GetBytes($"{Late} at {Early} it rained\n");

        Assert.Equal([$"Stdout 2 at {Early} it rained"], Read(body, isTerminal: true));
    }

    [Fact]
    public void A_terminals_line_above_the_limit_comes_in_parts()
    {
        var line = new string('y', 50_000);

        var lines = Read(Encoding.UTF8.GetBytes($"{Early} {line}\n{Late} z\n"), 20_000, isTerminal: true);

        string[] parts = [$"Stdout 1 {line[..20_000]} Split", $"Stdout 1 {line[..20_000]} Split"];
        Assert.Equal([.. parts, $"Stdout 1 {line[..10_000]}", "Stdout 2 z"], lines);
    }

    [Fact]
    public void Chunks_of_any_size_give_the_same_lines()
    {
        Fuzz.Run(150, random =>
        {
            var isTerminal = random.Next(2) == 0;
            var body = RandomBody(random, isTerminal, out var expected);

            Assert.Equal(expected, Read(body, LineBytesMax, isTerminal, random));
        });
    }

    [Fact]
    public void The_parts_of_split_lines_in_chunks_of_any_size_make_up_the_lines()
    {
        Fuzz.Run(100, random =>
        {
            var isTerminal = random.Next(2) == 0;
            var body = RandomBody(random, isTerminal, out var expected);
            var limit = random.Next(1_000, 30_000);

            var joined = new List<string>();
            var goesOn = false;
            foreach (var part in Read(body, limit, isTerminal, random))
            {
                var isSplit = part.EndsWith(" Split", StringComparison.Ordinal);
                var text = isSplit ? part[..^" Split".Length] : part;
                Assert.True(text.Length <= limit + "Stdout 1 ".Length);
                if (goesOn) joined[^1] += text["Stdout 1 ".Length..];
                else joined.Add(text);
                goesOn = isSplit;
            }

            Assert.Equal(expected, joined);
        });
    }

    [Fact]
    public void Damaged_streams_end_or_are_refused()
    {
        Fuzz.Run(400, random =>
        {
            var isTerminal = random.Next(2) == 0;
            var body = Fuzz.Damage(random, RandomBody(random, isTerminal, out _));

            var lines = Read(body, 1 + random.Next(40_000), isTerminal, random);

            Assert.True(lines.Sum(line => line.Length) < body.Length * 40 + 100);
        });
    }

    [Fact]
    public void Warm_reading_allocates_nothing()
    {
        byte[] body = [.. Frame(1, $"{Early} {Full}"), .. Frame(1, $"{Early} x\n"), .. Frame(2, $"{Early} y\n")];
        using var reader = new DockerLogReader(isTerminal: false, LineBytesMax);
        var lines = 0;

        Allocations.AssertNone(() =>
        {
            Feed(reader, body);
            while (reader.TryRead(out var line)) lines += line.Timestamp == EarlyTimestamp ? 1 : 0;
        });

        Assert.Equal(4 * 2, lines);
    }

    private static byte[] Frame(byte stream, string message)
    {
        var content = Encoding.UTF8.GetBytes(message);
        var frame = new byte[8 + content.Length];
        frame[0] = stream;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(4), content.Length);
        content.CopyTo(frame, 8);
        return frame;
    }

    private static byte[] RandomBody(Random random, bool isTerminal, out List<string> expected)
    {
        var body = new List<byte>();
        expected = [];
        for (var i = 1; i <= 6; i++)
        {
            var line = new string((char)('a' + i), random.Next(3) == 0 ? random.Next(50_000) : random.Next(100));
            var stream = isTerminal ? 1 : 1 + random.Next(2);
            expected.Add($"{(DockerStream)stream} {i} {line}");
            for (var rest = line + "\n"; rest.Length > 0; rest = rest[Math.Min(rest.Length, Full.Length)..])
            {
                var message = $"2024-01-02T03:04:05.00000000{i}Z {rest[..Math.Min(rest.Length, Full.Length)]}";
                body.AddRange(isTerminal ? Encoding.UTF8.GetBytes(message) : Frame((byte)stream, message));
            }
        }

        return [.. body];
    }

    private static void Feed(DockerLogReader reader, ReadOnlySpan<byte> chunk)
    {
        chunk.CopyTo(reader.Reserve(chunk.Length).Span);
        reader.Advance(chunk.Length);
    }

    private static List<string> Read(
        byte[] body, int lineBytesMax = LineBytesMax, bool isTerminal = false, Random? chunks = null)
    {
        var lines = new List<string>();
        using var reader = new DockerLogReader(isTerminal, lineBytesMax);
        var chunkMax = chunks?.Next(3) switch { null => body.Length, 0 => 20_000, 1 => 1_000, _ => 50_000 };
        for (var at = 0; at < body.Length;)
        {
            var size = Math.Min(body.Length - at, 1 + chunks?.Next(chunkMax) ?? body.Length);
            Feed(reader, body.AsSpan(at, size));
            at += size;
            while (reader.TryRead(out var line)) lines.Add(Describe(line));
        }

        while (reader.TryFlush(out var line)) lines.Add(Describe(line));
        return lines;
    }

    private static string Describe(DockerLine line)
    {
        var offset = line.Timestamp == 0 ? 0 : line.Timestamp - EarlyTimestamp + 1;
        var text = $"{line.Stream} {offset} {Encoding.UTF8.GetString(line.Line)}";
        return line.Flags == DockerLineFlags.None ? text : $"{text} {line.Flags}";
    }
}
