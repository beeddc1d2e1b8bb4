using Weir.Routing.Language;

namespace Weir.Node.Modules;

/// <summary>The files that together are one configuration or module.</summary>
internal static class ModuleFiles
{
    /// <summary>What is read of a folder; not of folders in it.</summary>
    private const string FolderPattern = "*.alloy";

    /// <summary>Reads a file, or all <c>*.alloy</c> files of a folder in the order of their names.</summary>
    /// <exception cref="IOException">Nothing is there, or it cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not read it.</exception>
    public static IReadOnlyList<SourceFile> Read(string path)
    {
        if (!Directory.Exists(path)) return [SourceFile.Decode(path, File.ReadAllBytes(path))];
        var files = Directory.GetFiles(path, FolderPattern).Order(StringComparer.Ordinal).ToList();
        if (files.Count == 0) throw new FileNotFoundException($"the folder has no {FolderPattern} file");
        return [.. files.Select(file => SourceFile.Decode(file, File.ReadAllBytes(file)))];
    }
}
