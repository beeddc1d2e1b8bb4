using System.Text.Json;
using Weir.Node.Sources.Journal;
using static Weir.Node.Tests.Sources.Journal.JournalReading;

namespace Weir.Node.Tests.Sources.Journal;

public sealed class JournalJsonTests
{
    private readonly FakeFiles _files = new();

    [Fact]
    public void The_line_is_an_object_of_all_fields_in_order_of_their_names()
    {
        _files.Add(1, "PRIORITY=6", "MESSAGE=say \"hi\"\n<b> & é\u0001", "A=1", "B=x", "A=2");

        Assert.Equal(
            "1000 {\"A\":\"2\",\"B\":\"x\",\"MESSAGE\":\"say \\\"hi\\\"\\n<b> & é\\u0001\",\"PRIORITY\":\"6\"}",
            Assert.Single(Read(out _)));
    }

    [Fact]
    public void An_entry_without_a_message_is_a_line_all_the_same()
    {
        _files.Add(1, "PRIORITY=6");

        Assert.Equal("1000 {\"PRIORITY\":\"6\"}", Assert.Single(Read(out var counts)));
        Assert.Equal(0, counts.WithoutMessage);
    }

    [Fact]
    public void What_would_make_the_line_too_long_for_loki_is_cut_or_left_out_and_counted()
    {
        _files.Add(1, "A=1", "COREDUMP=" + new string('x', JournalJson.OthersBytesMax),
            "MESSAGE=" + new string('m', JournalJson.MessageBytesMax + 10), "Z=2");

        var line = Assert.Single(Read(out var counts));

        using var parsed = JsonDocument.Parse(line[5..]);
        Assert.Equal(["A", "MESSAGE", "Z"], parsed.RootElement.EnumerateObject().Select(field => field.Name));
        Assert.Equal(JournalJson.MessageBytesMax, parsed.RootElement.GetProperty("MESSAGE").GetString()!.Length);
        Assert.Equal(2, counts.Cut);
    }

    [Fact]
    public void Bytes_that_are_no_text_are_replaced_and_counted()
    {
        _files.AddBytes(1, [.. "MESSAGE=a"u8, 0xff]);

        Assert.Equal("1000 {\"MESSAGE\":\"a\ufffd\"}", Assert.Single(Read(out var counts)));
        Assert.Equal(1, counts.InvalidBytes);
    }

    private List<string> Read(out EntryCounts counts)
    {
        using var lines = new JournalLines(_files.Open(), "");
        var read = ReadAll(lines, asJson: true);
        counts = lines.TakeCounts();
        return read;
    }
}
