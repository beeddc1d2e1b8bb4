using Weir.Routing.Language;

namespace Weir.Routing.Tests.Language;

/// <summary>Custom components: what they are made of, and what names mean in them.</summary>
public sealed class ModuleTests
{
    private const string Pipeline = """
        declare "pipeline" {
          argument "out" { }
          argument "url" {
            optional = true
            default  = "http://default"
          }
          sample.process "first" { forward_to = [sample.process.second.receiver] }
          sample.process "second" { forward_to = argument.out.value }
          sample.write "copy" {
            endpoint { url = argument.url.value }
          }
          export "in" { value = sample.process.first.receiver }
        }
        """;

    [Fact]
    public void A_custom_component_is_its_components_with_its_id_before_theirs()
    {
        var loaded = Loading.Good(Pipeline, """
            sample.process "source" { forward_to = [pipeline.a.in, pipeline.b.in] }
            pipeline "a" { out = [sample.write.w.receiver] }
            pipeline "b" { out = [pipeline.a.in] }
            sample.write "w" {
              endpoint { url = "http://w" }
            }
            """);

        Assert.Equal(
        [
            "pipeline.a/sample.process.first <- pipeline.a/sample.process.second",
            "pipeline.a/sample.process.second <- sample.write.w",
            "pipeline.a/sample.write.copy <- ",
            "pipeline.b/sample.process.first <- pipeline.b/sample.process.second",
            "pipeline.b/sample.process.second <- pipeline.a/sample.process.first",
            "pipeline.b/sample.write.copy <- ",
            "sample.process.source <- pipeline.a/sample.process.first, pipeline.b/sample.process.first",
            "sample.write.w <- ",
        ], Loading.Shape(loaded).Order(StringComparer.Ordinal));
        var order = loaded.Components.Select(block => block.Id).ToList();
        Assert.True(order.IndexOf("sample.process.source") > order.IndexOf("pipeline.b/sample.process.first"));
        Assert.Empty(loaded.ShapedBy);
    }

    [Fact]
    public void Arguments_and_exports_are_evaluated_where_they_stand()
    {
        var loaded = Loading.Good(Pipeline, """
            pipeline "a" {
              out = [sample.write.w.receiver]
              url = "http://" + sys.env("HOME")
            }
            pipeline "b" { out = [] }
            sample.write "w" {
              endpoint { url = "http://w" }
              forward_to = [pipeline.b.in]
            }
            """);
        var receiver = new SampleReceiver();

        var second = Loading.Evaluate(loaded, "pipeline.a/sample.process.second", "sample.write.w", receiver);
        var given = Loading.Evaluate(loaded, "pipeline.a/sample.write.copy");
        var standard = Loading.Evaluate(loaded, "pipeline.b/sample.write.copy");
        var outside = Loading.Evaluate(loaded, "sample.write.w", "pipeline.b/sample.process.first", receiver);

        Assert.Same(receiver, Assert.Single(((SampleProcess)second).ForwardTo));
        Assert.Equal("http:///root", ((SampleWrite)given).Endpoints[0].Url);
        Assert.Equal("http://default", ((SampleWrite)standard).Endpoints[0].Url);
        Assert.Same(receiver, Assert.Single(((SampleWrite)outside).ForwardTo));
    }

    [Fact]
    public void A_declaration_sees_the_declarations_around_it_and_may_have_its_own()
    {
        var loaded = Loading.Good("""
            declare "outer" {
              declare "inner" {
                leaf "x" { }
                export "url" { value = leaf.x.url }
              }
              inner "i" { }
              export "url" { value = inner.i.url + "/" + module_path }
            }
            declare "leaf" {
              export "url" { value = "leaf" }
            }
            outer "o" { }
            sample.write "w" {
              endpoint { url = outer.o.url }
            }
            """);

        var options = (SampleWrite)Loading.Evaluate(loaded, "sample.write.w");

        Assert.Equal("leaf/", options.Endpoints[0].Url);
    }

    [Fact]
    public void The_longest_id_counts()
    {
        var loaded = Loading.Good("""
            declare "sample" {
              export "w" { value = "short" }
              export "v" { value = "kept" }
            }
            sample "write" { }
            sample.write "w" {
              extra = sample.write.v
              endpoint { url = "x" }
            }
            sample.process "p" { forward_to = [sample.write.w.receiver] }
            """);

        Assert.Contains("sample.process.p <- sample.write.w", Loading.Shape(loaded));
        Assert.Equal("kept", ((StringValue)((SampleWrite)Loading.Evaluate(loaded, "sample.write.w")).Extra).Text);
    }

