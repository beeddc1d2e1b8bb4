using Weir.Routing.Language;

namespace Weir.Routing.Tests.Language;

public sealed class SyntaxFuzzTests
{
    internal const string Valid = """
        // sends logs
        logging {
          level = "info" /* quiet */
        }

        loki.process "p" {
          forward_to = [loki.write.w.receiver]
          stage.match {
            selector = `{a="b"}`
            stage.drop { older_than = "24h" }
          }
          stage.labels {
            values = {level = "", "app" = "x",}
          }
        }
        loki.write "w" {
          endpoint {
            url = "http://" + coalesce(sys.env("HOST"), "h")[0].x + "/" // push
            on = !(1 + 2 * 3 ^ -2 >= 4 && true || null == "\u00e9")
          }
        }
        """;

    private static readonly string[] Pieces =
    [
        "{", "}", "[", "]", "(", ")", ",", ".", "=", "\n", "\"", "`", "'", "#", "//", "/*", "*/", "a", " b ", "1",
            "1.5",
        "\\", "\0", "\uFEFF", "&&", "|", "!", "-", "^", "é", "\ud800", "true", "a = ", "x.y \"z\" {\n", "}\n", "= {\n",
        ";", ":",
    ];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Random_bytes_are_parsed_without_a_crash(int seed)
    {
        var random = new Random(seed);
        for (var run = 0; run < 500; run++)
        {
            var bytes = new byte[random.Next(200)];
            random.NextBytes(bytes);
            Check(SourceFile.Decode("fuzz", bytes), seed);
        }
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public void Random_pieces_of_the_language_are_parsed_without_a_crash(int seed)
    {
        var random = new Random(seed);
        for (var run = 0; run < 1_000; run++)
            Check(new SourceFile("fuzz", Fuzz.Text(random, Pieces, 60)), seed);
    }

    [Theory]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(9)]
    public void Damaged_configurations_are_parsed_without_a_crash(int seed)
    {
        var random = new Random(seed);
        for (var run = 0; run < 1_000; run++)
            Check(new SourceFile("fuzz", Fuzz.Damage(random, Valid, Pieces)), seed);
    }

    // Places must lie in the file, and one line must not be blamed twice.
    private static void Check(SourceFile source, int seed)
    {
        var tree = Parser.Parse(source);
        var lines = new HashSet<int>();
        foreach (var found in tree.Diagnostics)
        {
            Assert.True(found.Place.Offset >= 0 && found.Place.End <= source.Text.Length, $"seed {seed}: {found}");
            Assert.True(lines.Add(found.Place.Line), $"seed {seed}: two on a line: {found}");
            Assert.NotEmpty(DiagnosticRenderer.Render(found));
        }
    }
}
