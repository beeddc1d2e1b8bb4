using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Weir.Node.Sources.Journal;
using Weir.Protocol.Batches;
using Xunit.Abstractions;
using static Weir.Node.Tests.Sources.Journal.JournalReading;

namespace Weir.Node.Tests.Sources.Journal;

public sealed class JournalFuzzTests(ITestOutputHelper output)
{
    private static readonly string[] Names = ["MESSAGE", "PRIORITY", "_SYSTEMD_UNIT", "A", "", "a b", "é"];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Whatever_fields_hold_each_entry_is_a_line_or_counted(bool asJson)
    {
        var seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var files = new FakeFiles();
        for (var i = 0; i < 2000; i++) files.AddBytes(random.Next(100), Fields(random));
        var labels = Labels(new JournalSourceOptions
        {
            RelabelRules = Copying("__journal_priority_keyword", "level", "__journal__systemd_unit", "unit"),
        });
        using var lines = new JournalLines(files.Open(), "");

        var seen = 0;
        for (var isEnd = false; !isEnd;)
        {
            using var batch = new LogBatch();
            isEnd = lines.Fill(batch, labels, asJson);
            foreach (ref readonly var entry in batch.Entries)
            {
                seen++;
                Assert.True(Utf8.IsValid(batch.Line(entry)));
                if (asJson) JsonDocument.Parse(batch.Line(entry).ToArray()).Dispose();
            }
        }

        var counts = lines.TakeCounts();
        Assert.Equal(2000, counts.Lines + counts.WithoutMessage);
        Assert.Equal(seen, counts.Lines);
    }

    [Fact]
    public void No_position_and_no_selection_is_too_strange()
    {
        var seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        for (var i = 0; i < 20_000; i++)
        {
            var text = Text(random);

            if (JournalPlace.TryParse(text, out var place))
                Assert.Equal(text, place.ToPosition(new("c", "k")).Context);
            JournalPlace.EntriesBetween(text, Text(random));
            if (JournalMatches.ProblemOf(text) is null)
                Assert.All(JournalMatches.Split(text), match => Assert.Contains('=', match));
        }
    }

    private static byte[][] Fields(Random random)
    {
        var fields = new byte[random.Next(6)][];
        for (var i = 0; i < fields.Length; i++)
        {
            var value = new byte[random.Next(10) == 0 ? random.Next(5000) : random.Next(20)];
            random.NextBytes(value);
            var name = Encoding.UTF8.GetBytes(Names[random.Next(Names.Length)]);
            fields[i] = random.Next(20) == 0 ? value : [.. name, (byte)'=', .. value];
        }

        return fields;
    }

    private static string Text(Random random)
    {
        string[] pieces =
            ["1", "2", " ", "  ", ";", "i=", "s=", "=", "A", "_", "b", "-5", "99999999999999999999", "\n"];
        return string.Concat(Enumerable.Range(0, random.Next(12)).Select(_ => pieces[random.Next(pieces.Length)]));
    }
}
