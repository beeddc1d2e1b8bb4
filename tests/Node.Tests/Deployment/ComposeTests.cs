using System.Text.RegularExpressions;
using Weir.Node.Agent;
using Weir.Routing.Language;
using Weir.Support;

namespace Weir.Node.Tests.Deployment;

/// <summary>What <c>deploy/compose</c> ships has to load as it stands.</summary>
public sealed partial class ComposeTests
{
    private static readonly string Folder = Path.Combine(Repository.Root, "deploy", "compose");

    // Made by the operator, as the first lines of the file say.
    private static readonly string[] Made = ["token"];

    public static TheoryData<string> Configurations => [.. Files("*.alloy")];

    public static TheoryData<string> ComposeFiles => [.. Files("compose.yaml")];

    [Theory]
    [MemberData(nameof(Configurations))]
    public void Every_configuration_loads(string path)
    {
        var read = new ConfigurationReader(Stability.GenerallyAvailable, new ConfigurationFormat(IsPromtail: false))
            .ReadPath(Path.Combine(Folder, path));

        Assert.Empty(read.Errors);
        Assert.NotEmpty(read.Plans!);
    }

    [Theory]
    [MemberData(nameof(ComposeFiles))]
    public void Every_file_that_a_service_mounts_is_there(string path)
    {
        var file = Path.Combine(Folder, path);

        var mounted = Mount().Matches(File.ReadAllText(file)).Select(match => match.Groups[1].Value).Except(Made);

        Assert.All(mounted, name => Assert.True(
            File.Exists(Path.Combine(Path.GetDirectoryName(file)!, name)), $"{path} mounts {name}"));
    }

    private static IEnumerable<string> Files(string pattern) =>
        Directory.EnumerateFiles(Folder, pattern, SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(Folder, file)).Order(StringComparer.Ordinal);

    [GeneratedRegex(@"\./([^:\s""]+):/")]
    private static partial Regex Mount();
}