    [Fact]
    public void What_an_export_does_not_need_is_not_depended_on()
    {
        var loaded = Loading.Good("""
            declare "both" {
              argument "x" { }
              argument "y" { }
              export "x" { value = argument.x.value }
              export "y" { value = argument.y.value }
            }
            both "b" {
              x = "1"
              y = both.b.x + "2"
            }
            sample.write "w" {
              endpoint { url = both.b.y }
            }
            """);

        Assert.Equal("12", ((SampleWrite)Loading.Evaluate(loaded, "sample.write.w")).Endpoints[0].Url);
    }

    [Fact]
    public void Mistakes_have_their_place_and_name_what_makes_the_module()
    {
        var errors = Loading.Errors("""
            declare "m" {
              argument "n" { }
              argument "n" { }
              argument "o" { optional = "yes" }
              export "e" { }
              sample.write "w" {
                endpoint { url = argument.nn.value }
                targets = argument.n.value
              }
              sample.process "p" { forward_to = [sample.process.outside.receiver] }
              logging { }
              stray = 1
            }
            m "a" {
              n = "text"
              x = 1
              block { }
            }
            m "b" { o = undefined }
            m { }
            sample.process "outside" { forward_to = [m.a.nothing, m.a.e] }
            argument "top" { }
            declare "sample.write" { }
            """);

        Assert.Equal(
        [
            "0:3 \"argument.n\" is declared in 0.alloy:2:3 already",
            "0:4 expected bool, got string",
            "0:5 missing required attribute \"value\" in export",
            "0:7 argument \"nn\" is not declared",
            "0:8 expected list(map(string)), got string (in m.a, made in 0.alloy:14:1)",
            "0:10 component \"sample.process.outside\" does not exist",
            "0:11 block \"logging\" configures the node: it cannot stand in a module",
            "0:12 attribute \"stray\" stands in the body of a declaration",
            "0:14 missing required attribute \"o\" in m",
            "0:16 unrecognized attribute \"x\" in m",
            "0:17 unrecognized block \"block\" in m",
            "0:19 missing required attribute \"n\" in m",
            "0:19 identifier \"undefined\" does not exist",
            "0:20 \"m\" needs a label",
            "0:21 field \"nothing\" does not exist",
            "0:22 block \"argument\" stands outside of a declaration",
            "0:23 expected the label to be a valid identifier, got \"sample.write\"",
        ], errors);
    }

    [Fact]
    public void A_module_that_contains_or_needs_itself_is_refused()
    {
        var errors = Loading.Errors("""
            declare "a" {
              b "x" { }
            }
            declare "b" {
              a "y" { }
            }
            declare "echo" {
              argument "v" { }
              export "v" { value = argument.v.value }
            }
            a "top" { }
            echo "e" { v = echo.e.v }
            sample.process "p" { forward_to = pass.c.list }
            declare "pass" {
              argument "to" { }
              sample.process "q" { forward_to = argument.to.value }
              export "list" { value = [sample.process.q.receiver] }
            }
            pass "c" { to = [sample.process.p.receiver] }
            """);

        Assert.Contains(errors, error => error.StartsWith("0:5 \"a\" contains itself", StringComparison.Ordinal));
        Assert.Contains("0:12 this depends on itself", errors);
        Assert.Contains(errors, error => error.Contains(
            "cycle: sample.process.p → pass.c/sample.process.q → sample.process.p", StringComparison.Ordinal));
    }

    [Fact]
    public void A_bomb_of_modules_is_refused()
    {
        var text = string.Concat(Enumerable.Range(0, 30).Select(level =>
            $"declare \"m{level}\" {{\nm{level + 1} \"a\" {{ }}\nm{level + 1} \"b\" {{ }}\n}}\n"))
            + "declare \"m30\" { }\nm0 \"boom\" { }";

        var errors = Loading.Errors(text);

        Assert.Contains(errors, error => error.Contains("more than 10000 modules", StringComparison.Ordinal));
    }

    [Fact]
    public void Unknown_values_of_a_module_are_known_by_their_types()
    {
        var errors = Loading.Errors("""
            declare "m" {
              argument "r" { }
              export "r" { value = argument.r.value }
            }
            m "a" { r = sample.write.w.receiver }
            sample.write "w" {
              endpoint { url = "x" }
            }
            sample.write "v" {
              endpoint { url = m.a.r }
            }
            """);

        Assert.Equal(["0:10 expected string, got SampleReceiver"], errors);
    }
}
