using System.IO.Enumeration;
using Weir.Node.Sources.Files.Native;

namespace Weir.Node.Sources.Files.Globbing;

/// <summary>Finds the regular files that a glob matches. Symbolic links are followed, each folder once on the way
/// down.</summary>
internal sealed class GlobWalker
{
    /// <summary>Deeper folders are not entered: a chain of links may be endless without being a loop.</summary>
    public const int DepthMax = 64;

    private static readonly EnumerationOptions Listing = new()
    {
        AttributesToSkip = 0,
        IgnoreInaccessible = false,
        ReturnSpecialDirectories = false,
        RecurseSubdirectories = false,
    };

    private readonly SortedSet<string> _found = new(StringComparer.Ordinal);
    private readonly List<FileIdentity> _above = [];

    private GlobWalker()
    {
    }

    /// <summary>Folders that were looked into, to be watched for new names.</summary>
    public HashSet<string> Folders { get; } = new(StringComparer.Ordinal);

    /// <summary>Folders that may not be read, with the reason.</summary>
    public SortedDictionary<string, string> Unreadable { get; } = new(StringComparer.Ordinal);

    /// <returns>The files, sorted; and what was met on the way.</returns>
    public static (IReadOnlyCollection<string> Files, GlobWalker Walk) Find(GlobPattern pattern)
    {
        var walker = new GlobWalker();
        foreach (var segments in pattern.Alternatives) walker.Enter("", segments);
        return (walker._found, walker);
    }

    private void Enter(string folder, ReadOnlySpan<GlobSegment> segments)
    {
        // Literal folders first, without listing them: they need not be readable.
        while (segments.Length > 1 && segments[0].Literal is { } literal)
        {
            folder = $"{folder}/{literal}";
            segments = segments[1..];
        }

        if (segments is [{ Literal: { } name }])
        {
            var path = $"{folder}/{name}";
            if (FileFacts.TryRead(path, out var facts, out _) && facts.Kind == FileKind.Regular) _found.Add(path);
            else Folders.Add(folder.Length == 0 ? "/" : folder);
            return;
        }

        var listed = folder.Length == 0 ? "/" : folder;
        if (segments.IsEmpty || _above.Count == DepthMax
            || !FileFacts.TryRead(listed, out var here, out _) || here.Kind != FileKind.Directory
            || _above.Contains(here.Identity)) return;
        _above.Add(here.Identity);
        foreach (var (entry, isFolder) in List(listed))
        {
            var path = $"{folder}/{entry}";
            if (segments[0].IsAnyDepth)
            {
                // "**" takes this folder and stays, or ends here; what follows it is tried below, once.
                if (isFolder) Enter(path, segments);
                else if (segments.Length == 1) Add(path);
            }
            else if (segments[0].Matches(entry))
            {
                if (isFolder) Enter(path, segments[1..]);
                else if (segments.Length == 1) Add(path);
            }
        }

        _above.RemoveAt(_above.Count - 1);
        if (segments[0].IsAnyDepth && segments.Length > 1) Enter(folder, segments[1..]);
    }

    private void Add(string path)
    {
        if (FileFacts.TryRead(path, out var facts, out _) && facts.Kind == FileKind.Regular) _found.Add(path);
    }

    private List<(string Name, bool IsFolder)> List(string folder)
    {
        Folders.Add(folder);
        var entries = new List<(string, bool)>();
        try
        {
            var listing = new FileSystemEnumerable<(string, bool)>(
                folder, static (ref FileSystemEntry entry) => (entry.FileName.ToString(), entry.IsDirectory), Listing);
            entries.AddRange(listing);
        }
        catch (UnauthorizedAccessException)
        {
            Unreadable[folder] = FileErrors.Text(LibC.ErrorAccess);
        }
        catch (DirectoryNotFoundException)
        {
            // It went away while we looked.
        }
        catch (IOException failed)
        {
            Unreadable[folder] = failed.Message;
        }

        return entries;
    }
}
