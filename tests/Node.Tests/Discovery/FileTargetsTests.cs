using Weir.Node.Tests.Modules;
using Weir.Routing.Components;

namespace Weir.Node.Tests.Discovery;

public sealed class FileTargetsTests
{
    private const string Configuration = """
        discovery.file "d" {
          files            = ["FOLDER/*.json", "FOLDER/one.yml"]
          refresh_interval = "50ms"
        }
        discovery.relabel "r" { targets = discovery.file.d.targets }
        """;

    private static IEnumerable<string> Addresses(RunningModules rig)
    {
        var exports = (Routing.Relabeling.DiscoveryRelabelExports)rig["discovery.relabel.r"].Exports!;
        return exports.Output.Select(target =>
            $"{target["__address__"]} {Path.GetFileName(target["__meta_filepath"])}");
    }

    [Fact]
    public async Task Targets_of_all_files_reach_those_who_refer_to_them_and_follow_changes()
    {
        await using var rig = new RunningModules();
        rig.Write("a.json", """[{"targets": ["a:1"]}]""");
        rig.Write("one.yml", "- targets: [y:1]\n");
        var errors = await rig.LoadAsync(Configuration);
        await rig.UntilAsync("both files", () => Addresses(rig).Count() == 2);
        var first = Addresses(rig).ToList();

        rig.Write("b.json", """[{"targets": ["b:1", "b:2"]}]""");
        await rig.UntilAsync("the new file", () => Addresses(rig).Count() == 4);
        File.Delete(Path.Combine(rig.Folder, "a.json"));
        await rig.UntilAsync("the deleted file is gone", () => Addresses(rig).Count() == 3);

        Assert.Empty(errors);
        Assert.Equal(["a:1 a.json", "y:1 one.yml"], first);
        Assert.Equal(["b:1 b.json", "b:2 b.json", "y:1 one.yml"], Addresses(rig));
    }

    [Fact]
    public async Task A_file_that_cannot_be_read_keeps_its_targets_and_the_health_names_it()
    {
        await using var rig = new RunningModules();
        rig.Write("a.json", """[{"targets": ["a:1"]}]""");
        rig.Write("one.yml", "- targets: [y:1]\n");
        await rig.LoadAsync(Configuration);
        await rig.UntilAsync("both files", () => Addresses(rig).Count() == 2);

        rig.Write("a.json", "[{");
        var line = await rig.Log.SeenAsync("discovery.file.d: unhealthy");
        rig.Write("one.yml", "- targets: [y:2]\n");
        await rig.UntilAsync("the other file", () => Addresses(rig).Last() == "y:2 one.yml");

        Assert.Contains("a.json: the text is no valid JSON", line, StringComparison.Ordinal);
        Assert.Equal(["a:1 a.json", "y:2 one.yml"], Addresses(rig));
        Assert.Equal(HealthState.Unhealthy, rig["discovery.file.d"].Health.State);
    }

    [Theory]
    [InlineData("[]", "it must name a file")]
    [InlineData("[\"/a/b.txt\"]", "is no path of a .json, .yml or .yaml file")]
    [InlineData("[\"/*/b.json\"]", "with one * in its name")]
    [InlineData("[\"/a/*b*.json\"]", "with one * in its name")]
    public async Task Paths_that_cannot_be_are_refused(string files, string problem)
    {
        await using var rig = new RunningModules();

        var errors = await rig.LoadAsync($"discovery.file \"d\" {{ files = {files} }}");

        Assert.Contains(problem, Assert.Single(errors), StringComparison.Ordinal);
    }
}
