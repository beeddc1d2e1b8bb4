using System.Buffers;
using Weir.Node.Sources.Files.Native;
using Weir.Node.Sources.Files.Reading;
using Weir.Protocol.Batches;

namespace Weir.Node.Sources.Files;

/// <summary>A file beside a target, perhaps what the target was before a rotation.</summary>
internal readonly record struct Sibling(string Path, FileFacts Facts);

/// <summary>Finds what rotation made of a file, among the files of its directory.</summary>
internal static class Siblings
{
    private static readonly string[] Compressed = [".gz", ".bz2", ".xz", ".zst", ".zip", ".lz4", ".z", ".Z"];

    private static readonly SearchValues<char> Dates = SearchValues.Create("0123456789.-_:TZ");

    private static readonly string[] RotatedWords = ["old", "bak", "prev"];

    /// <summary>Whether two listings name the same files alike.</summary>
    public static bool AreSame(List<Sibling> siblings, List<Sibling> others) =>
        siblings.Select(Identify).ToHashSet().SetEquals(others.Select(Identify));

    /// <summary>The other regular files of the directory; none where it cannot be read.</summary>
    public static List<Sibling> Of(string path)
    {
        var siblings = new List<Sibling>();
        try
        {
            foreach (var file in Directory.EnumerateFiles(Path.GetDirectoryName(path) ?? "/"))
            {
                if (file != path && FileFacts.TryRead(file, out var facts, out _) && facts.Kind == FileKind.Regular)
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

    /// <summary>The file that the position was taken in, under another name: the inode is the same, and so is what was
    /// read.</summary>
    public static Sibling? Renamed(List<Sibling> siblings, SourcePosition position, FilePlace place)
    {
        foreach (var sibling in siblings)
            if (sibling.Facts.Identity == place.Identity && Has(sibling, position, place)) return sibling;
        return null;
    }

    /// <summary>The file that the position was taken in, under another name, but emptied since: born at the same
    /// time.</summary>
    public static Sibling? Emptied(List<Sibling> siblings, FilePlace place)
    {
        foreach (var sibling in siblings)
            if (place.Born != 0 && sibling.Facts.Identity == place.Identity && sibling.Facts.Born == place.Born)
                return sibling;
        return null;
    }

    /// <summary>Whether a file begins as another does: it is being copied, and will be emptied next.</summary>
    public static bool BeginAlike(Sibling sibling, IFileContent file)
    {
        using var handle = NativeFile.TryOpen(sibling.Path, out _);
        if (handle is null) return false;
        Span<byte> mine = stackalloc byte[FilePlace.HeadBytesMax];
        Span<byte> others = stackalloc byte[FilePlace.HeadBytesMax];
        using var content = new PlainContent(handle);
        mine = mine[..content.Read(mine, 0)];
        others = others[..file.Read(others, 0)];
        var length = Math.Min(mine.Length, others.Length);
        return length > 0 && mine[..length].SequenceEqual(others[..length]);
    }

    /// <summary>A copy of the file that the position was taken in: it has what was read, and was written no
    /// earlier.</summary>
    public static Sibling? Copied(List<Sibling> siblings, string path, SourcePosition position, FilePlace place)
    {
        var stem = Path.GetFileNameWithoutExtension(path);
        Sibling? newest = null;
        foreach (var sibling in siblings)
        {
            if (position.Offset == 0 || sibling.Facts.Identity == place.Identity || sibling.Facts.Size < position.Offset
                || sibling.Facts.Modified < place.Modified || sibling.Facts.Born < newest?.Facts.Born
                || !Path.GetFileName(sibling.Path).StartsWith(stem, StringComparison.Ordinal)) continue;
            if (Has(sibling, position, place)) newest = sibling;
        }

        return newest;
    }

    /// <summary>Files that the path named for a time, unseen, or copies of them: no older than the last one
    /// seen.</summary>
    /// <param name="last">The last one seen.</param>
    /// <param name="now">What the path names now; null: nothing.</param>
    /// <returns>By the time of their last line. Only names that look rotated, for a neighbour may just share the
    /// beginning of its name.</returns>
    public static List<Sibling> Missed(List<Sibling> siblings, string path, FilePlace last, FileFacts? now)
    {
        var missed = new List<Sibling>();
        foreach (var sibling in siblings)
        {
            var facts = sibling.Facts;
            if (facts.Identity == last.Identity || facts.Identity == now?.Identity) continue;
            if (facts.Born < last.Born || facts.Modified < last.Modified) continue;
            if (LooksRotated(Path.GetFileName(sibling.Path), Path.GetFileName(path))) missed.Add(sibling);
        }

        missed.Sort((a, b) => (a.Facts.Modified, a.Facts.Born).CompareTo((b.Facts.Modified, b.Facts.Born)));
        return missed;
    }

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

    private static (string Path, FileIdentity Identity) Identify(Sibling sibling) =>
        (sibling.Path, sibling.Facts.Identity);

    public static bool Has(Sibling sibling, SourcePosition position, FilePlace place)
    {
        using var handle = NativeFile.TryOpen(sibling.Path, out _);
        if (handle is null) return false;
        using var content = new PlainContent(handle);
        return place.IsIn(content, sibling.Facts.Size, position.Offset);
    }
}
