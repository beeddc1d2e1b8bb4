using Weir.Node.Admin;
using Weir.Node.Tests.Admin;
using Weir.Routing.Components;

namespace Weir.Node.Tests.Modules;

/// <summary>Modules in files, taken over while the configuration runs.</summary>
public sealed class ModuleReloadTests
{
    private const string Main = """
        import.file "lib" {
          filename       = "FOLDER/lib.alloy"
          poll_frequency = "50ms"
        }
        lib.pipe "a" { to = [loki.echo.e.receiver] }
        loki.echo "e" { }
        """;

    private const string Module = """
        declare "pipe" {
          argument "to" { }
          loki.process "NAME" { forward_to = argument.to.value }
        }
        """;

    private static string ModuleWith(string name) => Module.Replace("NAME", name, StringComparison.Ordinal);

    [Fact]
    public async Task A_changed_module_is_taken_over_and_a_bad_one_is_not()
    {
        await using var rig = new RunningModules();
        rig.Write("lib.alloy", ModuleWith("one"));
        var errors = await rig.LoadAsync(Main);
        var first = rig.Ids.ToList();

        rig.Write("lib.alloy", ModuleWith("two"));
        await rig.Log.SeenAsync("lib.pipe.a/loki.process.one: removed");
        var second = rig.Ids.ToList();
        rig.Write("lib.alloy", ModuleWith("three").Replace("argument.to", "argument.from", StringComparison.Ordinal));
        await rig.Log.SeenAsync("import.file.lib: cannot be taken over");
        var (third, refused) = (rig.Ids.ToList(), rig["import.file.lib"].Health);
        rig.Write("lib.alloy", ModuleWith("four"));
        await rig.Log.SeenAsync("lib.pipe.a/loki.process.two: removed");

        Assert.Empty(errors);
        Assert.Equal(["import.file.lib", "loki.echo.e", "lib.pipe.a/loki.process.one"], first);
        Assert.Equal(["import.file.lib", "loki.echo.e", "lib.pipe.a/loki.process.two"], second);
        Assert.Equal(second, third);
        Assert.Equal(HealthState.Unhealthy, refused.State);
        Assert.Contains("argument \"from\" is not declared", refused.Message, StringComparison.Ordinal);
        Assert.Contains("lib.alloy:3:", refused.Message, StringComparison.Ordinal);
        Assert.Contains("lib.pipe.a/loki.process.four", rig.Ids);
        Assert.Equal(HealthState.Healthy, rig["import.file.lib"].Health.State);
    }

    [Fact]
    public async Task A_component_of_a_module_is_found_by_its_whole_id()
    {
        await using var rig = new RunningModules();
        rig.Write("lib.alloy", ModuleWith("one"));
        await rig.LoadAsync(Main);
        await using var admin = await AdminRig.StartAsync(
            new AdminAccess(new HttpBlockOptions()), new ComponentRoutes(() => rig.Graph.Components));

        var answer = await admin.GetAsync("/api/v1/components/lib.pipe.a/loki.process.one");

        Assert.Contains("\"id\": \"lib.pipe.a/loki.process.one\"", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_module_with_a_syntax_error_is_not_taken_over()
    {
        await using var rig = new RunningModules();
        rig.Write("lib.alloy", ModuleWith("one"));
        await rig.LoadAsync(Main);

        rig.Write("lib.alloy", "declare \"pipe\" {");
        var line = await rig.Log.SeenAsync("import.file.lib: unhealthy");

        Assert.Contains("lib.alloy:1:", line, StringComparison.Ordinal);
        Assert.Contains("lib.pipe.a/loki.process.one", rig.Ids);
    }

    [Fact]
    public async Task A_folder_is_one_module_and_what_is_not_there_is_an_error_with_its_place()
    {
        await using var rig = new RunningModules();
        Directory.CreateDirectory(Path.Combine(rig.Folder, "lib.alloy"));
        rig.Write("lib.alloy/a.alloy", "declare \"pipe\" {\n argument \"to\" { }\n inner \"i\" { }\n}");
        rig.Write("lib.alloy/b.alloy", "declare \"inner\" {\n loki.echo \"x\" { }\n}");

        var errors = await rig.LoadAsync(Main);
        var missing = await rig.LoadAsync(Main.Replace("lib.alloy", "none", StringComparison.Ordinal));

        Assert.Empty(errors);
        Assert.Contains("lib.pipe.a/inner.i/loki.echo.x", rig.Ids);
        Assert.StartsWith("main.alloy:1:1: error: the module cannot be read", Assert.Single(missing),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_text_from_a_file_is_a_module_and_a_list_from_a_file_makes_components()
    {
        await using var rig = new RunningModules();
        rig.Write("lib", ModuleWith("one"));
        rig.Write("list", """["x", "y"]""");
        var errors = await rig.LoadAsync("""
            local.file "lib" { filename = "FOLDER/lib" }
            local.file "list" {
              filename       = "FOLDER/list"
              poll_frequency = "50ms"
            }
            import.string "lib" { content = local.file.lib.content }
            foreach "f" {
              collection = encoding.from_json(local.file.list.content)
              var        = "item"
              template {
                lib.pipe "p" { to = [loki.echo.e.receiver] }
              }
            }
            loki.echo "e" { }
            """);
        var first = rig.Ids.ToList();

        rig.Write("list", """["y", "z"]""");
        await rig.Log.SeenAsync("foreach.f/foreach_x_1/lib.pipe.p/loki.process.one: removed");

        Assert.Empty(errors);
        Assert.Contains("foreach.f/foreach_x_1/lib.pipe.p/loki.process.one", first);
        Assert.Contains("foreach.f/foreach_y_1/lib.pipe.p/loki.process.one", rig.Ids);
        Assert.Contains("foreach.f/foreach_z_1/lib.pipe.p/loki.process.one", rig.Ids);
    }
}
