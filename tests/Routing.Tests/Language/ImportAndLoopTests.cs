using Weir.Routing.Language;

namespace Weir.Routing.Tests.Language;

/// <summary>What is known only while a configuration runs: imported modules, and lists that <c>foreach</c> goes
/// through.</summary>
public sealed class ImportAndLoopTests
{
    private const string Importing = """
        import.sample "lib" { }
        lib.writer "w" { url = "http://x" }
        sample.process "p" { forward_to = [lib.writer.w.receiver] }
        sample.process "q" { forward_to = [sample.process.p.receiver] }
        sample.process "r" { forward_to = [] }
        """;

    private const string Module = """
        declare "writer" {
          argument "url" { }
          sample.write "w" {
            endpoint { url = argument.url.value }
          }
          export "receiver" { value = sample.write.w.receiver }
        }
        """;

    private static Func<string, object?> Knowing(string id, string module) =>
        asked => asked == id ? new ModuleExports([new SourceFile("lib.alloy", module)]) : null;

    private static Func<string, object?> Exporting(params string[] names) =>
        asked => asked != "sample.write.d" ? null : new SampleExports
        {
            Targets = [.. names.Select(name => new Dictionary<string, string> { ["name"] = name })],
        };

    private static IEnumerable<string> Ids(LoadedConfiguration loaded) => loaded.Components.Select(block => block.Id);

    [Fact]
    public void What_needs_a_module_is_left_out_until_the_module_is_known()
    {
        var before = Loading.Good(Importing);

        var after = Loading.Good(Knowing("import.sample.lib", Module), Importing);

        Assert.Equal(["import.sample.lib", "sample.process.r"], Ids(before));
        Assert.Equal(["0.alloy:1:1: the module import.sample.lib is not known"], before.Awaited);
        Assert.Equal(["import.sample.lib"], before.ShapedBy);
        Assert.Equal(
            ["import.sample.lib", "sample.process.r", "lib.writer.w/sample.write.w", "sample.process.p",
                "sample.process.q"], Ids(after));
        Assert.Empty(after.Awaited);
    }

    [Fact]
    public void Mistakes_of_a_module_and_in_its_use_have_their_places()
    {
        var syntax = Loading.Errors(Knowing("import.sample.lib", "declare \"x\" {\n  a = = 1\n}"), Importing);
        var stray = Loading.Errors(
            Knowing("import.sample.lib", Module + "\nsample.process \"p\" { forward_to = [] }\nlogging { }"),
            Importing);
        var use = Loading.Errors(Knowing("import.sample.lib", Module.Replace("\"writer\"", "\"writers\"",
            StringComparison.Ordinal)), Importing);
        var argument = Loading.Errors(
            Knowing("import.sample.lib", Module), Importing + "\nlib.writer \"v\" { url = [] }");

        Assert.Contains("l:2", Assert.Single(syntax, error => error.StartsWith("l:", StringComparison.Ordinal)),
            StringComparison.Ordinal);
        Assert.Equal(
        [
            "l:8 block \"sample.process\" stands in a module outside of any declaration",
            "l:9 block \"logging\" stands in a module outside of any declaration",
        ], stray);
        Assert.Equal(["0:2 module \"lib\" declares no \"writer\""], use);
        Assert.Equal(["l:4 expected string, got array (in lib.writer.v, made in 0.alloy:6:1)"], argument);
    }

    [Fact]
    public void A_module_does_not_see_what_is_around_its_import()
    {
        var errors = Loading.Errors(Knowing("import.sample.lib", """
            declare "writer" {
              argument "url" { }
              helper "h" { }
              export "receiver" { value = sample.process.r.receiver }
            }
            """), Importing, "declare \"helper\" { }");

        Assert.Equal(
        [
            "l:3 unrecognized component \"helper\"",
            "l:4 component \"sample.process.r\" does not exist",
        ], errors);
    }

