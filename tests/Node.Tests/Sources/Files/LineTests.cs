using System.Text;
using Weir.Node.Sources.Files;
using Weir.Node.Sources.Files.Reading;

namespace Weir.Node.Tests.Sources.Files;

public sealed class LineTests
{
    [Theory]
    [InlineData("utf-16le", false)]
    [InlineData("utf-16be", false)]
    [InlineData("", true)]
    [InlineData("utf-32le", false)]
    [InlineData("windows-1252", false)]
    [InlineData("shift_jis", false)]
    public async Task Other_encodings_become_UTF_8(string name, bool mark)
    {
        await using var files = new FileSourceFixture();
        Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);
        var encoding = mark ? Encoding.Unicode : Encoding.GetEncoding(name);
        string[] lines = name switch
        {
            "windows-1252" => ["caf\u00e9", "\u20ac 5"],
            "shift_jis" => ["\u65e5\u672c", "x"],
            _ => ["caf\u00e9 \u0a0d \u010a", "\u65e5\u672c \ud83d\ude00"],
        };
        files.Options = files.Options with { Encoding = name };
        byte[] text = [.. mark ? encoding.GetPreamble() : [], .. encoding.GetBytes($"{lines[0]}\r\n{lines[1]}\nrest")];
        await File.WriteAllBytesAsync(files.PathOf("a.log"), text);

        await files.StartAsync("a.log");
        await files.Receiver.UntilCountAsync(2);
        await File.AppendAllBytesAsync(files.PathOf("a.log"), encoding.GetBytes("\n"));
        await files.Receiver.UntilCountAsync(3);

        Assert.Equal([.. lines, "rest"], files.Receiver.Texts);
    }

    [Fact]
    public async Task A_UTF_8_mark_is_no_part_of_the_first_line()
    {
        await using var files = new FileSourceFixture();
        await File.WriteAllBytesAsync(files.PathOf("a.log"), [0xef, 0xbb, 0xbf, (byte)'a', (byte)'\n']);

        await files.StartAsync("a.log");
        await files.Receiver.UntilCountAsync(1);

        Assert.Equal(("a", 3), (files.Receiver.Lines[0].Line, files.Receiver.Lines[0].Resume));
    }

    [Fact]
    public async Task Invalid_bytes_are_replaced_and_counted()
    {
        await using var files = new FileSourceFixture();
        await File.WriteAllBytesAsync(files.PathOf("a.log"), [.. "ok\na"u8, 0xff, 0xc3, .. "b\nok\n"u8]);

        await files.StartAsync("a.log");
        await files.Receiver.UntilCountAsync(3);

        Assert.Equal(["ok", "a\ufffd\ufffdb", "ok"], files.Receiver.Texts);
        Assert.Equal(2, files.Counter("weir_source_file_invalid_bytes_total", "a.log"));
    }

    [Fact]
    public async Task Zero_bytes_are_left_out_and_room_for_more_is_waited_in()
    {
        await using var files = new FileSourceFixture();
        await File.WriteAllBytesAsync(files.PathOf("a.log"), Zeros);
        await files.StartAsync("a.log");
        await files.Receiver.UntilCountAsync(1);

        await using (var file = File.OpenWrite(files.PathOf("a.log")))
        {
            file.Position = 600_005;
            file.Write("d\n"u8);
        }

        await files.Receiver.UntilCountAsync(2);

        Assert.Equal(["ab", "cd"], files.Receiver.Texts);
        Assert.Equal(600_001, files.Counter("weir_source_file_zero_bytes_total", "a.log"));
    }

    private static byte[] Zeros => [.. new byte[600_000], .. "a\0b\nc"u8, .. new byte[400_000]];

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 2)]
    [InlineData(300_000, 3)]
    public async Task A_line_over_the_limit_comes_in_pieces(int over, int pieces)
    {
        await using var files = new FileSourceFixture();
        var line = new string('x', LineReader.LineBytesMax + over);
        files.Write("a.log", $"before\n{line}\nafter\n");

        await files.StartAsync("a.log");
        await files.Receiver.UntilLineAsync("after");

        Assert.Equal(pieces + 2, files.Receiver.Lines.Count);
        Assert.Equal(line, string.Concat(files.Receiver.Texts.Skip(1).Take(pieces)));
        Assert.Equal(pieces - 1, files.Counter("weir_source_file_lines_split_total", "a.log"));
    }

    [Fact]
    public async Task A_piece_ends_between_characters()
    {
        await using var files = new FileSourceFixture();
        var line = "x" + string.Concat(Enumerable.Repeat("\u20ac", LineReader.LineBytesMax / 3 + 10));
        files.Write("a.log", line + "\n");

        await files.StartAsync("a.log");
        await files.Receiver.UntilCountAsync(2);

        Assert.Equal(line, string.Concat(files.Receiver.Texts));
    }

    [Fact]
    public async Task Tailing_from_the_end_begins_with_the_unfinished_line_and_only_once()
    {
        await using var files = new FileSourceFixture();
        files.Options = files.Options with { TailFromEnd = true };
        files.Write("a.log", "old\nunfin");
        await files.StartAsync("a.log");
        await files.UntilDurableAsync("a.log", 4);
        await files.KillAsync();

        files.Write("a.log", "ished\nnew\n");
        await files.StartAsync("a.log");
        await files.Receiver.UntilCountAsync(2);

        Assert.Equal(["unfinished", "new"], files.Receiver.Texts);
    }

    [Fact]
    public async Task Globs_find_files_as_they_appear_and_leave_out_what_is_excluded()
    {
        await using var files = new FileSourceFixture();
        files.Options = files.Options with
        {
            FileMatch = new FileMatchOptions { Enabled = true, SyncPeriod = TimeSpan.FromMinutes(5) },
        };
        files.Write("a.log", "a\n");
        files.Write("skip.log", "no\n");
        await files.StartAsync(
            [FileSourceFixture.Target(files.PathOf("*.log"), ("__path_exclude__", files.PathOf("skip*")))]);
        await files.Receiver.UntilCountAsync(1);

        files.Write("b.log", "b\n");
        await files.Receiver.UntilCountAsync(2);

        Assert.Equal(["a", "b"], files.Receiver.Texts);
    }
}
