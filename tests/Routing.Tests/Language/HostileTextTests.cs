using Weir.Routing.Components;
using Weir.Routing.Doctor;
using Weir.Routing.Language;
using Weir.Routing.Ports;

namespace Weir.Routing.Tests.Language;

/// <summary>No text stalls or crashes what reads configurations, from the lexer to the doctor.</summary>
public sealed class HostileTextTests
{
    private static readonly ComponentCatalog Catalog = ComponentCatalog.Scan(typeof(Graph).Assembly);

    private const string Valid = """
        logging {
          write_to = [loki.process.p.receiver]
        }

        server { http { listen_port = 80 } }

        declare "module" {
          argument "to" { }

          loki.process "inner" {
            forward_to = argument.to.value
            stage.labels { values = {request_id = ""} }
          }

          export "receiver" { value = loki.process.inner.receiver }
        }

        module "m" { to = [loki.write.w.receiver] }

        loki.process "p" {
          forward_to = [module.m.receiver, loki.relabel.r.receiver]

          stage.multiline { firstline = `\d+` }
          stage.match {
            selector = `{a="b"}`
            stage.drop { expression = "a^" }
          }
          stage.regex {
            expression         = `(?P<path>\S+)`
            labels_from_groups = true
          }
        }

        loki.relabel "r" {
          forward_to = [loki.write.w.receiver]
          rule {
            source_labels = ["__meta_docker_container_name"]
            regex         = "nginx"
            target_label  = "trace_id"
          }
        }

        loki.write "w" {
          cardinality_guard { action = "demote" }
          endpoint {
            url     = "http://u:p@loki:3100"
            timeout = "5s"
            headers = {"X-Api-Key" = "k"}
          }
          endpoint { url = "http://loki:3100" }
        }

        """;

    private static readonly string[] Pieces =
    [
        "{", "}", "[", "]", "(", ")", ",", "=", "\n", "\"", "`", "//", "/*", "*/", "stage.labels { ", "rule {\n",
        "null", "-1", "[]", "{}", "loki.write.w.receiver", "loki.process \"p\" {\n", "values = ", "forward_to = ",
        "server { }\n", "labels = {", "\\", "é", "\ud800", "loki.source.docker \"d\" {\n", "sys.env(\"X\")", "+",
    ];

    [Theory]
    [InlineData("{")]
    [InlineData("[")]
    [InlineData("(")]
    [InlineData("a {\n")]
    [InlineData("a = [")]
    [InlineData("a = [\n1\n")]
    [InlineData("a = {\nb = 1\n")]
    [InlineData("a = 1\n")]
    [InlineData("a = 1 + ")]
    [InlineData("- ")]
    [InlineData("a.")]
    [InlineData("a[")]
    [InlineData("f(")]
    [InlineData("a \"b\" {}\n")]
    [InlineData("\"")]
    [InlineData("\"\\")]
    [InlineData("`")]
    [InlineData("'")]
    [InlineData("/*")]
    [InlineData("//\n")]
    [InlineData("#")]
    [InlineData("}")]
    [InlineData("1 ")]
    [InlineData("a = 'x'\n")]
    [InlineData("loki.echo \"e\" { }\n")]
    [InlineData("loki.wriet \"e\" { x = loki.wriet.e }\n")]
    [InlineData("loki.kafka \"e\" { x = [loki.kafka.e] }\n")]
    public void A_piece_repeated_without_end_does_not_stall(string piece)
    {
        // With quadratic work these would take minutes each: coming back is the assertion.
        var source = new SourceFile("hostile", string.Concat(Enumerable.Repeat(piece, 50_000)));

        var tree = Parser.Parse(source);
        var formatted = Formatter.Format(source, new DiagnosticBag());

        foreach (var found in tree.Diagnostics.Take(100)) Assert.NotEmpty(DiagnosticRenderer.Render(found));
        Assert.Equal(tree.HasErrors, formatted is null);
    }