    [Fact]
    public void A_module_imports_others_and_is_refused_when_it_never_ends()
    {
        const string nested = """
            import.sample "inner" { }
            declare "writer" {
              argument "url" { }
              inner.writer "i" { url = argument.url.value }
              export "receiver" { value = inner.writer.i.receiver }
            }
            """;
        object? Exports(string id) => id switch
        {
            "import.sample.lib" => new ModuleExports([new SourceFile("lib.alloy", nested)]),
            "import.sample.lib/import.sample.inner" => new ModuleExports([new SourceFile("inner.alloy", Module)]),
            _ => null,
        };

        var loaded = Loading.Good(Exports, Importing);
        var endless = Loading.Errors(
            id => id.StartsWith("import", StringComparison.Ordinal)
                ? new ModuleExports([new SourceFile("lib.alloy", nested)]) : null, Importing);

        Assert.Contains("lib.writer.w/inner.writer.i/sample.write.w", Ids(loaded));
        Assert.Contains(endless, error => error.Contains("nested more than", StringComparison.Ordinal));
    }

    [Fact]
    public void A_text_is_a_module_too_and_a_secret_one_is_not_shown()
    {
        var plain = Loading.Good(
            $"import.string \"lib\" {{ content = `{Module}` }}\nlib.writer \"w\" {{ url = \"x\" }}");
        var found = new DiagnosticBag();
        Loading.Load(
            id => id != "sample.write.s" ? null
                : new SampleExports { Token = new Secret("declare \"hunter2\" { !! }") },
            found, """
            sample.write "s" {
              endpoint { url = "x" }
            }
            import.string "lib" { content = sample.write.s.token }
            """);

        Assert.Equal(["lib.writer.w/sample.write.w"], Ids(plain));
        Assert.Empty(plain.ShapedBy);
        Assert.DoesNotContain(
            "hunter2", DiagnosticRenderer.Render(Assert.Single(found.Items)), StringComparison.Ordinal);
    }

    [Fact]
    public void An_import_that_is_not_supported_is_named_and_its_use_is_no_second_mistake() => Assert.Equal(
    [
        "0:1 block \"import.git\" is known, but not supported by Weir yet",
    ], Loading.Errors("""
        import.git "lib" {
          repository = "a"
        }
        lib.thing "b" { }
        sample.process "p" { forward_to = [lib.thing.b.receiver] }
        """));

    [Fact]
    public void A_foreach_makes_its_components_once_an_item()
    {
        const string text = """
            sample.write "d" {
              endpoint { url = "x" }
            }
            foreach "all" {
              collection = sample.write.d.targets
              var        = "each"
              id         = "name"
              template {
                sample.write "w" {
                  endpoint { url = each.name }
                  targets = [each]
                }
                sample.process "p" { forward_to = [sample.write.w.receiver, sample.write.d.receiver] }
              }
            }
            """;

        var before = Loading.Good(text);
        var after = Loading.Good(Exporting("a/b", "c", "c"), text);

        Assert.Equal(["sample.write.d"], Ids(before));
        Assert.Equal(["0.alloy:4:1: the collection of foreach.all is not known"], before.Awaited);
        Assert.Equal(["sample.write.d"], after.ShapedBy);
        Assert.Equal(
        [
            "sample.write.d",
            "foreach.all/foreach_a_b_1/sample.write.w", "foreach.all/foreach_a_b_1/sample.process.p",
            "foreach.all/foreach_c_1/sample.write.w", "foreach.all/foreach_c_1/sample.process.p",
            "foreach.all/foreach_c_2/sample.write.w", "foreach.all/foreach_c_2/sample.process.p",
        ], Ids(after));
        Assert.Equal(["foreach.all/foreach_c_1/sample.write.w", "sample.write.d"], after.Components[4].References);
        var options = (SampleWrite)Loading.Evaluate(after, "foreach.all/foreach_a_b_1/sample.write.w");
        Assert.Equal("a/b", options.Endpoints[0].Url);
    }

    [Theory]
    [InlineData("[\"a b\"]", "", "foreach_a_b_1")]
    [InlineData("[\"a b\"]", "hash_string_id = true", "foreach_c8687a08aa5d6ed2_1")]
    [InlineData("[7]", "", "foreach_7_1")]
    [InlineData("[1.5]", "", "foreach_1_5_1")]
    [InlineData("[true]", "", "foreach_true_1")]
    [InlineData("[{a = 1, b = 2}]", "id = \"b\"", "foreach_2_1")]
    public void An_item_is_named_by_what_it_is(string collection, string more, string id) => Assert.Equal(
        [$"foreach.f/{id}/sample.process.p"], Ids(Loading.Good($$"""
            foreach "f" {
              collection = {{collection}}
              var        = "x"
              {{more}}
              template {
                sample.process "p" { forward_to = [] }
              }
            }
            """)));

