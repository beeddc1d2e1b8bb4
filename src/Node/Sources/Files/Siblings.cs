using System.Buffers;
using Weir.Node.Sources.Files.Native;

namespace Weir.Node.Sources.Files;

/// <summary>A file beside a target, perhaps what the target was before a rotation; or the target.</summary>
internal readonly record struct Sibling(string Path, FileFacts Facts);

/// <summary>Finds what rotation made of a file, among the files of its directory.</summary>
internal static class Siblings
{
    private static readonly string[] Compressed = [".gz", ".bz2", ".xz", ".zst", ".zip", ".lz4", ".z", ".Z"];

    private static readonly SearchValues<char> Dates = SearchValues.Create("0123456789.-_:TZ");

    private static readonly string[] RotatedWords = ["old", "bak", "prev"];

    /// <summary>Whether two listings name the same files alike, empty or not: a copy begins empty.</summary>
    public static bool AreSame(List<Sibling> siblings, List<Sibling> others) =>
        siblings.Select(Identify).ToHashSet().SetEquals(others.Select(Identify));

    /// <summary>The regular files of the directory that may have come of a path, and what it names itself; none
    /// where it cannot be read.</summary>
    /// <param name="anyName">Also those whose names have nothing in common with it.</param>
    public static List<Sibling> Of(string path, bool anyName = false)
    {
        var siblings = new List<Sibling>();
        try
        {
            foreach (var file in Directory.EnumerateFiles(Path.GetDirectoryName(path) ?? "/"))
            {
                if (!anyName && !BeginsAlike(file, path)) continue;
                if (FileFacts.TryRead(file, out var facts, out _) && facts.Kind == FileKind.Regular)
                    siblings.Add(new Sibling(file, facts));
            }
        }
        catch (IOException)
        {
            siblings.Clear(); // then the position's file counts as gone, which the caller reports
        }
        catch (UnauthorizedAccessException)
        {
            siblings.Clear();
        }

        return siblings;
    }

    /// <summary>Whether a name begins as another does before its extension.</summary>
    public static bool BeginsAlike(ReadOnlySpan<char> name, ReadOnlySpan<char> original) => Path.GetFileName(name)
        .StartsWith(Path.GetFileNameWithoutExtension(original), StringComparison.Ordinal);

    /// <summary>Orders what rotation made by when it ended. The times of a file system are some milliseconds coarse:
    /// where two are equal, older ones were renamed first.</summary>
    public static int CompareAge(in FileFacts a, in FileFacts b) =>
        (a.Modified, a.Changed, a.Born).CompareTo((b.Modified, b.Changed, b.Born));

    /// <summary>Whether a name is another with a number, a date or the word "old" added at the end or before the
    /// extension.</summary>
    internal static bool LooksRotated(ReadOnlySpan<char> name, ReadOnlySpan<char> original)
    {
        foreach (var extension in Compressed)
            if (name.EndsWith(extension, StringComparison.Ordinal)) return false;
        if (name.StartsWith(original, StringComparison.Ordinal)) return IsRotation(name[original.Length..]);
        var end = Path.GetExtension(original);
        var stem = original[..^end.Length];
        return end.Length > 0 && name.Length > original.Length && name.StartsWith(stem, StringComparison.Ordinal)
            && name.EndsWith(end, StringComparison.Ordinal) && IsRotation(name[stem.Length..^end.Length]);
    }

    private static bool IsRotation(ReadOnlySpan<char> added)
    {
        if (added.SequenceEqual("~")) return true;
        if (added.Length < 2) return false;
        foreach (var word in RotatedWords)
            if (added[1..].SequenceEqual(word)) return true;
        return added.ContainsAnyInRange('0', '9') && added.IndexOfAnyExcept(Dates) < 0;
    }

    private static (string Path, FileIdentity Identity, bool IsEmpty) Identify(Sibling sibling) =>
        (sibling.Path, sibling.Facts.Identity, sibling.Facts.Size == 0);
}