    [Theory]
    [InlineData("a.")]
    [InlineData("a = 1\n")]
    [InlineData("a = [\n1\n")]
    [InlineData("a \"b\" {}\n")]
    [InlineData("//\n")]
    [InlineData("1 ")]
    [InlineData("}")]
    public void Memory_grows_with_the_length_of_a_text_not_with_its_square(string piece)
    {
        long Taken(int count)
        {
            var source = new SourceFile("hostile", string.Concat(Enumerable.Repeat(piece, count)));
            var before = GC.GetAllocatedBytesForCurrentThread();
            Parser.Parse(source);
            Formatter.Format(source, new DiagnosticBag());
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Taken(5_000);

        var (some, eightfold) = (Taken(5_000), Taken(40_000));

        Assert.True(eightfold < some * 20, $"{some} bytes, then {eightfold}");
    }

    [Theory]
    [InlineData("loki.echo \"eINDEX\" { }\n")]
    [InlineData("loki.relabel \"eINDEX\" {\n forward_to = [loki.relabel.eNEXT.receiver]\n}\n")]
    [InlineData("loki.source.kafka \"eINDEX\" {\n forward_to = [loki.source.kafka.eNEXT.receiver]\n}\n")]
    [InlineData("loki.write \"eINDEX\" {\n endpoint { url = \"http://a\" }\n}\n")]
    public void A_file_of_many_components_is_loaded_and_examined(string block)
    {
        var text = string.Concat(Enumerable.Range(0, 2_000).Select(index => block
            .Replace("INDEX", $"{index}", StringComparison.Ordinal)
            .Replace("NEXT", $"{index + 1}", StringComparison.Ordinal)));

        var found = Examine(text, skipsUnsupported: true);

        Assert.NotEmpty(found.Items);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Damaged_configurations_are_examined_without_a_crash(int seed)
    {
        var random = new Random(seed);
        for (var run = 0; run < 300; run++)
        {
            var text = Fuzz.Damage(random, Valid, Pieces);

            var fault = Record.Exception(() => Examine(text, skipsUnsupported: run % 2 == 0));

            Assert.True(fault is null, $"seed {seed}: {fault}\n{text}");
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_comma_that_is_missing_at_a_line_end_changes_no_meaning(int seed)
    {
        var random = new Random(seed);
        var mended = 0;
        for (var run = 0; run < 200; run++)
        {
            var valid = Formatter.Format(new SourceFile("f", new RandomSource(random).File()), new DiagnosticBag())!;
            var text = string.Join('\n', valid.Split('\n').Select(line =>
                line.EndsWith(',') && random.Next(2) == 0 ? line[..^1] : line));
            var tree = Parser.Parse(new SourceFile("g", text));
            if (tree.HasErrors) continue; // behind the line end stands what goes on with an expression

            var formatted = Formatter.Format(tree.Source, new DiagnosticBag());

            Assert.True(formatted == valid, $"seed {seed}:\n{text}\n---\n{valid}\n---\n{formatted}");
            if (text != valid) mended++;
        }

        Assert.True(mended > 10, $"seed {seed}: only {mended} were mended");
    }

    private static DiagnosticBag Examine(string text, bool skipsUnsupported)
    {
        var found = new DiagnosticBag();
        SyntaxTree[] trees = [Parser.Parse(new SourceFile("c.alloy", text))];
        var loader = new ConfigurationLoader(
            Catalog, Evaluating.Library, Stability.Experimental, skipsUnsupported);
        loader.Load(trees, found, _ => null, out var understood);
        ConfigurationDoctor.Examine(understood, trees, new BareHost(), found);
        foreach (var item in found.Items)
            Assert.True(item.Place.Offset >= 0 && item.Place.End <= item.Place.Source.Text.Length, item.ToString());
        return found;
    }

    /// <summary>A host that has nothing.</summary>
    private sealed class BareHost : IHostInspection
    {
        public string? SocketProblem(string path) => "absent";

        public string? JournalProblem(string folder) => "absent";

        public bool HasVariable(string name) => false;

        public int? CountFiles(string glob) => glob.StartsWith('/') ? 0 : null;
    }
}