    [Fact]
    public void An_object_keeps_its_name_whatever_the_order_of_its_fields_and_gives_no_secret_away()
    {
        string Name(Value value) => LoopItems.Of(new ForeachOptions { Collection = [value] }).Single().Id;
        ObjectValue Item(params (string Name, Value Value)[] fields) =>
            new(fields.Select(field => KeyValuePair.Create(field.Name, field.Value)));

        var one = Name(Item(("a", NumberValue.Of(1.0)), ("b", new SecretValue("x"))));
        var other = Name(Item(("b", new SecretValue("y")), ("a", NumberValue.Of(1.0))));
        var third = Name(Item(("b", new SecretValue("y")), ("a", NumberValue.Of(2.0))));

        Assert.Equal(one, other);
        Assert.NotEqual(one, third);
    }

    [Fact]
    public void Mistakes_of_a_foreach_are_found_without_items()
    {
        var errors = Loading.Errors("""
            foreach "a" {
              collection = []
              var        = "each"
              template {
                sample.process "p" { forward_to = each.x + nothing }
                argument "x" { }
              }
            }
            foreach "b" {
              collection = 1
              var        = "1x"
              template { }
            }
            foreach "c" {
              collection = []
              var        = "x"
            }
            sample.process "out" { forward_to = [sample.process.p.receiver] }
            """);

        Assert.Equal(
        [
            "0:5 identifier \"nothing\" does not exist",
            "0:6 block \"argument\" stands outside of a declaration",
            "0:10 expected list(any), got number",
            "0:14 \"foreach\" needs one block \"template\", it has 0",
            "0:18 component \"sample.process.p\" does not exist",
        ], errors);
        Assert.Equal(["0:1 var: \"1x\" is no name that expressions can use"],
            Loading.Errors("foreach \"b\" {\ncollection = []\nvar = \"1x\"\ntemplate { }\n}"));
    }

    [Fact]
    public void A_foreach_stands_in_declarations_and_in_another_foreach()
    {
        var loaded = Loading.Good("""
            declare "many" {
              argument "names" { }
              foreach "n" {
                collection = argument.names.value
                var        = "name"
                template {
                  foreach "m" {
                    collection = [name + "1"]
                    var        = "inner"
                    template {
                      sample.write "w" {
                        endpoint { url = name + inner }
                      }
                    }
                  }
                }
              }
            }
            many "two" { names = ["a", "b"] }
            """);

        Assert.Equal(
        [
            "many.two/foreach.n/foreach_a_1/foreach.m/foreach_a1_1/sample.write.w",
            "many.two/foreach.n/foreach_b_1/foreach.m/foreach_b1_1/sample.write.w",
        ], Ids(loaded));
        var options = (SampleWrite)Loading.Evaluate(loaded, Ids(loaded).Last());
        Assert.Equal("bb1", options.Endpoints[0].Url);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Damaged_modules_are_loaded_without_a_crash(int seed)
    {
        const string main = """
            import.sample "lib" { }
            declare "own" {
              argument "x" {
                optional = true
                default  = module_path
              }
              lib.writer "w" { url = argument.x.value + "a" }
              export "r" { value = [lib.writer.w.receiver] }
            }
            foreach "f" {
              collection = [{n = 1}, {n = 2}]
              var        = "each"
              id         = "n"
              template {
                own "o" { x = each.n + "x" }
                sample.process "p" { forward_to = array.concat(own.o.r, own.o.r) }
              }
            }
            """;
        var random = new Random(seed);
        string Damaged(string valid)
        {
            var (from, to) = (random.Next(valid.Length), random.Next(valid.Length));
            return valid.Remove(from, Math.Min(random.Next(6), valid.Length - from))
                + (random.Next(2) == 0 ? "" : valid[Math.Min(from, to)..Math.Max(from, to)]);
        }

        for (var run = 0; run < 500; run++)
        {
            var (text, module) = (Damaged(main), random.Next(3) == 0 ? Damaged(Module) : Module);
            var found = new DiagnosticBag();

            var loaded = Loading.Load(Knowing("import.sample.lib", module), found, text);

            Assert.True(loaded is null == found.HasErrors, $"seed {seed}: {text}\n{module}");
            foreach (var block in loaded?.Components ?? []) block.Evaluate(_ => null, new DiagnosticBag());
        }
    }
}
