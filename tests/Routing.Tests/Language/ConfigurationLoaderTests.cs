using Weir.Routing.Language;

namespace Weir.Routing.Tests.Language;

public sealed class ConfigurationLoaderTests
{
    private static readonly ComponentCatalog Catalog = ComponentCatalog.Scan(typeof(SampleWrite).Assembly);

    private static LoadedConfiguration? Load(DiagnosticBag found, params string[] texts) =>
        new ConfigurationLoader(Catalog, Evaluating.Library)
            .Load(texts.Select((text, index) => new SourceFile($"{index}.alloy", text)), found);

    private static IEnumerable<string> Errors(params string[] texts)
    {
        var found = new DiagnosticBag();
        Assert.Null(Load(found, texts));
        return found.Sorted().Select(item => $"{item.Place.File[0]}:{item.Place.Line} {item.Message}");
    }

    private static string? Hint(string text)
    {
        var found = new DiagnosticBag();
        Load(found, text);
        return Assert.Single(found.Items).Hint;
    }

    [Fact]
    public void Components_come_behind_those_they_refer_to()
    {
        var found = new DiagnosticBag();

        var loaded = Load(found, """
            logging { write_to = [sample.process.a.receiver] }
            sample.process "a" { forward_to = [sample.process.b.receiver, sample.write.w.receiver] }
            sample.self { }
            """, """
            sample.process "b" {
              forward_to = array.concat([sample.write.w.receiver])
            }
            sample.write "w" {
              endpoint { url = sys.env("HOME") + "/x" }
            }
            """);

        Assert.Empty(found.Items);
        Assert.Equal(["sample.self", "sample.write.w", "sample.process.b", "sample.process.a"],
            loaded!.Components.Select(component => component.Id));
        Assert.Equal(["sample.process.b", "sample.write.w"], loaded.Components[3].References);
        Assert.Equal(["sample.process.a"], Assert.Single(loaded.Settings).References);
    }

    [Fact]
    public void A_component_is_evaluated_with_the_exports_of_others()
    {
        var loaded = Load(new DiagnosticBag(), """
            sample.write "w" {
              endpoint { url = "a" }
            }
            sample.process "p" { forward_to = [sample.write.w.receiver] }
            """)!;
        var receiver = new SampleReceiver();

        var options = loaded.Components[1].Evaluate(
            id => id == "sample.write.w" ? new SampleExports { Receiver = receiver } : null, new DiagnosticBag());

        Assert.Same(receiver, Assert.Single(Assert.IsType<SampleProcess>(options).ForwardTo));
    }

    [Fact]
    public void All_mistakes_of_all_files_are_reported_at_once()
    {
        var errors = Errors("""
            sample.wriet "w" { }
            loki.source.kafka "k" { }
            clients { url = "x" }
            sample.process "a" {
              forward_to = [sample.write.y.receiver, sample.process.a.recever, sample.wriet.w.receiver]
              other = 1
            }
            sample.process { forward_to = [] }
            sample.self "x" { }
            sample.new "n" { }
            stray = 1
            """, """
            sample.process "a" { forward_to = [] }
            sample.write "z" {
              targets = sample.process.b.receiver
              forward_to = sample.process.b.targets
              endpoint { url = sample.process.b.token }
              x = 'y'
            }
            sample.write "q" {
              targets = sample.process.b.receiver
              forward_to = sample.process.b.targets
              endpoint { url = sample.process.b.token }
            }
            sample.process "b" { forward_to = [] }
            """);

        Assert.Equal(
        [
            "0:1 unrecognized component \"sample.wriet\"",
            "0:2 component \"loki.source.kafka\" is known, but not supported by Weir yet",
            "0:3 \"clients\" is a section of Promtail's file",
            "0:5 component \"sample.write.y\" does not exist",
            "0:5 field \"recever\" does not exist",
            "0:6 unrecognized attribute \"other\" in sample.process",
            "0:8 \"sample.process\" needs a label",
            "0:9 \"sample.self\" has no label",
            "0:10 \"sample.new\" is experimental",
            "0:11 attribute \"stray\" stands outside of any block",
            "1:1 \"sample.process.a\" is declared in 0.alloy:4:1 already",
            "1:6 illegal single-quoted string",
            "1:9 expected list(map(string)), got SampleReceiver",
            "1:10 expected list(SampleReceiver), got list(map(string))",
            "1:11 expected string, got secret",
        ], errors.Where(error => !error.Contains("cycle", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_cycle_is_shown_with_its_path()
    {
        var errors = Errors("""
            sample.process "a" { forward_to = [sample.process.b.receiver] }
            sample.process "b" { forward_to = [sample.process.c.receiver] }
            sample.process "c" { forward_to = [sample.process.b.receiver] }
            sample.process "d" { forward_to = [sample.process.d.receiver] }
            """);

        Assert.Equal(
        [
            "0:2 cycle: sample.process.b → sample.process.c → sample.process.b",
            "0:4 cycle: sample.process.d → sample.process.d",
        ], errors);
    }

    [Theory]
    [InlineData("sample.process \"a\" { forward_to = [sample.write.defualt.receiver] }\nsample.write \"default\" {\n"
        + "endpoint { url = \"a\" }\n}", "did you mean \"sample.write.default\"?")]
    [InlineData("sample.procss \"a\" { }", "did you mean \"sample.process\"?")]
    [InlineData("server { }", "remove it; the flag --server.http.listen-addr says where weir listens")]
    [InlineData("sample.new \"n\" { }", "allow it with --stability.level=experimental")]
    public void A_wrong_name_gets_a_remedy(string text, string hint) => Assert.Equal(hint, Hint(text));

    [Fact]
    public void A_component_lost_to_a_syntax_error_is_not_reported_as_missing()
    {
        var errors = Errors("sample.write = \"w\" {\nendpoint { url = \"a\" }\n}\n"
            + "sample.process \"p\" { forward_to = [sample.write.w.receiver] }");

        Assert.Single(errors);
    }

    [Fact]
    public void Experimental_components_are_allowed_where_the_operator_says_so()
    {
        var found = new DiagnosticBag();
        var loader = new ConfigurationLoader(Catalog, Evaluating.Library, Stability.Experimental);

        var loaded = loader.Load([new SourceFile("a", "sample.new \"n\" { }")], found);

        Assert.NotNull(loaded);
    }

    [Fact]
    public void An_empty_configuration_is_no_mistake() =>
        Assert.Empty(Load(new DiagnosticBag(), "// nothing")!.Components);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Damaged_configurations_are_loaded_without_a_crash(int seed)
    {
        var random = new Random(seed);
        const string valid = """
            logging { write_to = [sample.process.a.receiver] }
            sample.process "a" {
              stage.json { source = "x" }
              forward_to = [sample.write.w.receiver]
            }
            sample.write "w" {
              endpoint {
                url = "a" + "b"
                timeout = "1s"
              }
            }
            """;
        for (var run = 0; run < 500; run++)
        {
            var (from, to) = (random.Next(valid.Length), random.Next(valid.Length));
            var text = valid.Remove(from, Math.Min(random.Next(6), valid.Length - from))
                + valid[Math.Min(from, to)..Math.Max(from, to)];
            var found = new DiagnosticBag();

            var loaded = Load(found, text);

            Assert.True(loaded is null == found.HasErrors, $"seed {seed}: {text}");
        }
    }
}
