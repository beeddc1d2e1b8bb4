using Weir.Node.Agent;

namespace Weir.Node.Tests.Agent;

public sealed class HostFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("weir-hosts-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("puck", "puck.alloy")]
    [InlineData("puck.incus", "puck.alloy")]
    [InlineData("oberon.incus", "oberon.incus.alloy")]
    [InlineData("titania", "default.alloy")]
    public void A_host_has_its_own_file_or_the_default_one(string host, string expected)
    {
        foreach (var name in new[] { "puck", "oberon", "oberon.incus", "default" })
            File.WriteAllText(Path.Combine(_folder, $"{name}.alloy"), "");

        Assert.Equal(Path.Combine(_folder, expected), HostFile.In(_folder, host));
    }
}
