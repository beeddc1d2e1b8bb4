using Weir.Routing.Language;

namespace Weir.Routing.Tests.Language;

public sealed class UnsupportedPruningTests
{
    private static (LoadedConfiguration? Loaded, DiagnosticBag Found) Load(string text)
    {
        var found = new DiagnosticBag();
        var loader = new ConfigurationLoader(
            ComponentCatalog.Scan(typeof(SampleWrite).Assembly), Evaluating.Library, skipsUnsupported: true);
        return (loader.Load([new SourceFile("c.alloy", text)], found), found);
    }

    private static IEnumerable<string> Disabled(LoadedConfiguration? loaded) =>
        loaded!.Disabled.Select(block => $"{block.Id}: {block.Reason}");

    private const string Write = "sample.write \"w\" {\n endpoint { url = \"a\" }\n}\n";

    [Fact]
    public void A_reference_in_a_list_is_left_out_and_the_rest_runs()
    {
        var (loaded, found) = Load(Write + """
            loki.source.kafka "k" { forward_to = [sample.process.p.receiver] }
            otelcol.receiver.loki "o" { }
            sample.process "p" {
              forward_to = array.concat([otelcol.receiver.loki.o.receiver], [sample.write.w.receiver])
            }
            """);

        Assert.Equal(["sample.write.w", "sample.process.p"], loaded!.Components.Select(component => component.Id));
        Assert.Equal(["sample.write.w"], loaded.Components[1].References);
        Assert.Equal(["loki.source.kafka.k", "otelcol.receiver.loki.o"], loaded.Disabled.Select(block => block.Id));
        Assert.Equal(
        [
            "2: loki.source.kafka.k does not run: Weir does not support it",
            "3: otelcol.receiver.loki.o does not run: Weir does not support it",
            "5: this is left out: otelcol.receiver.loki.o does not run",
        ], found.Sorted().Select(item => $"{item.Place.Line - 2}: {item.Message}"));
    }

    [Fact]
    public void A_component_with_no_receiver_left_is_disabled_and_so_on_up_to_the_source()
    {
        var (loaded, _) = Load(Write + """
            sample.process "first" { forward_to = [sample.process.second.receiver] }
            sample.process "second" { forward_to = [(loki.rules.kubernetes.x.receiver)] }
            loki.rules.kubernetes "x" { }
            """);

        Assert.Equal(
        [
            "loki.rules.kubernetes.x: Weir does not support it",
            "sample.process.second: \"forward_to\" needs loki.rules.kubernetes.x, which does not run",
            "sample.process.first: \"forward_to\" needs sample.process.second, which does not run",
        ], Disabled(loaded));
        Assert.Equal(["sample.write.w"], loaded!.Components.Select(component => component.Id));
    }

    [Fact]
    public void A_component_whose_argument_is_lost_is_disabled_also_where_it_stands_in_a_nested_block()
    {
        var (loaded, _) = Load("""
            remote.vault "v" { }
            sample.write "w" {
              endpoint { url = "http://" + remote.vault.v.data.host }
            }
            """);

        Assert.Equal(["remote.vault.v", "sample.write.w"], loaded!.Disabled.Select(block => block.Id));
    }

    [Fact]
    public void A_block_of_the_node_goes_on_without_the_argument()
    {
        var (loaded, _) = Load("""
            otelcol.receiver.loki "o" { }
            logging {
              level    = "debug"
              write_to = [otelcol.receiver.loki.o.receiver]
            }
            """);

        Assert.Equal("level", Assert.Single(Assert.Single(loaded!.Settings).Syntax.Body.Attributes).Name);
    }

    [Fact]
    public void What_comes_from_a_module_that_cannot_be_imported_is_disabled_wherever_it_stands()
    {
        var (loaded, _) = Load(Write + """
            lib.filter "f" { forward_to = [sample.write.w.receiver] }
            sample.process "p" { forward_to = [lib.filter.f.receiver] }
            import.git "lib" { repository = "x" }
            """);

        Assert.Equal(["import.git.lib", "lib.filter.f", "sample.process.p"],
            loaded!.Disabled.Select(block => block.Id));
    }

    [Fact]
    public void A_module_goes_on_without_and_what_it_no_longer_exports_is_missed_where_it_is_used()
    {
        var (loaded, found) = Load(Write + """
            declare "mine" {
              otelcol.receiver.loki "o" { }
              sample.process "kept" { forward_to = [] }
              export "lost" { value = otelcol.receiver.loki.o.receiver }
              export "kept" { value = sample.process.kept.receiver }
            }
            mine "a" { }
            otelcol.receiver.loki "o" { }
            sample.process "p" { forward_to = [mine.a.lost, mine.a.kept] }
            sample.process "q" { forward_to = [mine.a.lost] }
            """);

        Assert.False(found.HasErrors);
        Assert.Equal(["otelcol.receiver.loki.o", "sample.process.q", "mine/otelcol.receiver.loki.o"],
            loaded!.Disabled.Select(block => block.Id));
        Assert.Contains("sample.process.p", loaded.Components.Select(component => component.Id));
        Assert.DoesNotContain("sample.process.q", loaded.Components.Select(component => component.Id));
    }

    [Fact]
    public void A_module_that_has_a_component_of_the_same_name_is_not_concerned()
    {
        var (loaded, found) = Load(Write + """
            declare "mine" {
              sample.process "k" { forward_to = [] }
              export "receiver" { value = sample.process.k.receiver }
            }
            mine "a" { }
            sample.process "k" { forward_to = [loki.rules.kubernetes.x.receiver] }
            loki.rules.kubernetes "x" { }
            sample.process "p" { forward_to = [mine.a.receiver] }
            """);

        Assert.False(found.HasErrors);
        Assert.Equal(["loki.rules.kubernetes.x", "sample.process.k"], loaded!.Disabled.Select(block => block.Id));
    }

