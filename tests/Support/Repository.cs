namespace Weir.Support;

/// <summary>The checkout that the tests were built from.</summary>
public static class Repository
{
    /// <summary>Path of its folder.</summary>
    public static string Root { get; } = Find();

    private static string Find()
    {
        for (var folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
            if (File.Exists(Path.Combine(folder, "Cluster.sln"))) return folder;
        throw new DirectoryNotFoundException("Cluster.sln is in no folder above the tests");
    }
}