    private static (LoadedConfiguration? Loaded, DiagnosticBag Found) LoadImporting(string text, params string[] ids)
    {
        const string Module = """
            declare "writer" {
              otelcol.receiver.loki "o" { }
              sample.write "w" {
                endpoint { url = "a" }
              }
              sample.process "p" { forward_to = [otelcol.receiver.loki.o.receiver, sample.write.w.receiver] }
              export "lost" { value = otelcol.receiver.loki.o.receiver }
              export "kept" { value = sample.process.p.receiver }
            }
            """;
        var files = new SourceFile("lib.alloy", Module);
        var found = new DiagnosticBag();
        var loader = new ConfigurationLoader(ComponentCatalog.Scan(typeof(SampleWrite).Assembly), Evaluating.Library,
            skipsUnsupported: true);
        object? Exports(string id) => ids.Contains(id) ? new ModuleExports([files]) : null;
        return (loader.Load([Parser.Parse(new SourceFile("c.alloy", text))], found, Exports, out _), found);
    }

    [Fact]
    public void An_imported_file_goes_on_without_and_what_it_no_longer_exports_is_missed()
    {
        var (loaded, found) = LoadImporting("""
            import.sample "lib" { }
            lib.writer "a" { }
            sample.process "q" { forward_to = [lib.writer.a.lost, lib.writer.a.kept] }
            sample.process "r" { forward_to = [lib.writer.a.lost] }
            """, "import.sample.lib");

        Assert.False(found.HasErrors, string.Join('\n', found.Items));
        Assert.Equal(["sample.process.r", "import.sample.lib/writer/otelcol.receiver.loki.o"],
            loaded!.Disabled.Select(block => block.Id));
        Assert.Equal(["import.sample.lib", "lib.writer.a/sample.process.p", "lib.writer.a/sample.write.w",
            "sample.process.q"], loaded.Components.Select(component => component.Id).Order());
        Assert.Contains("lib.alloy:2:3: warning: import.sample.lib/writer/otelcol.receiver.loki.o does not run: "
            + "Weir does not support it", string.Join('\n', found.Items), StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_not_known_yet_takes_nothing_away()
    {
        var (loaded, found) = LoadImporting("""
            import.sample "lib" { }
            lib.writer "a" { }
            sample.process "q" { forward_to = [lib.writer.a.lost] }
            """);

        Assert.Empty(found.Items);
        Assert.Empty(loaded!.Disabled);
    }

    [Fact]
    public void A_module_in_a_text_or_in_a_declaration_goes_on_without_too()
    {
        var (loaded, found) = LoadImporting("""
            import.string "text" {
              content = `declare "x" {
                prometheus.scrape "s" { }
                export "lost" { value = prometheus.scrape.s.receiver }
              }`
            }
            declare "mine" {
              import.sample "lib" { }
              lib.writer "b" { }
              sample.process "p" { forward_to = [lib.writer.b.kept, lib.writer.b.lost] }
              sample.process "q" { forward_to = [lib.writer.b.lost] }
            }
            text.x "a" { }
            mine "m" { }
            sample.process "p" { forward_to = [text.x.a.lost] }
            """, "mine.m/import.sample.lib");

        Assert.False(found.HasErrors, string.Join('\n', found.Items));
        Assert.Equal(["import.string.text/x/prometheus.scrape.s", "mine.m/import.sample.lib/writer/"
            + "otelcol.receiver.loki.o", "mine/sample.process.q", "sample.process.p"],
            loaded!.Disabled.Select(block => block.Id).Order());
        Assert.Contains("mine.m/sample.process.p", loaded.Components.Select(component => component.Id));
    }

    [Fact]
    public void A_module_that_imports_itself_is_refused_also_where_blocks_are_left_out()
    {
        var found = new DiagnosticBag();
        var loader = new ConfigurationLoader(ComponentCatalog.Scan(typeof(SampleWrite).Assembly), Evaluating.Library,
            skipsUnsupported: true);
        var itself = new SourceFile("lib.alloy", "import.sample \"a\" { }\nimport.sample \"b\" { }");

        var loaded = loader.Load([Parser.Parse(new SourceFile("c.alloy", "import.sample \"lib\" { }"))], found,
            _ => new ModuleExports([itself]), out _);

        Assert.Null(loaded);
        Assert.True(found.HasErrors);
    }

    [Fact]
    public void A_custom_component_may_be_called_as_one_of_Alloys()
    {
        var (loaded, found) = Load("""
            declare "prometheus" { }
            import.string "otelcol" { content = `declare "x" { }` }
            prometheus "p" { }
            otelcol.x "o" { }
            """);

        Assert.Empty(found.Items);
        Assert.Empty(loaded!.Disabled);
    }

    [Theory]
    [InlineData("prometheus.write.queue")]
    [InlineData("otelcol.exporter.logging")]
    [InlineData("otelcol.processor.of_a_later_version")]
    [InlineData("module.file")]
    [InlineData("phlare.write")]
    public void Components_of_other_versions_of_Alloy_are_left_out_as_well(string name)
    {
        var (loaded, _) = Load($"{name} \"x\" {{ }}");

        Assert.Equal($"{name}.x", Assert.Single(loaded!.Disabled).Id);
    }

    [Fact]
    public void A_mistyped_name_is_still_a_mistake()
    {
        var (loaded, found) = Load("sample.wriet \"w\" { }");

        Assert.Null(loaded);
        Assert.True(found.HasErrors);
    }
}
